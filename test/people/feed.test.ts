import { describe, expect, it } from '@jest/globals';
import { array, assert, asyncProperty, constantFrom, nat, record } from 'fast-check';
import { isCodedError } from '../../lambdas/errors.ts';
import { appendEvents, readFeed } from '../../lambdas/people/feed.ts';
import type { NewEvent, PersonEvent } from '../../lambdas/people/person-event.ts';
import type { DerivedKey } from '../../lambdas/people/identity-keys.ts';
import { reseal } from '../../lambdas/people/reseal.ts';
import { unseal } from '../../lambdas/people/seal.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { portsWith } from './scene.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 22, 3);

const ppidOf = (person: number): string => `${'abcdefghij'[person % 10]}`.repeat(32);
const event = (number: number, at: number, person = number): NewEvent => ({
  type: 'person.renewed',
  ppid: ppidOf(person),
  at,
  source: 'login',
  cause: `cause ${number}`,
});

function scene(store = memoryIdentityStore()) {
  let now = start;
  let version = 1;
  const ports = () => ({ ...portsWith({ store, keys: labelledKeys(version) }), now });
  return {
    store,
    ports,
    pass: (ms: number) => (now += ms),
    newVersion: () => (version += 1),
    now: () => now,
    append: (...events: readonly NewEvent[]) => appendEvents(ports(), 'svc_a', events),
    read: (after?: number, limit = 100) => readFeed(ports(), 'svc_a', { after, limit }),
  };
}

describe('a feed', () => {
  it('gives events after the hour in which they were appended, once each, with the day only', async () => {
    const { append, read, pass, now } = scene();
    await append(event(1, now()), event(2, now() + 1));
    expect(await read()).toEqual({ events: [], last: 0, more: false });
    pass(hour);
    const { events, last, more } = await read();
    expect([events.length, last, more]).toEqual([2, 2, false]);
    expect(events[0]).toEqual({
      id: expect.stringMatching(/^evt_[\w-]{22}$/),
      type: 'person.renewed',
      ppid: expect.any(String),
      at: Date.UTC(2026, 10, 22),
      source: 'login',
    });
    expect(await read(last)).toEqual({ events: [], last, more: false });
    expect((await read()).events).toEqual(events);
    expect((await read(1)).events).toEqual(events.slice(1));
  });

  it('tells an event once, however often it is appended', async () => {
    const { append, read, pass } = scene();
    await append(event(1, start));
    await append(event(1, start));
    pass(hour);
    expect((await read()).events).toHaveLength(1);
    pass(hour);
    await append(event(1, start), event(2, start));
    pass(hour);
    expect((await read(1)).events).toHaveLength(1);
  });

  it('returns events that another reader released between its reads of head and waiting events', async () => {
    const store = memoryIdentityStore();
    const { append, read, pass, ports } = scene(store);
    await append(event(1, start));
    pass(hour);
    await read();
    await append(event(2, start + hour), event(3, start + hour));
    pass(hour);
    let overtaken = false;
    const overtakenStore: typeof store = {
      ...store,
      async range(...interval) {
        if (!overtaken) {
          overtaken = true;
          await read();
        }
        return store.range(...interval);
      },
    };
    const page = await readFeed({ ...ports(), store: overtakenStore }, 'svc_a', {
      after: 1,
      limit: 100,
    });
    expect([page.events.length, page.last, page.more]).toEqual([2, 3, false]);
  });

  it('keeps the events of one person in the order of their times', async () => {
    const { append, read, pass } = scene();
    const times = [50, 10, 40, 20, 30];
    for (const at of times) await append({ ...event(at, start + at, 1), reason: String(at) });
    pass(hour);
    const reasons = (await read()).events.map(({ reason }) => Number(reason));
    expect(reasons).toEqual(times.toSorted((one, other) => one - other));
  });

  it('is read whole by pages of any size, also when more waits than one batch holds', async () => {
    const { append, read, pass } = scene();
    await append(...Array.from({ length: 250 }, (_, number) => event(number, start)));
    pass(hour);
    const seen: PersonEvent[] = [];
    let after: number | undefined;
    for (let more = true; more;) {
      const page = await read(after, 17);
      expect(page.events.length).toBeLessThanOrEqual(17);
      seen.push(...page.events);
      after = page.last;
      more = page.more;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(250);
    expect(seen).toHaveLength(250);
  });

  it('gives two services nothing in common: neither ids nor the order of persons', async () => {
    const { ports, pass } = scene();
    const orders: number[][] = [];
    const ids: string[] = [];
    for (const serviceId of ['svc_a', 'svc_b', 'svc_c'])
      await appendEvents(
        ports(),
        serviceId,
        [...Array(10).keys()].map((number) => event(number, start + number)),
      );
    pass(hour);
    for (const serviceId of ['svc_a', 'svc_b', 'svc_c']) {
      const { events } = await readFeed(ports(), serviceId, { after: undefined, limit: 100 });
      ids.push(...events.map(({ id }) => id));
      orders.push(events.map(({ ppid }) => 'abcdefghij'.indexOf(ppid[0]!)));
    }
    expect(new Set(ids).size).toBe(30);
    const ascending = [...Array(10).keys()];
    expect(orders.map((order) => order.toSorted((a, b) => a - b))).toEqual([
      ascending,
      ascending,
      ascending,
    ]);
    expect(new Set([...orders, ascending].map(String)).size).toBe(4);
  });

  it('takes a release that became visible before the one in between for nothing yet', async () => {
    const { store, append, read, pass } = scene();
    await append(event(1, start));
    pass(hour);
    expect((await read()).last).toBe(1);
    const range = store.range.bind(store);
    store.range = async (pk, from, to, limit) => {
      if (!pk.startsWith('Q#')) return range(pk, from, to, limit);
      store.range = range;
      for (const number of [2, 3]) {
        await append(event(number, start));
        pass(hour);
        await read();
      }
      return (await range(pk, from, to, limit)).slice(1);
    };
    expect(await read(1)).toMatchObject({ events: [], last: 1 });
    expect((await read(1)).events).toHaveLength(2);
  });

  it('tells a reader who was away too long, and no other', async () => {
    const { append, read, pass } = scene();
    await append(event(1, start));
    pass(hour);
    expect((await read()).last).toBe(1);
    pass(20 * day);
    await append(event(2, start));
    pass(hour);
    expect((await read(1)).last).toBe(2);
    pass(20 * day);
    await expect(read(0)).rejects.toMatchObject({ code: 'cursor-too-old' });
    expect((await read(1)).last).toBe(2);
    expect((await read()).events).toHaveLength(1);
    pass(20 * day);
    // Nobody lost anything: the feed was read often enough for waiting events not to expire.
    expect(await read(2)).toMatchObject({ events: [], last: 2 });
    await expect(read(1)).rejects.toMatchObject({ code: 'cursor-too-old' });
    expect(await read()).toMatchObject({ events: [], last: 2 });
  });

  it('tells a reader that waiting events may have expired unread', async () => {
    const { store, append, read, pass, now } = scene();
    await append(event(1, start));
    pass(hour);
    expect((await read()).last).toBe(1);
    pass(hour);
    await append(event(2, start));
    pass(33 * day);
    store.expire(now());
    await expect(read(1)).rejects.toMatchObject({ code: 'cursor-too-old' });
    const { events, last } = await read();
    expect(events).toEqual([]);
    await append(event(3, now()));
    pass(hour);
    expect((await read(last)).events).toHaveLength(1);
  });

  it('continues under a new key version, during and after re-sealing', async () => {
    const { store, ports, append, read, pass, newVersion } = scene();
    await append(event(1, start));
    pass(hour);
    await read();
    await append(event(2, start));
    newVersion();
    await append(event(3, start));
    pass(hour);
    const { events } = await read(1);
    expect(events).toHaveLength(2);
    const scan = () => reseal(undefined, { ...ports(), store, timeIsUp: () => false });
    await scan();
    expect((await scan()).records).toBe(0);
    newVersion();
    await append(event(4, start));
    pass(hour);
    expect((await read(3)).events).toHaveLength(1);
  });

  it('moves an idle head when records are re-sealed: its numbers go on', async () => {
    const { store, ports, append, read, pass, newVersion } = scene();
    await append(event(1, start));
    pass(hour);
    await read();
    for (let round = 0; round < 2; round++) {
      newVersion();
      const walked = await reseal(undefined, { ...ports(), store, timeIsUp: () => false });
      expect(walked.records).toBe(1);
    }
    await append(event(2, start));
    pass(hour);
    expect((await read(1)).last).toBe(2);
  });
});

describe('a stolen table', () => {
  it('reveals no PPID, no time finer than an hour, no service; a service key opens its own feed only', async () => {
    const { store, ports, pass } = scene();
    for (const serviceId of ['svc_a', 'svc_b'])
      await appendEvents(ports(), serviceId, [event(1, start + 1), event(2, start + 2)]);
    pass(hour);
    await readFeed(ports(), 'svc_a', { after: undefined, limit: 10 });
    await appendEvents(ports(), 'svc_a', [event(3, start + 3)]);
    const records = [...store.records.values()];
    const clear = JSON.stringify(
      records.map(({ pk, sk, expiresAt, sealed, owner }) =>
        [pk, sk, expiresAt, sealed, owner ?? []].map((part) =>
          typeof part === 'object' ? Buffer.from(part).toString('latin1') : part,
        ),
      ),
    );
    for (const secret of [ppidOf(1), ppidOf(2), 'svc_', String(start), 'renewed'])
      expect(clear).not.toContain(secret);
    for (const { expiresAt } of records)
      if (expiresAt !== undefined) expect((expiresAt * 1_000) % day).toBe(0);
    const opened = (key: DerivedKey) =>
      records.flatMap((record) =>
        (['value', 'owner'] as const).flatMap((part) => {
          const octets = part === 'value' ? record.sealed : record.owner;
          try {
            return octets === undefined ? [] : [unseal(key, record, octets, part)];
          } catch {
            return [];
          }
        }),
      );
    const { keys } = ports();
    expect(opened(await keys.index())).toEqual([{ serviceId: 'svc_a' }]);
    const ofA = JSON.stringify(opened(await keys.service('svc_a')));
    const ofB = JSON.stringify(opened(await keys.service('svc_b')));
    expect([ofA.includes(ppidOf(3)), ofB.includes(ppidOf(3))]).toEqual([true, false]);
  });
});

/** What may happen to a feed, in any order and at once. */
const kinds = ['append', 'append', 'repeat', 'read', 'read-together', 'pass', 'crash'] as const;

describe('many writers and readers that crash', () => {
  it('lose no event, double none, and show every reader the same order without gaps', async () => {
    const steps = array(record({ what: constantFrom(...kinds), size: nat(25) }), {
      minLength: 5,
      maxLength: 20,
    });
    await assert(asyncProperty(steps, lived), { numRuns: 15 });
  });
});

async function lived(
  steps: readonly { readonly what: (typeof kinds)[number]; readonly size: number }[],
): Promise<void> {
  const { store, append, read, pass, now } = scene();
  const write = store.write.bind(store);
  let crash: { left: number; readonly after: boolean } | undefined;
  store.write = async (changes) => {
    // Others run between the reads of a call and its write.
    await new Promise(setImmediate);
    if (crash === undefined || crash.left-- > 0) return write(changes);
    if (crash.after) await write(changes);
    throw new Error('killed');
  };
  const appended: NewEvent[] = [];
  let number = 0;
  const readers = [0, 0, 0].map(() => ({ after: 0, seen: [] as PersonEvent[] }));
  const next = async (reader: (typeof readers)[number], limit: number): Promise<boolean> => {
    const page = await read(reader.after, limit).catch((error: unknown) => {
      if (isCodedError(error) && error.code === 'dependency-unavailable') return undefined;
      if (error instanceof Error && error.message === 'killed') return undefined;
      throw error;
    });
    if (page === undefined) return true;
    expect(page.last).toBe(reader.after + page.events.length);
    reader.seen.push(...page.events);
    reader.after = page.last;
    return page.more;
  };
  for (const { what, size } of steps) {
    if (what === 'append') {
      const lists = [0, 1].map(() =>
        Array.from({ length: size }, () => event((number += 1), now(), number)),
      );
      appended.push(...lists.flat());
      const outcomes = await Promise.allSettled(lists.map((list) => append(...list)));
      crash = undefined;
      for (const [at, { status }] of outcomes.entries())
        if (status === 'rejected') await append(...lists[at]!);
    } else if (what === 'repeat') await append(...appended.slice(-size)).catch(() => undefined);
    else if (what === 'read') await next(readers[0]!, 1 + size);
    else if (what === 'read-together') await Promise.all(readers.map((one) => next(one, 1 + size)));
    else if (what === 'pass') pass(hour);
    else crash = { left: size % 7, after: size % 2 === 0 };
  }
  crash = undefined;
  await append(...appended);
  pass(hour);
  for (const reader of readers) while (await next(reader, 33));
  expect(readers[0]!.seen).toHaveLength(appended.length);
  expect(new Set(readers[0]!.seen.map(({ id }) => id)).size).toBe(appended.length);
  for (const { seen } of readers) expect(seen).toEqual(readers[0]!.seen);
}
