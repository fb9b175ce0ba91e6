import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isCodedError } from '../../../lambdas/errors.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { CrlScanner } from '../../../lambdas/pki/x509/crl-stream.ts';
import { DerReader, tag } from '../../../lambdas/pki/x509/der.ts';
import { extension } from '../../../sandbox/pki/build-certificate.ts';
import type { CrlEntryTemplate } from '../../../sandbox/pki/build-crl.ts';
import { buildList, createAuthority, now, someEntries } from '../../crl-store/list-fixtures.ts';

/*
 * The result of scanning a CRL (RFC 5280 §5.1) must not depend on how a transfer divides its octets.
 */

const authority = createAuthority('a');

interface Scanned {
  /** `ok`, or the code and message of the refusal. */
  readonly verdict: string;
  /** Number of entries, and a hash over their fields in order. */
  readonly entries: string;
  /** SHA-256 over the octets that the signature covers. */
  readonly signed: string;
}

/** Scans the list in chunks that end at these offsets (ascending) and at its end. */
function scan(list: Uint8Array, ends: Iterable<number>): Scanned {
  let count = 0;
  let fold = 0x811c9dc5;
  const take = (value: number): void => void (fold = Math.imul(fold ^ value, 0x01000193));
  const signed = createHash('sha256');
  const scanner = new CrlScanner(() => ({
    entries: {
      add: (bytes, start, length, seconds, reason) => {
        count++;
        take((bytes[start + length - 2]! << 8) | bytes[start + length - 1]!);
        take(seconds * 2 ** 8 + (length << 4) + reason);
      },
    },
    tbs: { update: (bytes) => void signed.update(bytes) },
  }));
  let verdict = 'ok';
  try {
    let at = 0;
    for (const end of ends) {
      // A source may reuse its buffer, as Node's streams do.
      const chunk = Buffer.from(list.subarray(at, end));
      scanner.push(chunk);
      chunk.fill(0xee);
      at = end;
    }
    scanner.push(list.subarray(at));
    scanner.finish();
  } catch (error) {
    if (!isCodedError(error)) throw error;
    verdict = `${error.code}: ${error.message}`;
  }
  return { verdict, entries: `${count} ${fold}`, signed: signed.digest('hex') };
}

/** Offsets of the entries of a CRL, and of their end. */
function boundariesOf(list: Uint8Array): readonly number[] {
  const { revoked } = parseCrl(list);
  const start = revoked.byteOffset - list.byteOffset;
  const boundaries = [start];
  const entries = new DerReader(revoked);
  while (!entries.atEnd) {
    entries.enterRange(tag.sequence);
    boundaries.push(start + entries.offset);
  }
  return boundaries;
}

function* every(step: number, length: number): Generator<number> {
  for (let at = step; at < length; at += step) yield at;
}

/** Mulberry32; a failed test can be repeated with its seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function* randomEnds(seed: number, length: number, largest: number): Generator<number> {
  const random = randomFrom(seed);
  for (let at = 0; ;) {
    at += 1 + Math.floor(random() * largest);
    if (at >= length) return;
    yield at;
  }
}

const filled = (extra: number): CrlEntryTemplate => ({
  serial: 9,
  revokedAt: new Date(now),
  extensions: [extension('1.2.3.4', Buffer.alloc(extra, 1))],
});

/** An entry with exactly this number of content octets (at least 400). */
function entryOf(octets: number): CrlEntryTemplate {
  const list = parseCrl(buildList(authority, { entries: [filled(octets - 100)] }));
  // The content follows the tag and three length octets.
  return filled(octets - 100 + octets - (list.revoked.length - 4));
}

const listOf = (entries: readonly CrlEntryTemplate[]): Buffer => buildList(authority, { entries });

const lists: readonly (readonly [string, Buffer])[] = [
  ['of one entry', listOf(someEntries(1))],
  ['of 300 entries', listOf(someEntries(300))],
  ['that ends just after its first 64 KiB', listOf(someEntries(1_870))],
  [
    'with long and short entries',
    listOf([
      ...someEntries(1_700),
      entryOf(4_096),
      ...someEntries(50, 0x0200_0000),
      entryOf(4_001),
      ...someEntries(30, 0x0300_0000),
    ]),
  ],
];

describe.each(lists)('a list %s', (_, list) => {
  const whole = scan(list, []);

  it('is accepted in one chunk', () => {
    expect(whole.verdict).toBe('ok');
  });

  it('gives the same result with one cut at, before and after every entry', () => {
    const boundaries = boundariesOf(list);
    for (const [n, boundary] of boundaries.entries()) {
      // For a long CRL, every entry near its end, where chunk boundaries are critical, and a tenth of the others.
      if (n < boundaries.length - 200 && n % 10 !== 0) continue;
      for (const cut of [boundary - 1, boundary, boundary + 1]) {
        const cutOnce = scan(list, [cut]);
        if (cutOnce.verdict !== whole.verdict || cutOnce.entries !== whole.entries) {
          throw new Error(`cut at ${cut} of ${list.length}: ${cutOnce.verdict}`);
        }
      }
    }
  });

  it('gives the same result in slices of one size', () => {
    for (const size of [7, 37, 1_000, 1_460, 4_096, 4_097, 8_192, 16_384, 65_535, 65_536, 65_537]) {
      expect(scan(list, every(size, list.length))).toEqual(whole);
    }
  });
});

describe('a list of several megabytes', () => {
  const list = listOf(someEntries(120_000));
  const whole = scan(list, []);
  const boundaries = boundariesOf(list);

  it.each([-2, -1, 0, 1, 2, 3])(
    'gives the same result when every entry is cut at %i',
    (distance) => {
      expect(list.length).toBeGreaterThan(4_000_000);
      const ends = boundaries.map((boundary) => boundary + distance);
      expect(scan(list, ends)).toEqual(whole);
    },
  );

  it('gives the same result in slices of 16 KiB and less', () => {
    for (const size of [1_448, 4_096, 8_191, 16_384]) {
      expect(scan(list, every(size, list.length))).toEqual(whole);
    }
  });

  it('gives the same result in slices of random sizes', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const largest = seed % 2 === 0 ? 16_384 : 300_000;
      const outcome = scan(list, randomEnds(seed, list.length, largest));
      expect({ seed, ...outcome }).toEqual({ seed, ...whole });
    }
  });

  it('gives the same result when its last slice has few octets of entries', () => {
    const end = boundaries.at(-1)!;
    for (const octets of [1, 30, 100, 4_000, 4_096, 4_097, 5_000]) {
      for (const second of [end - octets + 1, end, list.length - 1]) {
        expect(scan(list, [end - octets, second])).toEqual(whole);
      }
    }
  });
});

describe('an invalid list gives the same error for every cut', () => {
  const plain = someEntries(1_900);
  const tooLong = listOf([...plain, entryOf(4_097), ...someEntries(10, 0x0200_0000)]);
  const cases: readonly (readonly [string, Buffer])[] = [
    ['an entry of 4,097 octets', tooLong],
    ['a last entry that ends after revokedCertificates', overlongLastEntry(listOf(plain))],
    ['an undefined reason', withReason(listOf(plain), 7)],
  ];

  it.each(cases)('%s', (_, list) => {
    const whole = scan(list, []);
    expect(whole.verdict).toMatch(/^crl-malformed/);
    for (let cut = list.length - 6_000; cut < list.length; cut += 17) {
      expect({ cut, verdict: scan(list, [cut]).verdict }).toEqual({ cut, verdict: whole.verdict });
    }
    for (const size of [1, 3, 50, 4_096, 16_384]) {
      expect(scan(list, every(size, list.length)).verdict).toBe(whole.verdict);
    }
  });
});

/** The length of the last entry exceeds revokedCertificates by one octet. */
function overlongLastEntry(list: Buffer): Buffer {
  const changed = Buffer.from(list);
  changed[boundariesOf(list).at(-2)! + 1]! += 1;
  return changed;
}

/** Replaces the value of the last reasonCode. */
function withReason(list: Buffer, reason: number): Buffer {
  const changed = Buffer.from(list);
  const end = boundariesOf(list).at(-1)!;
  const at = changed.lastIndexOf(Buffer.from('0a01', 'hex'), end - 1);
  changed[at + 2] = reason;
  return changed;
}
