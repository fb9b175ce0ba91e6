import { CompactEncrypt, importJWK, type JWK } from 'jose';
import type { BasicAttributes } from '../core/attributes.ts';
import { ReaderError } from '../core/reader-error.ts';

/**
 * Encrypts the four attributes as a compact JWE (RFC 7516) for the service: ECDH-ES+A256KW for an
 * elliptic-curve key, RSA-OAEP-256 for RSA, with A256GCM for the content.
 */
export async function encryptAttributes(attributes: BasicAttributes, jwk: JWK): Promise<string> {
  const alg = algorithmOf(jwk);
  try {
    const key = await importJWK(jwk, alg);
    return await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(attributes)))
      .setProtectedHeader({
        alg,
        enc: 'A256GCM',
        cty: 'application/json',
        ...(jwk.kid === undefined ? {} : { kid: jwk.kid }),
      })
      .encrypt(key);
  } catch {
    throw unusable();
  }
}

function algorithmOf(jwk: JWK): 'ECDH-ES+A256KW' | 'RSA-OAEP-256' {
  // A private key in the request means that the key is not exclusive to the service.
  if (jwk.d !== undefined) throw unusable();
  if (jwk.kty === 'EC' && (jwk.crv === 'P-256' || jwk.crv === 'P-384')) return 'ECDH-ES+A256KW';
  const modulusOctets = Buffer.from(jwk.n ?? '', 'base64url').length;
  if (jwk.kty === 'RSA' && modulusOctets >= 256) return 'RSA-OAEP-256';
  throw unusable();
}

const unusable = (): ReaderError =>
  new ReaderError('platform-refused', { step: 'key for the attributes' });
