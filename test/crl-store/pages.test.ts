import { describe, expect, it } from '@jest/globals';
import { createHash, randomInt } from 'node:crypto';
import { buildShards, layoutOf, type Page } from '../../lambdas/crl-store/format/build-pages.ts';
import {
  buildFilterShard,
  decodeFilter,
  encodeFilter,
  mayContain,
} from '../../lambdas/crl-store/format/membership-filter.ts';
import { packSerials } from '../../lambdas/crl-store/format/packed-serials.ts';
import {
  entriesOfPage,
  findEntry,
  readEntry,
  writeEntry,
} from '../../lambdas/crl-store/format/page-codec.ts';
import {
  filterHash,
  pageBytes,
  placementHash,
} from '../../lambdas/crl-store/format/page-layout.ts';
import { RevocationIndex } from '../../lambdas/crl-store/format/revocation-index.ts';
import { MemoryLists } from '../../lambdas/platform/adapters/memory/memory-lists.ts';

/** Deterministic serial numbers of 1 to 20 octets, mostly 4. */
function serialOf(n: number): Buffer {
  const octets = createHash('sha256').update(`serial ${n}`).digest();
  const length = n % 10 === 0 ? 1 + (Math.floor(n / 10) % 20) : 4;
  return octets.subarray(0, length);
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** An index, and its entries as a map. */
function indexOf(count: number, shardBits: number) {
  const index = new RevocationIndex(1234, shardBits);
  const plain = new Map<string, { seconds: number; reason: number }>();
  for (let n = 0; n < count; n++) {
    const serial = serialOf(n);
    const seconds = 1_600_000_000 + n;
    const reason = [0, 1, 2, 3, 4, 5, 6, 9, 10][n % 9]!;
    index.add(serial, 0, serial.length, seconds, reason);
    if (!plain.has(hexOf(serial))) plain.set(hexOf(serial), { seconds, reason });
  }
  return { index, plain };
}

async function stored(count: number, shardBits: number) {
  const { index, plain } = indexOf(count, shardBits);
  const layout = layoutOf(index);
  const lists = new MemoryLists();
  const draft = { id: 'layer', layout, entries: index.entries, crlNumber: '1', nextUpdate: 0 };
  const layer = await lists.writeLayer(draft, buildShards(index, layout));
  return { lists, plain, generation: { layers: [layer] } };
}

describe('a page entry', () => {
  it.each([
    ['of a serial of one octet', '7f', 1_700_000_000, 1],
    ['of a serial of 20 octets', '7f'.repeat(20), 1_700_000_000, 10],
    ['of the year 1950', '01020304', -631_152_000, 0],
    ['before 1950, wide', '01020304', -631_152_001, 4],
    ['of the last second of 32 bits', '01020304', -631_152_000 + 0xffff_ffff, 9],
    ['one second later, wide', '01020304', -631_152_000 + 0x1_0000_0000, 9],
    ['of the year 0, wide', '0102', -62_167_219_200, 3],
    ['of the year 9999, wide', '0102', 253_402_300_799, 5],
  ])('%s reads as it was written', (_, hex, seconds, reason) => {
    const serial = Buffer.from(hex, 'hex');
    const page = new Uint8Array(64);
    page[0] = 1;
    const end = writeEntry(page, 1, serial, 0, serial.length, seconds, reason);
    const whole = page.subarray(0, end);
    expect(findEntry(whole, serial)).toBe(1);
    expect(hexOf(readEntry(whole, 1).serial)).toBe(hex);
    expect(readEntry(whole, 1)).toMatchObject({ seconds, reason });
  });

  it('is found by the complete serial number only', () => {
    const page = new Uint8Array(64);
    const end = writeEntry(page, 1, Buffer.from('01020304', 'hex'), 0, 4, 0, 1);
    const whole = page.subarray(0, end);
    for (const other of ['010203', '0102030400', '01020305', '02020304', '01030304', '04']) {
      expect(findEntry(whole, Buffer.from(other, 'hex'))).toBe(-1);
    }
  });

  it('with an unknown tag is an error, not absence', () => {
    const page = Uint8Array.of(1, 255, 0, 0, 0, 0, 0, 0);
    expect(() => findEntry(page, Uint8Array.of(9))).toThrow(
      expect.objectContaining({ code: 'dependency-unavailable' }),
    );
  });
});

describe('the pages of a CRL', () => {
  it('give the results of a map, for serial numbers on the CRL and others', async () => {
    for (const [count, shardBits] of [
      [0, 0],
      [1, 0],
      [400, 0],
      [30_000, 0],
      [30_000, 3],
    ] as const) {
      const { lists, plain, generation } = await stored(count, shardBits);
      const asked = Array.from({ length: 60_000 }, (_, n) => serialOf(n));
      const { seconds, reasons } = await lists.lookupPacked(
        generation as never,
        packSerials(asked),
      );
      for (const [n, serial] of asked.entries()) {
        const expected = plain.get(hexOf(serial));
        const found = Number.isNaN(seconds[n])
          ? undefined
          : { seconds: seconds[n], reason: reasons[n] };
        if (expected?.seconds !== found?.seconds || expected?.reason !== found?.reason) {
          expect(found).toEqual(expected);
        }
      }
    }
  });

  it('take at most one read unit each and are about 90 % full', () => {
    const { index } = indexOf(200_000, 2);
    const layout = layoutOf(index);
    const pages: Page[] = [];
    for (const shard of buildShards(index, layout)) pages.push(...shard.pages);
    expect(Math.max(...pages.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(pageBytes);
    const fill = pages.reduce((sum, { bytes }) => sum + bytes.length, 0) / pages.length / pageBytes;
    expect(fill).toBeGreaterThan(0.82);
    expect(pages.filter(({ part }) => part > 0).length).toBeLessThan(pages.length * 0.01);
  });

  it('all exist, also without entries', () => {
    const { index } = indexOf(3, 5);
    const layout = layoutOf(index);
    const pages = [...buildShards(index, layout)].flatMap((shard) => shard.pages);
    expect(pages.map(({ page }) => page)).toEqual(
      Array.from({ length: layout.pages }, (_, n) => n),
    );
  });

  it('overflow into further parts without loss, in the order of equal serial numbers', async () => {
    const index = new RevocationIndex(5, 0);
    const serials = Array.from({ length: 2_000 }, (_, n) => serialOf(n * 10 + 1));
    for (const [n, serial] of serials.entries()) index.add(serial, 0, 4, 1_000 + n, 1);
    for (const serial of serials) index.add(serial, 0, 4, 9_999, 4);
    // The layout has too few pages, so that every page overflows several times.
    const layout = { ...layoutOf(index), pages: 2 };
    const lists = new MemoryLists();
    const layer = await lists.writeLayer(
      { id: 'small', layout, entries: 4_000, crlNumber: '1', nextUpdate: 0 },
      buildShards(index, layout),
    );
    const { seconds } = await lists.lookupPacked(
      { layers: [layer] } as never,
      packSerials(serials),
    );
    expect([...seconds]).toEqual(serials.map((_, n) => 1_000 + n));
    const parts = [...lists.pages.values()].map((page) => [...entriesOfPage(page)].length);
    expect(parts.reduce((a, b) => a + b)).toBe(4_000);
  });

  it('are read for few serial numbers that are not on the CRL', async () => {
    const { lists, generation } = await stored(30_000, 3);
    const unlisted = Array.from({ length: 20_000 }, (_, n) => Buffer.from(`u${n}`));
    await lists.lookupPacked(generation as never, packSerials(unlisted));
    // One in 256 passes the filter; fail at twice as many.
    expect(lists.pageReads).toBeLessThan((20_000 / 256) * 2);
  });
});

describe('the membership filter', () => {
  const layout = { seed: 99 };
  const keys = (from: number, count: number) => {
    const placements = new Uint32Array(count);
    const fingerprints = new Uint32Array(count);
    for (let n = 0; n < count; n++) {
      const serial = Buffer.from(`key ${from + n}`);
      placements[n] = placementHash(layout, serial, 0, serial.length);
      fingerprints[n] = filterHash(layout, serial, 0, serial.length);
    }
    return { placements, fingerprints };
  };

  it.each([1, 2, 3, 7, 100, 1_000, 39_062, 70_000])(
    'of %i keys has no false negatives',
    (count) => {
      const { placements, fingerprints } = keys(0, count);
      const shard = buildFilterShard(placements, fingerprints);
      for (let n = 0; n < count; n++) {
        if (!mayContain([shard], 0, placements[n]!, fingerprints[n]!)) expect(n).toBe('found');
      }
    },
  );

  it('accepts duplicate keys', () => {
    const { placements, fingerprints } = keys(0, 500);
    const shard = buildFilterShard(twice(placements), twice(fingerprints));
    expect(mayContain([shard], 0, placements[7]!, fingerprints[7]!)).toBe(true);
  });

  it('decodes its own encoding, and refuses truncated or changed octets', () => {
    const { placements, fingerprints } = keys(0, 1000);
    const empty = buildFilterShard(new Uint32Array(0), new Uint32Array(0));
    const bytes = encodeFilter([buildFilterShard(placements, fingerprints), empty]);
    expect(encodeFilter(decodeFilter(bytes))).toEqual(bytes);
    for (const cut of [0, 7, 20, bytes.length - 1]) {
      expect(() => decodeFilter(bytes.subarray(0, cut))).toThrow(
        expect.objectContaining({ code: 'dependency-unavailable' }),
      );
    }
    const other = Uint8Array.from(bytes);
    other[randomInt(4)]! ^= 1;
    expect(() => decodeFilter(other)).toThrow();
  });
});

const twice = (half: Uint32Array) => Uint32Array.from([...half, ...half]);
