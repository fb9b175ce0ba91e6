import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ServiceForm } from '../services/service.ts';

export type ReadingSessionMode = 'pin' | 'hold';

/** Who has opened a session: the client that the login is for. */
export interface Opener {
  readonly clientId: string;
  readonly serviceId: string;
  readonly serviceType: ServiceForm;
  readonly sectorId: string;
}

/** waiting → reading (its ticket was claimed) → reported → ended. */
export interface ReadingSession {
  readonly sessionId: string;
  readonly opener: Opener;
  readonly mode: ReadingSessionMode;
  readonly enrolChip: boolean;
  /** Milliseconds since 1970, as are all times here. */
  readonly openedAt: number;
  /** Of the ticket; the ticket itself is kept nowhere. */
  readonly ticketDigest: string;
  readonly state: 'waiting' | 'reading' | 'reported' | 'ended';
  readonly claim?: Claim;
  /** base64 of the outcome, sealed under the service's key. */
  readonly outcome?: string;
}

export interface Claim {
  readonly claimedAt: number;
  readonly resultTokenDigest: string;
  /** The text that the card signs; of the mode `pin`. */
  readonly challenge?: string;
  /** base64url of the octets that the chip answers; of the mode `hold` and of an enrolment. */
  readonly chipChallenge?: string;
}

/** Port: sessions for as long as they are kept. Everything throws `dependency-unavailable`. */
export interface ReadingSessions {
  create(session: ReadingSession): Promise<void>;
  /** Strongly consistent; `version` names the write that made the session what it is. */
  read(
    sessionId: string,
  ): Promise<{ readonly session: ReadingSession; readonly version: string } | undefined>;
  /** By one conditional write; undefined: somebody else was first. Else the new version. */
  replace(session: ReadingSession, was: string): Promise<string | undefined>;
}

/** A one-time secret that names its session, and the digest that is kept of it. */
export function newBearer(sessionId: string): { readonly token: string; readonly digest: string } {
  const token = `${sessionId}.${randomBytes(32).toString('base64url')}`;
  return { token, digest: digestOf(token) };
}

/** The session that a ticket or a result token names; whether it is genuine, its digest tells. */
export const sessionOfBearer = (token: string): string | undefined =>
  /^([\w-]{1,64})\.[\w-]{43}$/.exec(token)?.[1];

export const fitsDigest = (token: string, digest: string): boolean =>
  timingSafeEqual(Buffer.from(digestOf(token)), Buffer.from(digest));

/** Of 256 random bits nobody finds the preimage. */
const digestOf = (token: string): string =>
  createHash('sha256').update(`my-key-platform/reading-session\n${token}`).digest('base64url');
