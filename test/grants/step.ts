import { setTimeout as delay } from 'node:timers/promises';
import type { Cloud } from '../../sandbox/cloud/start-cloud.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
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
 * @param since `cloud.logCount` at the beginning
 * @param text what the line contains
 */
export async function untilLogged(
  { sandbox }: PlatformUnderTest,
  name: string,
  since: number,
  text = '',
): Promise<void> {
  const written = (): true | undefined =>
    sandbox.cloud
      .logsSince(since)
      .some((line) => line.startsWith(`${name}: `) && line.includes(text)) || undefined;
  // A function that was killed starts anew first, on a busy machine after seconds.
  await until(sandbox, written, { everyMs: 50, withinMs: 20_000, or: `${name} wrote no log` });
}

interface Patience {
  readonly everyMs: number;
  readonly withinMs: number;
  /** Message of the error when it never comes. */
  readonly or: string;
}

/**
 * The first answer of `look` that is not undefined. Gives up early where a withheld grant was missed
 * and nothing goes on without it.
 * @throws Error when it gives up
 */
export async function until<T>(
  { cloud }: Sandbox,
  look: () => Promise<T | undefined> | T | undefined,
  { everyMs, withinMs, or }: Patience,
): Promise<T> {
  const hopeless = hopelessness(cloud);
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > giveUpAt || hopeless()) throw new Error(or);
    await delay(everyMs);
  }
}

/**
 * How long nothing may run, and how long anything, after an action was refused. A retry that waits
 * meets the same refusal.
 */
const idleMs = 1_000;
const retriesMs = 15_000;

/**
 * Asked again and again, tells when what is waited for will not come: a withheld grant was missed, and
 * since then nothing ran for a while, or retries have met the same refusal.
 */
export function hopelessness(cloud: Cloud): () => boolean {
  let missedAt: number | undefined;
  let idleSince: number | undefined;
  return () => {
    if (cloud.iam.missed.size === 0) return false;
    const now = performance.now();
    missedAt ??= now;
    idleSince = cloud.serving ? undefined : (idleSince ?? now);
    const idle = idleSince !== undefined && now - idleSince > idleMs;
    return idle || now - missedAt > retriesMs;
  };
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
  if (sandbox.cloud.logsSince(since).some((line) => line.includes('"filter-unread"')))
    throw new Error('the filter was not read');
}
