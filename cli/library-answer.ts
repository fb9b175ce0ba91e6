import { cures, type ReaderCode } from '../reader/core/codes.ts';
import type { HeldCard, HoldOutcome, LibraryPlatform } from '../reader/library/held-card.ts';
import { PlatformUnreachable, PlatformProblem, type PlatformClient } from './platform-client.ts';
import { failureCode } from './reading-failure.ts';
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
  const cure = Object.hasOwn(cures, code)
    ? cures[code as ReaderCode]
    : platformIsAway.includes(code)
      ? outOfService
      : undefined;
  console.error(cure === undefined ? code : `${code}: ${cure.ja}\n${cure.en}`);
  const isAway = code.startsWith('reader-') || platformIsAway.includes(code);
  return isAway ? exitCodes.unavailable : exitCodes.failed;
}

/** Codes that say nothing of the card. */
const platformIsAway: readonly string[] = [
  'platform-unreachable',
  'dependency-unavailable',
  'internal-error',
];

const outOfService = {
  en: 'The platform is out of service for now. Hold the card again later.',
  ja: 'プラットフォームが一時的に使えません。時間をおいて、もう一度かざしてください。',
};
