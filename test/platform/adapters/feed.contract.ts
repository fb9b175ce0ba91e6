import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { isCodedError } from '../../../lambdas/errors.ts';
import { appendEvents, readFeed } from '../../../lambdas/people/feed.ts';
import type { IdentityRange, IdentityStore } from '../../../lambdas/people/identity-store.ts';
import { peopleLimits } from '../../../lambdas/people/limits.ts';
import type { NewEvent } from '../../../lambdas/people/person-event.ts';
import { labelledKeys } from '../../fakes/identity-keys.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 22, 3);

/** As callers do: under so many conflicts, a table may answer that the call be repeated. */
async function repeated<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const isConflict = isCodedError(error) && error.code === 'dependency-unavailable';
      if (!isConflict || tries === 8) throw error;
    }
  }
}

/** What feeds need of an identity store. */
export function feedContract(open: () => IdentityStore & IdentityRange): void {
  const at = (now: number) => ({ store: open(), keys: labelledKeys(), now });
  it('gives concurrent readers what concurrent writers append: all, once, in one order', async () => {
    const serviceId = `svc_${randomBytes(6).toString('hex')}`;
    const count = peopleLimits.eventsPerBatch + 32;
    const events = Array.from({ length: count }, (_, number): NewEvent => ({
      type: 'person.suspended',
      ppid: 'abcdefgh'[number % 8]!.repeat(32),
      at: start + number,
      cause: String(number),
    }));
    const halves = [events.filter((_, n) => n % 2 === 0), events.filter((_, n) => n % 3 === 0)];
    await Promise.all([...halves, events].map((some) => appendEvents(at(start), serviceId, some)));
    const readAll = async (): Promise<readonly string[]> => {
      const seen: string[] = [];
      let after: number | undefined;
      for (let more = true; more;) {
        const page = await repeated(() =>
          readFeed(at(start + hour), serviceId, { after, limit: 40 }),
        );
        seen.push(...page.events.map(({ id }) => id));
        ({ last: after, more } = page);
      }
      return seen;
    };
    const readers = await Promise.all([readAll(), readAll(), readAll()]);
    expect(new Set(readers[0]).size).toBe(count);
    for (const seen of readers) expect(seen).toEqual(readers[0]);
  });
}
