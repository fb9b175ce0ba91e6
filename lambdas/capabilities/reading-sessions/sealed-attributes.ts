import { decodeProtectedHeader } from 'jose';
import { MyKeyError } from '../../errors.ts';
import type { ReadingSession } from './reading-session.ts';

/**
 * Checks that the four attributes are a compact JWE (RFC 7516 §3.1) for the service's key and bound
 * to the reading session by `apv` (RFC 7518 §4.6.1.3), which takes part in the key's derivation. Nobody but
 * the service can verify more than the header.
 * @returns the JWE, or undefined if the session asks for no attributes
 * @throws MyKeyError `attributes-invalid`
 */
export function attributesForSession(
  jwe: string | undefined,
  { sessionId, attributesKey }: Pick<ReadingSession, 'sessionId' | 'attributesKey'>,
): string | undefined {
  if (attributesKey === undefined) return undefined;
  const header = jwe === undefined ? undefined : headerOf(jwe);
  const isForSession =
    header?.alg === 'ECDH-ES' &&
    header.enc === 'A256GCM' &&
    header.kid === attributesKey.kid &&
    header['apv'] === Buffer.from(sessionId).toString('base64url');
  if (isForSession) return jwe;
  throw new MyKeyError('attributes-invalid', 'read the card again with a current reader program');
}

function headerOf(jwe: string): ReturnType<typeof decodeProtectedHeader> | undefined {
  // Direct key agreement: five parts, of which the encrypted key is empty.
  if (!/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/.test(jwe)) return undefined;
  try {
    return decodeProtectedHeader(jwe);
  } catch {
    return undefined;
  }
}
