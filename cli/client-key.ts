import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CommandFailure, exitCodes } from './run-command.ts';

/** A client's private key with its JWS header parameters. */
export interface ClientKey {
  readonly privateKey: KeyObject;
  /** JWS `alg` (RFC 7518 §3.1): the JWK's own, otherwise the default for its type. */
  readonly algorithm: ClientAlgorithm;
  /**
   * The JWK's own `kid`; undefined if the file has none, in which case the platform tries every
   * key.
   */
  readonly keyId: string | undefined;
  /** The `client_id` member that key files of the sandbox carry; undefined in others. */
  readonly clientId: string | undefined;
}

export type ClientAlgorithm = 'ES256' | 'ES384' | 'RS256' | 'PS256';

/**
 * Reads a private key from a JWK, a JWK Set with one private key, or PEM (PKCS#8, SEC 1, PKCS#1).
 * `algorithm` supplies the `alg` that PEM cannot carry.
 */
export async function readClientKey(path: string, algorithm?: string): Promise<ClientKey> {
  const text = await readFile(path, 'utf8');
  const { privateKey, ...named } = text.trimStart().startsWith('{')
    ? fromJson(text, path)
    : { privateKey: fromPem(text, path), kid: undefined, alg: undefined, clientId: undefined };
  return {
    privateKey,
    algorithm: algorithmOf(privateKey, path, algorithm ?? named.alg),
    keyId: named.kid,
    clientId: named.clientId,
  };
}

/** The public key as in the registered JWK Set. */
export function publicJwkOf(privateKey: KeyObject) {
  return createPublicKey(privateKey).export({ format: 'jwk' }) as JsonWebKey & { kty: string };
}

/**
 * Algorithms by key type, the default first. PS256: preferred for RSA by RFC 8725 §3.2 and FAPI.
 */
const algorithms: Readonly<Record<string, readonly ClientAlgorithm[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  rsa: ['PS256', 'RS256'],
};

/** @throws CommandFailure for an unsupported key type or an algorithm that does not match it */
export function algorithmOf(key: KeyObject, path: string, named?: string): ClientAlgorithm {
  const kind =
    key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : key.asymmetricKeyType;
  const fitting = algorithms[kind ?? ''];
  if (fitting === undefined) {
    throw new CommandFailure(
      `${path}: a client key is P-256, P-384 or RSA`,
      exitCodes.inputUnreadable,
    );
  }
  const found = named === undefined ? fitting[0] : fitting.find((one) => one === named);
  if (found !== undefined) return found;
  throw new CommandFailure(
    `${path}: this key signs by ${fitting.join(' or ')}, not by the alg that is given`,
    exitCodes.inputUnreadable,
  );
}

function fromJson(
  text: string,
  path: string,
): {
  privateKey: KeyObject;
  kid: string | undefined;
  alg: string | undefined;
  clientId: string | undefined;
} {
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
      alg: textMember(jwk, 'alg'),
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
