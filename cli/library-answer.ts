import type { HeldCard, HoldOutcome, LibraryPlatform } from '../reader/library/held-card.ts';
import { PlatformUnreachable, PlatformProblem, type PlatformClient } from './platform-client.ts';
import { failureCode } from './reading-failure.ts';
import { staffText } from './reading-text.ts';
import { exitCodes } from './run-command.ts';

/** The platform as the library's own client uses it. */
export const libraryPlatform = (platform: PlatformClient): LibraryPlatform => ({
  open: (mode) => platform.request('POST', '/v1/reading-sessions', { mode }),
  outcome: async (sessionId) =>
    (await platform.request<{ result?: HoldOutcome }>('GET', `/v1/reading-sessions/${sessionId}`))
      .result,
  userNumber: async (person) => {
    const path = 'ppid' in person ? '/v1/links/lookup' : '/v1/library-links/lookup';
    try {
      const found = await platform.request<{ userNumber: string }>('POST', path, person);
      return found.userNumber;
    } catch (error) {
      if (error instanceof PlatformProblem && error.code === 'link-not-found') return undefined;
      throw error;
    }
  },
});

/** The user number of a held card, or the code by which reader or platform ended the reading. */
export async function heldCardOrCode(read: () => Promise<HeldCard>): Promise<HeldCard> {
  try {
    return await read();
  } catch (error) {
    const code = failureCode(error);
    if (code === undefined) throw error;
    // Why: no route, no name, no trust, no time.
    if (error instanceof PlatformUnreachable) console.error(error.message);
    // The platform's own words, where the reading screen has none.
    else if (error instanceof PlatformProblem && staffText(code) === undefined)
      console.error(error.message);
    return { code };
  }
}

/**
 * Delivers a number, or says on standard error why there is none.
 * @returns the exit code
 */
export async function writeAnswer(
  held: HeldCard,
  deliver: (userNumber: string) => Promise<void>,
): Promise<number> {
  if ('userNumber' in held) {
    await deliver(held.userNumber);
    return exitCodes.ok;
  }
  const { code } = held;
  const text = staffText(code);
  console.error(text === undefined ? code : `${code}: ${text[0]}\n${text[1]}`);
  const isAway = code.startsWith('reader-') || platformIsAway.includes(code);
  return isAway ? exitCodes.unavailable : exitCodes.failed;
}

/** Codes that say nothing of the card. */
const platformIsAway: readonly string[] = [
  'platform-unreachable',
  'dependency-unavailable',
  'internal-error',
];
