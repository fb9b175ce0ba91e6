import { type JsonWebKey, type KeyObject, createPrivateKey, createPublicKey } from 'node:crypto';
import { generateKeyPairSync, hash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** A P-256 key of an OAuth client, in a JWK file that only its owner may read. */
export interface ClientKeyPair {
  readonly keyFile: string;
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: JsonWebKey & { readonly kid: string };
}

/** Reads the key, or makes it where there is none. */
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

/** RFC 7638 §3.2: the required members of an EC key in lexicographic order. */
const thumbprint = ({ crv, kty, x, y }: JsonWebKey): string =>
  hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
