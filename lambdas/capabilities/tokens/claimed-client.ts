import { decodeJwt } from 'jose';

/**
 * The client id that a JWT claims, unverified, only for the log line of a refusal. Undefined for
 * values without the form of a client id, so that callers cannot write arbitrary text to the log.
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
