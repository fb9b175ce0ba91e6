import { CompactEncrypt, importJWK, type JWK } from 'jose';
import type { BasicAttributes } from '../core/attributes.ts';
import { ReaderError } from '../core/reader-error.ts';

/**
 * Encrypts the four attributes as a compact JWE (RFC 7516) for the service: ECDH-ES on P-256 with
 * A256GCM. The session's id is `apv` (RFC 7518 §4.6.1.3) and takes part in the key's derivation.
 */
export async function encryptAttributes(
  attributes: BasicAttributes,
  jwk: JWK,
  sessionId = '',
): Promise<string> {
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
      .setKeyManagementParameters({ apv: new TextEncoder().encode(sessionId) })
      .encrypt(key);
  } catch {
    throw unusable();
  }
}

function algorithmOf(jwk: JWK): 'ECDH-ES' {
  // A private key in the request means that the key is not exclusive to the service.
  if (jwk.d !== undefined) throw unusable();
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return 'ECDH-ES';
  throw unusable();
}

const unusable = (): ReaderError =>
  new ReaderError('platform-refused', { step: 'key for the attributes' });
