import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import { challengeCure, challengeText, readChallengeText } from './challenge-text.ts';
import { challengeLimits } from './limits.ts';

export interface Challenge {
  /** ASCII text; the card signs its octets. */
  readonly text: string;
  /** Globally unique identifier of the challenge. */
  readonly nonce: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The client that requests or presents a challenge. */
export interface ChallengeBearer {
  readonly clientId: string;
  readonly serviceId: string;
}

/**
 * Port: the MAC key of the challenges, cached while a function is warm. Throws
 * `dependency-unavailable`.
 */
export type ChallengeKey = () => Promise<Uint8Array>;

/** Port: challenges already presented. Throws `dependency-unavailable`. */
export interface UsedChallenges {
  /**
   * Marks a challenge as used by one conditional write; false: another request has used it. A
   * repetition of the same request, recognised by its `requestToken`, returns true.
   */
  use(challenge: Pick<Challenge, 'nonce' | 'expiresAt'>, requestToken: string): Promise<boolean>;
}

/** Stateless: the challenge carries its own MAC, so nothing is stored. */
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
 * Reads no table: the MAC and the time in the text suffice.
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
  if (expiresAt <= now) throw new MyKeyError('challenge-expired', 'request a new challenge');
  return { text, nonce: claims.nonce, expiresAt };
}
