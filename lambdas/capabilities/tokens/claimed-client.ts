import { decodeJwt } from 'jose';

/**
 * Whom a JWT names, unverified: for the log line of a refusal only. Undefined for what does not look
 * like a client id, so that nobody writes a text of their own into the log.
 */
export function claimedClient(jwt: string): string | undefined {
  try {
    const { client_id: clientId, iss } = decodeJwt(jwt);
    const claimed = clientId ?? iss;
    return typeof claimed === 'string' && /^[\w-]{1,64}$/.test(claimed) ? claimed : undefined;
  } catch {
    return undefined;
  }
}
