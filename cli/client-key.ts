import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint } from 'jose';
import { CommandFailure, exitCodes } from './run-command.ts';

/** A client's private key with what a JWS header says about it. */
export interface ClientKey {
  readonly privateKey: KeyObject;
  /** JWS `alg` (RFC 7518 §3.1) that this kind of key signs with. */
  readonly algorithm: 'ES256' | 'ES384' | 'PS256' | 'EdDSA';
  /** The JWK's own `kid`, else its thumbprint (RFC 7638), as `mykey jwks` writes it. */
  readonly keyId: string;
  /** The `client_id` member that key files of the sandbox carry; undefined in others. */
  readonly clientId: string | undefined;
}

/** Reads a private key from a JWK, a JWK Set with one private key, or PEM (PKCS#8, SEC 1, PKCS#1). */
export async function readClientKey(path: string): Promise<ClientKey> {
  const text = await readFile(path, 'utf8');
  const { privateKey, kid, clientId } = text.trimStart().startsWith('{')
    ? fromJson(text, path)
    : { privateKey: fromPem(text, path), kid: undefined, clientId: undefined };
  const publicJwk = publicJwkOf(privateKey);
  return {
    privateKey,
    algorithm: algorithmOf(privateKey, path),
    keyId: kid ?? (await calculateJwkThumbprint(publicJwk)),
    clientId,
  };
}

/** The public half as it stands in a JWKS. */
export function publicJwkOf(privateKey: KeyObject) {
  return createPublicKey(privateKey).export({ format: 'jwk' }) as JsonWebKey & { kty: string };
}

export function algorithmOf(key: KeyObject, path: string): ClientKey['algorithm'] {
  const kind =
    key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : key.asymmetricKeyType;
  switch (kind) {
    case 'prime256v1':
      return 'ES256';
    case 'secp384r1':
      return 'ES384';
    case 'rsa':
      return 'PS256';
    case 'ed25519':
      return 'EdDSA';
    default:
      throw new CommandFailure(
        `${path}: a client key is P-256, P-384, RSA or Ed25519`,
        exitCodes.inputUnreadable,
      );
  }
}

function fromJson(
  text: string,
  path: string,
): { privateKey: KeyObject; kid: string | undefined; clientId: string | undefined } {
  const unreadable = (why: string, cause?: unknown) =>
    new CommandFailure(`${path}: ${why}`, exitCodes.inputUnreadable, { cause });
  let parsed: JsonWebKey & { keys?: JsonWebKey[]; kid?: unknown };
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch (error) {
    throw unreadable('not JSON', error);
  }
  const jwk = Array.isArray(parsed.keys) ? parsed.keys.find((key) => 'd' in key) : parsed;
  if (jwk === undefined || !('d' in jwk)) throw unreadable('holds no private key');
  try {
    return {
      privateKey: createPrivateKey({ key: jwk, format: 'jwk' }),
      kid: textMember(jwk, 'kid'),
      clientId: textMember(jwk, 'client_id'),
    };
  } catch (error) {
    throw unreadable('not a private JWK', error);
  }
}

const textMember = (jwk: JsonWebKey, name: string): string | undefined => {
  const value = jwk[name];
  return typeof value === 'string' ? value : undefined;
};

function fromPem(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw new CommandFailure(
      `${path}: not an unencrypted PEM private key or JWK`,
      exitCodes.inputUnreadable,
      { cause: error },
    );
  }
}
