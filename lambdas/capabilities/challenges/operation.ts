import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import { challengeCure, challengeText, readChallengeText } from './challenge-text.ts';
import { challengeLimits } from './limits.ts';

export interface Challenge {
  /** ASCII; its octets are what the card signs. */
  readonly text: string;
  /** Names it among all. */
  readonly nonce: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Who asks for a challenge, or presents one. */
export interface ChallengeBearer {
  readonly clientId: string;
  readonly serviceId: string;
}

/** Port: the key of the challenges' MAC, kept while a function is warm. Throws `dependency-unavailable`. */
export type ChallengeKey = () => Promise<Uint8Array>;

/** Port: challenges that were presented. Throws `dependency-unavailable`. */
export interface UsedChallenges {
  /**
   * Marks a challenge as used by one conditional write; false: another request has used it. The same
   * request again, by its `requestToken`, is no second use: its first answer was lost.
   */
  use(challenge: Pick<Challenge, 'nonce' | 'expiresAt'>, requestToken: string): Promise<boolean>;
}

/** Writes nothing: what makes it genuine stands in it. */
export async function createChallenge(
  { clientId, serviceId }: ChallengeBearer,
  issuer: string,
  key: ChallengeKey,
  now: number,
): Promise<Challenge> {
  const nonce = randomBytes(16).toString('base64url');
  const claims = { issuer, serviceId, issuedAt: now, nonce };
  return {
    text: challengeText(claims, clientId, await key()),
    nonce,
    expiresAt: now + challengeLimits.lifetimeMs,
  };
}

/**
 * Reads nothing: the text is checked by its MAC and its own time.
 * @throws MyKeyError `challenge-not-found`, `challenge-expired`
 */
export async function openChallenge(
  text: string,
  { clientId, serviceId }: ChallengeBearer,
  key: ChallengeKey,
  now: number,
): Promise<Challenge> {
  const claims = readChallengeText(text, clientId, await key());
  if (claims === undefined || claims.serviceId !== serviceId) {
    throw new MyKeyError('challenge-not-found', challengeCure(text));
  }
  const expiresAt = claims.issuedAt + challengeLimits.lifetimeMs;
  if (expiresAt <= now) throw new MyKeyError('challenge-expired', 'take a new challenge');
  return { text, nonce: claims.nonce, expiresAt };
}
