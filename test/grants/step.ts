import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, PlatformUnderTest } from '../e2e/platform-under-test.ts';

/** A piece of what the platform is for. Throws where it does not do it. */
export interface Step {
  readonly name: string;
  run(platform: PlatformUnderTest): Promise<void>;
}

/** The anchor of most cards of the simulated J-LIS, as requests name it. */
export const issuer = 'user-authentication-2023';

/** @throws Error with the code of the answer */
export function expectStatus(status: number, answer: Answer): Answer {
  if (answer.status === status) return answer;
  throw new Error(`${answer.status} instead of ${status}: ${String(answer.body['code'])}`);
}

/**
 * Resolves once a function has written a log.
 * @param since `cloud.logs.length` at the beginning
 * @param text what the line contains
 */
export async function untilLogged(
  { sandbox }: PlatformUnderTest,
  name: string,
  since: number,
  text = '',
): Promise<void> {
  // A function that was killed starts anew first, on a busy machine after seconds.
  for (let n = 0; n < 160; n++) {
    const lines = sandbox.cloud.logs.slice(since);
    if (lines.some((line) => line.startsWith(`${name}: `) && line.includes(text))) return;
    await delay(50);
  }
  throw new Error(`${name} wrote no log`);
}

/** Serials of the simulated J-LIS's synthetic row; so many that a lookup loads the list's filter. */
export const manySerials: readonly string[] = Array.from({ length: 600 }, (_, n) =>
  (0x2000_0001 + n).toString(16),
);

/**
 * A filter that can't be read costs reads and changes no answer: only the log tells.
 * @throws Error where it says so
 */
export async function expectFilterRead(
  { sandbox }: PlatformUnderTest,
  since: number,
): Promise<void> {
  await delay(200);
  if (sandbox.cloud.logs.slice(since).some((line) => line.includes('"filter-unread"')))
    throw new Error('the filter was not read');
}
