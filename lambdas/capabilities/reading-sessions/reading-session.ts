import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { readingModes } from '../../../reader/protocol.ts';
import type { EncryptionKey, ServiceForm } from '../services/service.ts';

export type ReadingSessionMode = (typeof readingModes)[number];

/** The client that opened the session, for which the login is. */
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
  /** Library, mode `pin`: a My Key ID is issued to a holder who has none in force. */
  readonly myKeyId?: { readonly choice?: string | undefined } | undefined;
  /** Modes with attributes: the service's key as registered when the session was opened. */
  readonly attributesKey?: EncryptionKey;
  /** Milliseconds since 1970, like all times here. */
  readonly openedAt: number;
  /** Digest of the ticket; the ticket itself is not stored. */
  readonly ticketDigest: string;
  readonly state: 'waiting' | 'reading' | 'reported' | 'ended';
  readonly claim?: Claim;
  /** base64 of the outcome, encrypted with the service's key. */
  readonly outcome?: string;
  /** Digest of the one-time code for the outcome. */
  readonly handoverDigest?: string;
  /** Digest of what was reported, by which a repetition of the report is recognised. */
  readonly reportDigest?: string;
  readonly handoverUsed?: true;
}

export interface Claim {
  readonly claimedAt: number;
  readonly resultTokenDigest: string;
  /** Digest of the reader program's own token, by which a repetition of the claim is recognised. */
  readonly attemptDigest?: string;
  /** Modes with PIN: the text that the card signs. */
  readonly challenge?: string;
  /** Modes without PIN, and enrolments: base64url of the octets that the chip answers. */
  readonly chipChallenge?: string;
}

/** Port: sessions, until they expire. Every method can throw `dependency-unavailable`. */
export interface ReadingSessions {
  create(session: ReadingSession): Promise<void>;
  /** Strongly consistent; `version` identifies the last write to the session. */
  read(
    sessionId: string,
  ): Promise<{ readonly session: ReadingSession; readonly version: string } | undefined>;
  /** One conditional write; returns the new version, or undefined if another call wrote first. */
  replace(session: ReadingSession, was: string): Promise<string | undefined>;
}

/** A one-time secret that contains its session's id, and the digest that is stored. */
export function newBearer(sessionId: string): { readonly token: string; readonly digest: string } {
  const token = `${sessionId}.${randomBytes(32).toString('base64url')}`;
  return { token, digest: digestOf(token) };
}

/**
 * A one-time secret that is the same for every repetition of a call. Whoever computes it must know
 * `secrets`, of which at least one has 256 random bits and is not stored.
 */
export function derivedBearer(
  sessionId: string,
  purpose: 'result' | 'handover',
  ...secrets: readonly string[]
): { readonly token: string; readonly digest: string } {
  const derived = digestOf(JSON.stringify([purpose, ...secrets]));
  const token = `${sessionId}.${derived}`;
  return { token, digest: digestOf(token) };
}

/** The session id in a ticket or result token; the stored digest proves whether it is genuine. */
export const sessionOfBearer = (token: string): string | undefined =>
  /^([\w-]{1,64})\.[\w-]{43}$/.exec(token)?.[1];

export const fitsDigest = (token: string, digest: string): boolean =>
  timingSafeEqual(Buffer.from(digestOf(token)), Buffer.from(digest));

/** 256 random bits: the digest cannot be inverted. */
export const digestOf = (token: string): string =>
  createHash('sha256').update(`my-key-platform/reading-session\n${token}`).digest('base64url');
