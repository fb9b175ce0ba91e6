import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';

export interface Challenge {
  readonly challengeId: string;
  /** Who may present it. */
  readonly clientId: string;
  /** 32 random octets. */
  readonly octets: Uint8Array;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Port: challenges, each usable once. Throws `dependency-unavailable`. */
export interface ChallengeStore {
  keep(challenge: Challenge): Promise<void>;
  /**
   * Marks the challenge as presented by one conditional write; a second caller learns that it was.
   * `unknown` also for another client's challenge.
   */
  present(
    challengeId: string,
    clientId: string,
    now: number,
  ): Promise<
    | { readonly state: 'fresh'; readonly challenge: Challenge }
    | { readonly state: 'expired' | 'used' | 'unknown' }
  >;
}

/** Time for a person to find the card and type the PIN. */
const lifetimeMs = 5 * 60_000;

export async function createChallenge(
  store: ChallengeStore,
  clientId: string,
  now: number,
): Promise<Challenge> {
  const challenge: Challenge = {
    challengeId: randomBytes(16).toString('base64url'),
    clientId,
    octets: randomBytes(32),
    expiresAt: now + lifetimeMs,
  };
  await store.keep(challenge);
  return challenge;
}

/**
 * Uses the challenge up, whatever becomes of the attempt: a signature gets one try at one challenge.
 * @throws MyKeyError `challenge-not-found`, `challenge-expired`, `challenge-used`
 */
export async function presentChallenge(
  store: ChallengeStore,
  challengeId: string,
  clientId: string,
  now: number,
): Promise<Challenge> {
  const presented = await store.present(challengeId, clientId, now);
  if (presented.state === 'fresh') return presented.challenge;
  if (presented.state === 'expired') {
    throw new MyKeyError('challenge-expired', 'take a new challenge');
  }
  if (presented.state === 'used') {
    throw new MyKeyError('challenge-used', 'take a new challenge for every attempt');
  }
  throw new MyKeyError('challenge-not-found', 'this client has no such challenge');
}
