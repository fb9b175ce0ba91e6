import { runReading } from '../agent/run-reading.ts';
import type { ReadingPlatform } from '../agent/platform-client.ts';
import type { CardPort } from '../core/card-port.ts';
import type { Entry } from '../protocol.ts';

/** `hold`: without a PIN, under supervision; `pin`: with it, also at a kiosk. */
export type LibraryMode = 'hold' | 'pin';

/** The platform as the service's own client uses it. */
export interface LibraryPlatform {
  /** Opens a reading session. */
  open(mode: LibraryMode): Promise<{ readonly sessionId: string; readonly ticket: string }>;
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
export const userNumberOfHeldCard = (
  card: CardPort,
  agent: ReadingPlatform,
  platform: LibraryPlatform,
): Promise<HeldCard> =>
  userNumberOfCard('hold', card, agent, platform, {
    nextEntry: () => Promise.reject(new Error('a hold asks for nothing')),
  });

/**
 * The same in either mode.
 * @param holder asked for the PIN in mode `pin`, with the tries that the card has left
 */
export async function userNumberOfCard(
  mode: LibraryMode,
  card: CardPort,
  agent: ReadingPlatform,
  platform: LibraryPlatform,
  holder: { readonly nextEntry: (triesLeft: number | undefined) => Promise<Entry> },
): Promise<HeldCard> {
  const { sessionId, ticket } = await platform.open(mode);
  let code = 'internal-error';
  let question = Promise.withResolvers<number | undefined>();
  await runReading('held', ticket, undefined, {
    platform: agent,
    waitForCard: async () => card,
    tell: (event) => {
      if (event.event === 'failed') code = event.details.platformCode ?? event.code;
      if (event.event === 'entry-needed') question.resolve(event.wanted[0]?.triesLeft);
    },
    // The question follows this call, with the tries left.
    nextEntry: async () => {
      question = Promise.withResolvers<number | undefined>();
      return holder.nextEntry(await question.promise);
    },
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
