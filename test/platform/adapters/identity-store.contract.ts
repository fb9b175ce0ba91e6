import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type {
  IdentityIndex,
  IdentityRange,
  IdentityScan,
  IdentityStore,
  ListPage,
  RecordChange,
  RecordContent,
  RecordKey,
} from '../../../lambdas/people/identity-store.ts';
import { peopleLimits } from '../../../lambdas/people/limits.ts';

const newKey = (pk = randomBytes(8).toString('hex'), sk = 'R'): RecordKey => ({ pk, sk });
const content = (key: RecordKey, octet = 1): RecordContent => ({
  ...key,
  sealed: Uint8Array.of(octet),
});
const create = (key: RecordKey, octet = 1): RecordChange => ({
  change: 'create',
  record: content(key, octet),
});

const octetAt = async (store: IdentityStore, key: RecordKey) => (await store.read(key))?.sealed[0];

/** What every identity store must hold to. */
export function identityStoreContract(
  open: () => IdentityStore & IdentityScan & IdentityRange & IdentityIndex,
): void {
  it('says which of many records exist, in more than one request', async () => {
    const store = open();
    const keys = Array.from({ length: 250 }, () => newKey());
    const there = [0, 99, 100, 249].map((n) => keys[n]!);
    for (const key of there) await store.write([create(key)]);
    const found = await store.existing(keys);
    expect(new Set(found.map(({ pk, sk }) => `${pk} ${sk}`))).toEqual(
      new Set(there.map(({ pk, sk }) => `${pk} ${sk}`)),
    );
    expect(found).toHaveLength(there.length);
    expect(await store.existing([])).toEqual([]);
  });

  it('gives back what was created, and nothing where nothing was', async () => {
    const store = open();
    const key = newKey();
    const record = { ...content(key), owner: Uint8Array.of(7), expiresAt: 1_900_000_000 };
    expect(await store.write([{ change: 'create', record }])).toBe(true);
    const { token, ...kept } = (await store.read(key))!;
    expect({ ...kept, sealed: [...kept.sealed], owner: [...kept.owner!] }).toEqual({
      ...record,
      sealed: [1],
      owner: [7],
    });
    expect(token).not.toBe('');
    expect(await store.read({ ...key, sk: 'S' })).toBeUndefined();
  });

  it('refuses more changes than one transaction holds', async () => {
    const store = open();
    const changes = Array.from({ length: peopleLimits.changesPerWrite + 1 }, () =>
      create(newKey()),
    );
    await expect(async () => store.write(changes)).rejects.toThrow(RangeError);
    expect(await store.write(changes.slice(1))).toBe(true);
  });

  it('lists a partition by prefix, whole or in pages', async () => {
    const store = open();
    const { pk } = newKey();
    const names = ['A#1', 'A#2', 'A#3', 'B#1'];
    for (const sk of names.toReversed()) await store.write([create({ pk, sk })]);
    const listed = async (page?: ListPage) =>
      (await store.list(pk, 'A#', page)).map(({ sk }) => sk);
    expect(await listed()).toEqual(names.slice(0, 3));
    expect(await listed({ limit: 2 })).toEqual(['A#1', 'A#2']);
    expect(await listed({ after: 'A#2', limit: 2 })).toEqual(['A#3']);
    expect(await listed({ after: 'A#3', limit: 2 })).toEqual([]);
  });

  it('creates a record once, and changes nothing of the others with it', async () => {
    const store = open();
    const [taken, other] = [newKey(), newKey()];
    await store.write([create(taken)]);
    expect(await store.write([create(taken, 2)])).toBe(false);
    expect(await store.write([create(other, 2), create(taken, 2)])).toBe(false);
    expect(await octetAt(store, taken)).toBe(1);
    expect(await store.read(other)).toBeUndefined();
  });

  it('allows exactly one of many concurrent creations', async () => {
    const store = open();
    const key = newKey();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.write([create(key, n), create(newKey())])),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await octetAt(store, key)).toBe(outcomes.indexOf(true));
  });

  it('replaces, deletes and builds upon what was read, and nothing else', async () => {
    const store = open();
    const [key, beside] = [newKey(), newKey()];
    await store.write([create(key)]);
    const { token: first } = (await store.read(key))!;
    const replace: RecordChange = { change: 'replace', record: content(key, 2), was: first };
    expect(await store.write([replace])).toBe(true);
    expect((await store.read(key))!.token).not.toBe(first);
    for (const stale of [
      replace,
      { change: 'delete', key, was: first },
      { change: 'none', key, was: first },
    ] as const) {
      expect(await store.write([stale, create(beside)])).toBe(false);
    }
    expect([await octetAt(store, key), await store.read(beside)]).toEqual([2, undefined]);
    const { token: second } = (await store.read(key))!;
    expect(await store.write([{ change: 'none', key, was: second }, create(beside)])).toBe(true);
    expect(await octetAt(store, key)).toBe(2);
    expect(await store.write([{ change: 'delete', key, was: second }])).toBe(true);
    expect(await store.read(key)).toBeUndefined();
  });

  it('takes a record that is gone for deleted, and replaces none', async () => {
    const store = open();
    const key = newKey();
    expect(await store.write([{ change: 'delete', key, was: 'x' }])).toBe(true);
    expect(await store.write([{ change: 'replace', record: content(key), was: 'x' }])).toBe(false);
    expect(await store.write([{ change: 'none', key, was: 'x' }, create(newKey())])).toBe(false);
    expect(await store.read(key)).toBeUndefined();
  });

  it('lists a partition by the beginning of its names', async () => {
    const store = open();
    const { pk } = newKey();
    await store.write(['A#1', 'A#2', 'B#1'].map((sk) => create({ pk, sk })));
    await store.write([create(newKey())]);
    expect((await store.list(pk, 'A#')).map(({ sk }) => sk).sort()).toEqual(['A#1', 'A#2']);
    expect(await store.list(pk, 'C#')).toEqual([]);
  });

  it('gives part of a partition in order, with both bounds and no more than was wanted', async () => {
    const store = open();
    const { pk } = newKey();
    for (const sk of ['B#3', 'B#1', 'A#9', 'B#2', 'C#0']) await store.write([create({ pk, sk })]);
    await store.write([create(newKey(undefined, 'B#2'))]);
    const names = async (from: string, to: string, limit: number) =>
      (await store.range(pk, from, to, limit)).map(({ sk }) => sk);
    expect(await names('B#1', 'B#3', 9)).toEqual(['B#1', 'B#2', 'B#3']);
    expect(await names('B#1', 'B#3', 2)).toEqual(['B#1', 'B#2']);
    expect(await names('B#2', 'B', 9)).toEqual([]);
  });

  it('walks over every record', async () => {
    const store = open();
    const keys = [newKey(), newKey()];
    await store.write(keys.map((key) => create(key)));
    const seen = new Set<string>();
    let from: unknown;
    do {
      const page = await store.scan(from);
      for (const { pk } of page.records) seen.add(pk);
      from = page.next;
    } while (from !== undefined);
    expect(keys.every(({ pk }) => seen.has(pk))).toBe(true);
  });
}
