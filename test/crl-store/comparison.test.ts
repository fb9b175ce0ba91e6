import { beforeEach, describe, expect, it } from '@jest/globals';
import { storeLimits } from '../../lambdas/crl-store/limits.ts';
import { ingestCrl } from '../../lambdas/crl-store/ingest/ingest-crl.ts';
import { differenceOf } from '../../lambdas/crl-store/lookup/list-difference.ts';
import type { CrlEntryTemplate } from '../../sandbox/pki/build-crl.ts';
import {
  buildList,
  createAuthority,
  fullSource,
  inChunks,
  issuerKeyIdFor,
  municipalSource,
  now,
  rulesFor,
  someEntries,
  type ListOptions,
} from './list-fixtures.ts';
import { MemoryLists } from '../../lambdas/platform/adapters/memory/memory-lists.ts';

const authority = createAuthority('ua-2023');
const rules = rulesFor(authority);
const full = fullSource(authority);
const scope = { issuerKeyId: issuerKeyIdFor(authority), scope: 'full' };
const entry = (serial: number, reason = 1): CrlEntryTemplate => ({
  serial,
  reason,
  revokedAt: new Date(now),
});

let lists: MemoryLists;
beforeEach(() => {
  lists = new MemoryLists();
});

const ingest = (options: ListOptions, sources = [full]) =>
  ingestCrl(inChunks(buildList(authority, options)), sources, { rules, writer: lists, now });

const seedOf = async () => (await lists.current(scope))!.layers[0]!.layout.seed;

const partsLeft = async () =>
  lists.comparisons.get((await lists.current(scope))!.generationId) ?? [];

/** The serials that the list in service has left as new. */
async function difference(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const part of await partsLeft())
    for (const { serial } of (await differenceOf(part, lists)).listed) found.push(numberOf(serial));
  return found.toSorted((one, other) => one - other);
}

/** The serials whose hold it has left as released. */
async function released(): Promise<readonly number[]> {
  const found = new Set<number>();
  for (const part of await partsLeft())
    for (const { serial } of (await differenceOf(part, lists)).released)
      found.add(numberOf(serial));
  return [...found].toSorted((one, other) => one - other);
}

const numberOf = (serial: Uint8Array): number =>
  Number.parseInt(Buffer.from(serial).toString('hex'), 16);

describe('the difference that ingestion leaves', () => {
  it('of a first list is none: not all that it lists has happened today', async () => {
    await ingest({ crlNumber: 10, entries: someEntries(1_000) });
    expect(lists.comparisons.size).toBe(0);
  });

  it('names exactly what is newly listed, in parts of bounded size that read each page once', async () => {
    await ingest({ crlNumber: 10, entries: someEntries(60_000) });
    const grown = [...someEntries(60_000).slice(5_000), ...someEntries(500, 0x0800_0000)];
    await ingest({ crlNumber: 11, entries: grown });
    const parts = await partsLeft();
    const { pages } = (await lists.current(scope))!.layers[0]!.layout;
    const ofNewList = parts.filter(({ current }) => current === undefined);
    expect(ofNewList.length).toBe(Math.ceil(pages / storeLimits.pagesPerComparison));
    expect(ofNewList.length).toBeGreaterThan(1);
    lists.pageReads = 0;
    expect(await difference()).toEqual(someEntries(500, 0x0800_0000).map(({ serial }) => serial));
    // The new pages, those of the former list at the same places, a few more at the edges; then the
    // same the other way round, since nearly every page has a hold that may have been released.
    expect(lists.pageReads).toBeLessThan(4.4 * pages + 2 * parts.length);
  });

  it('is the same where the former list placed its serials by another seed', async () => {
    await ingest({ crlNumber: 10, entries: someEntries(3_000) });
    const before = await seedOf();
    // A dropped file may be of any source: its seed is its own.
    const grown = [...someEntries(3_000), entry(0x0900_0001)];
    await ingest({ crlNumber: 11, entries: grown }, [full, municipalSource(authority, '131016')]);
    expect(await seedOf()).not.toBe(before);
    expect(await difference()).toEqual([0x0900_0001]);
  });

  it('counts an entry that only has another reason as listed before', async () => {
    await ingest({ crlNumber: 10, entries: [entry(1, 6), entry(2)] });
    await ingest({ crlNumber: 11, entries: [entry(1, 1), entry(2), entry(3)] });
    expect(await difference()).toEqual([3]);
  });

  it('of a delta is what it adds, not what it takes off or repeats', async () => {
    await ingest({ crlNumber: 10, entries: [entry(1, 6), entry(2)] });
    await ingest({ crlNumber: 11, deltaBase: 10, entries: [entry(1, 8), entry(3)] });
    expect(await difference()).toEqual([3]);
    await ingest({ crlNumber: 12, deltaBase: 10, entries: [entry(1, 8), entry(3), entry(4)] });
    expect(await difference()).toEqual([4]);
    // Listed again after it was taken off.
    await ingest({ crlNumber: 13, deltaBase: 10, entries: [entry(1), entry(3), entry(4)] });
    expect(await difference()).toEqual([1]);
    await ingest({ crlNumber: 14, entries: [entry(1), entry(2), entry(3), entry(4), entry(5)] });
    expect(await difference()).toEqual([5]);
  });

  it('names the holds that a complete list releases, and no other entry that leaves it', async () => {
    await ingest({ crlNumber: 10, entries: [entry(1, 6), entry(2, 6), entry(3), entry(4, 6)] });
    await ingest({ crlNumber: 11, entries: [entry(2, 6), entry(4, 1)] });
    expect(await released()).toEqual([1]);
    expect(await difference()).toEqual([]);
    await ingest({ crlNumber: 12, entries: [entry(1, 6), entry(2, 6), entry(4, 1)] });
    expect(await released()).toEqual([]);
    expect(await difference()).toEqual([1]);
  });

  it('names the holds that a delta releases, once', async () => {
    await ingest({ crlNumber: 10, entries: [entry(1, 6), entry(2), entry(5, 6)] });
    await ingest({
      crlNumber: 11,
      deltaBase: 10,
      entries: [entry(1, 8), entry(2, 8), entry(3, 6)],
    });
    // removeFromCRL for a revocation that is no hold takes an expired certificate off.
    expect(await released()).toEqual([1]);
    // The complete list and the next delta say what is known already, and release another.
    await ingest({ crlNumber: 12, deltaBase: 10, entries: [entry(1, 8), entry(2, 8)] });
    expect(await released()).toEqual([3]);
    await ingest({ crlNumber: 13, entries: [entry(6)] });
    expect(await released()).toEqual([5]);
  });

  it('is left before the switch, and covers a switch that did not come', async () => {
    await ingest({ crlNumber: 10, entries: [entry(1)] });
    const switchTo = lists.switchTo.bind(lists);
    lists.switchTo = async () => {
      throw new Error('killed');
    };
    await expect(ingest({ crlNumber: 11, entries: [entry(1), entry(2)] })).rejects.toThrow(
      'killed',
    );
    expect(lists.comparisons.size).toBe(1);
    lists.switchTo = switchTo;
    await ingest({ crlNumber: 12, entries: [entry(1), entry(2), entry(3)] });
    expect(await difference()).toEqual([2, 3]);
  });
});
