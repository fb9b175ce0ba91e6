import { beforeAll, describe, expect, it } from '@jest/globals';
import { bulkCheck } from '../../lambdas/crl-store/lookup/bulk-check.ts';
import { ingestCrl } from '../../lambdas/crl-store/ingest/ingest-crl.ts';
import {
  mayBeDecimal,
  parseSerials,
  rowState,
  type SerialFormat,
} from '../../lambdas/crl-store/lookup/parse-serials.ts';
import {
  buildList,
  createAuthority,
  day,
  fullSource,
  hour,
  inChunks,
  issuerKeyIdFor,
  municipalSource,
  now,
  rulesFor,
  someEntries,
} from './list-fixtures.ts';
import { MemoryLists } from '../../lambdas/platform/adapters/memory/memory-lists.ts';

const authority = createAuthority('ua-2023');
const rules = rulesFor(authority);
const lists = new MemoryLists();

beforeAll(async () => {
  const list = buildList(authority, { entries: someEntries(3) });
  await ingestCrl(inChunks(list), [fullSource(authority)], { rules, writer: lists, now });
});

const check = (serials: readonly unknown[], at = now, from = lists) =>
  bulkCheck({ issuer: 'ua-2023', serials }, from, rules, at);

describe('a bulk check', () => {
  it('returns good and revoked, with counts', async () => {
    const verdict = await check(['01000000', '01000001', '01000002', 'zz', '1000000']);
    expect(verdict.counts).toEqual({
      total: 5,
      good: 1,
      revoked: 2,
      unknown: 0,
      malformed: 1,
      duplicate: 1,
    });
    expect([...verdict.rows.states]).toEqual([0, 0, 0, rowState.malformed, rowState.duplicate]);
    expect(verdict.rows.positions[4]).toBe(0);
    expect(verdict.generation?.crlNumber).toBe('10');
    expect(verdict.entries.reasons[verdict.rows.positions[2]!]).toBe(1);
  });

  it('accepts the issuer by anchor id or by issuer key id', async () => {
    const issuer = issuerKeyIdFor(authority).toUpperCase();
    const { issuerKeyId } = await bulkCheck({ issuer, serials: ['1'] }, lists, rules, now);
    expect(issuerKeyId).toBe(issuerKeyIdFor(authority));
    await expect(
      bulkCheck({ issuer: 'nobody', serials: ['1'] }, lists, rules, now),
    ).rejects.toMatchObject({ code: 'issuer-unknown' });
  });

  it.each([
    ['past nextUpdate', now + day + 1, 'crl-stale'],
    ['older than its maximum age', now + 3 * day, 'crl-stale'],
    ['before thisUpdate', now - 2 * hour, 'crl-not-yet-valid'],
  ])('knows nothing from a list %s', async (_, at, why) => {
    const verdict = await check(['01000000', '01000001'], at);
    expect(verdict).toMatchObject({ why, counts: { good: 0, revoked: 0, unknown: 2 } });
  });

  it('returns unknown if there is only the CRL of a municipality', async () => {
    const local = new MemoryLists();
    const source = municipalSource(authority, '131016');
    const list = buildList(authority, { source });
    await ingestCrl(inChunks(list), [source], { rules, writer: local, now });
    const verdict = await check(['01000000'], now, local);
    expect(verdict).toMatchObject({ why: 'no-applicable-crl', counts: { unknown: 1 } });
  });
});

const contentOf = (text: unknown, format?: SerialFormat): string => {
  const { states, packed } = parseSerials([text], format);
  if (states[0] !== rowState.sound) return 'malformed';
  return Buffer.from(packed.bytes.subarray(0, packed.starts[1])).toString('hex');
};

describe('notations of serial numbers', () => {
  it.each([
    ['01020304', '01020304'],
    ['AbCd', '00abcd'],
    ['00abcd', '00abcd'],
    ['abc', '0abc'],
    ['7f', '7f'],
    ['80', '0080'],
    ['0080', '0080'],
    ['000000001', '01'],
    [`${'0'.repeat(60)}1`, '01'],
    ['0', '00'],
    ['0000', '00'],
    ['7f'.repeat(20), '7f'.repeat(20)],
    [`00${'7f'.repeat(20)}`, '7f'.repeat(20)],
    [Array.from({ length: 20 }, () => '7f').join(':'), '7f'.repeat(20)],
    ['0x12', '12'],
    ['0XABCD', '00abcd'],
    ['20:00:11:8d', '2000118d'],
    ['20-00-11-8D', '2000118d'],
    ['20 00 11 8d', '2000118d'],
    ['２０００１１８ｄ', '2000118d'],
    ['２０：００', '2000'],
    ['\u3000 2000118d\t', '2000118d'],
    ['7f'.repeat(21), 'malformed'],
    [`00${'ff'.repeat(20)}`, `00${'ff'.repeat(20)}`],
    ['', 'malformed'],
    [' ', 'malformed'],
    ['0x', 'malformed'],
    ['x12', 'malformed'],
    ['2000118d 2000118f', 'malformed'],
    ['2000:118d', 'malformed'],
    ['20:00 11', 'malformed'],
    ['20:0', 'malformed'],
    ['20::00', 'malformed'],
    ['20\n00', 'malformed'],
    ['2.0E+08', 'malformed'],
    ['1,000', 'malformed'],
    ['1g', 'malformed'],
    ['g1', 'malformed'],
    ['g', 'malformed'],
    ['一二', 'malformed'],
    ['20Ｃ0', 'malformed'],
    ['²', 'malformed'],
    ['-1', 'malformed'],
    [12, 'malformed'],
    [null, 'malformed'],
    [['12'], 'malformed'],
  ])('%j is %s', (text, expected) => {
    expect(contentOf(text)).toBe(expected);
  });

  it.each([
    ['0', '00'],
    ['127', '7f'],
    ['128', '0080'],
    ['536875405', '2000118d'],
    ['0000536875405', '2000118d'],
    ['５３６８７５４０５', '2000118d'],
    // 20 octets (RFC 5280 §4.1.2.2), and a leading zero octet.
    [String(2n ** 159n - 1n), `7f${'ff'.repeat(19)}`],
    [String(2n ** 160n - 1n), `00${'ff'.repeat(20)}`],
    [String(2n ** 160n), 'malformed'],
    ['9'.repeat(61), 'malformed'],
    ['1a', 'malformed'],
    ['0x12', 'malformed'],
    ['12 34', 'malformed'],
    ['536,875,405', 'malformed'],
    ['-1', 'malformed'],
    ['1.0', 'malformed'],
    ['', 'malformed'],
  ])('%j in decimal is %s', (text, expected) => {
    expect(contentOf(text, 'decimal')).toBe(expected);
  });

  it('counts the distinct serial numbers that can only be hex', () => {
    const texts = ['12', 'ab', 'AB', '0x34', '20:00', '56', 'zz'];
    expect(parseSerials(texts).letters).toBe(3);
  });

  it.each([
    [4, 0, false],
    [5, 0, true],
    [5, 1, false],
    [100, 1, true],
    [100, 2, false],
  ])('%i serials of which %i show letters leave the format open: %p', (serials, letters, open) => {
    expect(mayBeDecimal(serials, letters)).toBe(open);
  });

  it('distinguishes many serial numbers of every length', () => {
    const texts = Array.from({ length: 3_000 }, (_, n) =>
      (n + 1).toString(16).padStart(2 + 2 * (n % 20), '1'),
    );
    const { packed, packedRow, states } = parseSerials(texts);
    const distinct = new Set(texts.map((text) => BigInt(`0x${text}`)));
    expect(packed.count).toBe(distinct.size);
    expect(states.filter((state) => state === rowState.duplicate)).toHaveLength(
      texts.length - distinct.size,
    );
    for (let n = 0; n < packed.count; n += 97) {
      const bytes = packed.bytes.subarray(packed.starts[n], packed.starts[n + 1]);
      expect(BigInt(`0x${Buffer.from(bytes).toString('hex')}`)).toBe(
        BigInt(`0x${texts[packedRow[n]!]}`),
      );
    }
  });
});
