import { runReading } from '../agent/run-reading.ts';
import type { ReadingPlatform } from '../agent/platform-client.ts';
import type { CardPort } from '../core/card-port.ts';

/** The platform as the service's own client uses it. */
export interface LibraryPlatform {
  /** Opens a reading session in mode `hold`. */
  open(): Promise<{ readonly sessionId: string; readonly ticket: string }>;
  outcome(sessionId: string): Promise<HoldOutcome | undefined>;
  /** The number of the person in the library's system; undefined if none is linked. */
  userNumber(person: ReadPerson): Promise<string | undefined>;
}

/** What the platform calls the person: Type 1 by a PPID, a library by the My Key ID. */
export type ReadPerson = { readonly ppid: string } | { readonly myKeyId: string };

export type HoldOutcome =
  | ({ readonly outcome: 'read' } & ReadPerson)
  | { readonly outcome: 'refused' | 'failed'; readonly code: string };

/** What a held card is for the library; `code` is the reader's, the platform's, or `user-number-unknown`. */
export type HeldCard = { readonly userNumber: string } | { readonly code: string };

/**
 * The library user number of the card that lies on the reader, without a PIN: certificate and chip are
 * read in one session and judged by the platform. Whatever comes of the reading, its outcome is the
 * platform's, never the reader's word.
 */
export async function userNumberOfHeldCard(
  card: CardPort,
  agent: ReadingPlatform,
  platform: LibraryPlatform,
): Promise<HeldCard> {
  const { sessionId, ticket } = await platform.open();
  let code = 'internal-error';
  await runReading('held', ticket, undefined, {
    platform: agent,
    waitForCard: async () => card,
    tell: (event) => {
      if (event.event === 'failed') code = event.details.platformCode ?? event.code;
    },
    nextEntry: () => Promise.reject(new Error('a hold asks for nothing')),
    cancelled: new AbortController().signal,
  });
  const outcome = await platform.outcome(sessionId);
  // The session has no outcome where the reader could not report one.
  if (outcome === undefined) return { code };
  if (outcome.outcome !== 'read') return { code: outcome.code };
  const person = 'myKeyId' in outcome ? { myKeyId: outcome.myKeyId } : { ppid: outcome.ppid };
  const userNumber = await platform.userNumber(person);
  return userNumber === undefined ? { code: 'user-number-unknown' } : { userNumber };
}
