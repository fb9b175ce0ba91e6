import { type JsonWebKey, type KeyObject, createPrivateKey, createPublicKey } from 'node:crypto';
import { generateKeyPairSync, hash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** A P-256 key of an OAuth client, in a JWK file with mode 0600. */
export interface ClientKeyPair {
  readonly keyFile: string;
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: JsonWebKey & { readonly kid: string };
}

/** Reads the key, or generates it if the file does not exist. */
export function openClientKey(keyFile: string): ClientKeyPair {
  if (!existsSync(keyFile)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = privateKey.export({ format: 'jwk' });
    const stored = { ...jwk, kid: thumbprint(jwk), alg: 'ES256', use: 'sig' };
    writeFileSync(keyFile, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 });
  }
  const jwk = JSON.parse(readFileSync(keyFile, 'utf8')) as JsonWebKey & { kid: string };
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  const publicPart = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    keyFile,
    keyId: jwk.kid,
    privateKey,
    publicJwk: { ...publicPart, kid: jwk.kid, alg: 'ES256', use: 'sig' },
  };
}

/**
 * Adds the client id to its key file, where `npx mykey` looks for it; RFC 7517 §4 permits
 * additional members.
 */
export function nameClient(keyFile: string, clientId: string): void {
  const jwk = JSON.parse(readFileSync(keyFile, 'utf8')) as JsonWebKey;
  if (jwk['client_id'] === clientId) return;
  writeFileSync(keyFile, `${JSON.stringify({ ...jwk, client_id: clientId }, null, 2)}\n`);
}

/** RFC 7638 §3.2: the required members of an EC key in lexicographic order. */
const thumbprint = ({ crv, kty, x, y }: JsonWebKey): string =>
  hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
