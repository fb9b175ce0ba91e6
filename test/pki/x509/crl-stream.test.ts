import { describe, expect, it } from '@jest/globals';
import { isCodedError } from '../../../lambdas/errors.ts';
import { entriesOf, parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { CrlScanner } from '../../../lambdas/pki/x509/crl-stream.ts';
import { buildName, extension } from '../../../sandbox/pki/build-certificate.ts';
import {
  crlEntryExtensions,
  crlExtensions,
  type CrlEntryTemplate,
} from '../../../sandbox/pki/build-crl.ts';
import {
  context,
  der,
  enumerated,
  integer,
  sequence,
  time,
} from '../../../sandbox/pki/der-writer.ts';
import { algorithmOf } from '../../../sandbox/pki/signing.ts';
import {
  buildList,
  createAuthority,
  day,
  now,
  someEntries,
} from '../../crl-store/list-fixtures.ts';

const authority = createAuthority('a');

interface Seen {
  readonly serial: string;
  readonly seconds: number;
  readonly reason: number;
}

function scan(list: Uint8Array, chunk = list.length) {
  const seen: Seen[] = [];
  const tbs: Buffer[] = [];
  const scanner = new CrlScanner(() => ({
    entries: {
      add: (bytes, start, length, seconds, reason) =>
        void seen.push({
          serial: Buffer.from(bytes.subarray(start, start + length)).toString('hex'),
          seconds,
          reason,
        }),
    },
    tbs: { update: (bytes) => void tbs.push(Buffer.from(bytes)) },
  }));
  for (let at = 0; at < list.length; at += chunk) scanner.push(list.subarray(at, at + chunk));
  return { ...scanner.finish(), seen, tbs: Buffer.concat(tbs) };
}

const refusal = (list: Uint8Array): string => {
  try {
    scan(list);
    return 'accepted';
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
};

/** Entries with serial numbers of every length, every reason, both types of time and various extensions. */
const manifold: readonly CrlEntryTemplate[] = [
  ...Array.from({ length: 20 }, (_, n) => ({
    serial: Uint8Array.from({ length: n + 1 }, (_, i) => (i === 0 ? 0x41 : n + i)),
    revokedAt: new Date(now - n * day),
    reason: [0, 1, 2, 3, 4, 5, 6, 9, 10][n % 9]!,
  })),
  { serial: 0x80, revokedAt: new Date(now) },
  { serial: 0, revokedAt: new Date(now) },
  { serial: 7, revokedAt: new Date(Date.UTC(1949, 11, 31)), reason: 1 },
  { serial: 8, revokedAt: new Date(Date.UTC(2050, 0, 1)), reason: 5 },
  {
    serial: 9,
    revokedAt: new Date(now),
    reason: 4,
    extensions: [crlEntryExtensions.invalidityDate(new Date(now - day))],
  },
  {
    serial: 10,
    revokedAt: new Date(now),
    extensions: [extension('1.2.3.4', Buffer.alloc(300, 1))],
  },
];

describe('the streaming scanner', () => {
  const list = buildList(authority, { entries: [...manifold, ...someEntries(200)] });
  const whole = parseCrl(list);

  it('gives the result of parseCrl for every size of chunks', () => {
    const expected = [...entriesOf(whole)].map(({ serial, revokedAt }) => ({
      serial: Buffer.from(serial).toString('hex'),
      seconds: revokedAt / 1000,
    }));
    for (const chunk of [1, 2, 3, 13, 37, 38, 1000, list.length]) {
      const { seen, tbs, entries } = scan(list, chunk);
      expect(seen.map(({ serial, seconds }) => ({ serial, seconds }))).toEqual(expected);
      expect(tbs.equals(whole.tbs)).toBe(true);
      expect(entries).toBe(whole.entryCount);
    }
  });

  it('passes the reason of every entry, and 0 if it is absent', () => {
    const { seen } = scan(list);
    expect(seen.slice(0, 9).map(({ reason }) => reason)).toEqual([0, 1, 2, 3, 4, 5, 6, 9, 10]);
    expect(seen[20]!.reason).toBe(0);
    expect(seen[24]!.reason).toBe(4);
  });

  it('returns the header, the extensions and the signature', () => {
    const { header, extensions, signature } = scan(list, 100);
    expect(header.thisUpdate).toBe(whole.thisUpdate);
    expect(header.entriesBytes).toBe(whole.revoked.length);
    expect(extensions.crlNumber).toBe(10n);
    expect(Buffer.from(whole.signature).equals(signature)).toBe(true);
  });

  it('accepts a CRL without entries', () => {
    expect(scan(buildList(authority, { entries: [] }), 5).entries).toBe(0);
  });

  it('counts the entries with removeFromCRL', () => {
    const entries = [{ serial: 5, revokedAt: new Date(now), reason: 8 }];
    expect(scan(buildList(authority, { entries, deltaBase: 1 })).removals).toBe(1);
  });

  it('refuses every truncated CRL as truncated', () => {
    for (let length = 0; length < list.length; length += 97) {
      expect(refusal(list.subarray(0, length))).toBe('crl-malformed');
    }
  });

  it('returns a result or an error with a code for any flipped octet', () => {
    const small = buildList(authority, { entries: manifold });
    for (let at = 0; at < small.length; at++) {
      const damaged = Buffer.from(small);
      damaged[at]! ^= 1 << (at % 8);
      expect(refusal(damaged)).toMatch(/^(accepted|crl-.*)$/);
    }
  });
});

describe('the streaming scanner refuses', () => {
  const issuedAt = time(new Date(now));
  const withEntry = (...fields: readonly Uint8Array[]): Buffer => withEntries(sequence(...fields));
  /** An unsigned CRL with one entry of these octets; the scanner does not verify signatures. */
  function withEntries(entries: Uint8Array, version: readonly Uint8Array[] = [integer(1)]): Buffer {
    const algorithm = algorithmOf('ecdsa-sha256');
    const tbs = sequence(
      ...version,
      algorithm,
      buildName(['C', 'JP']),
      issuedAt,
      issuedAt,
      sequence(entries),
      ...(version.length > 0 ? [context(0, sequence(crlExtensions.crlNumber(1)))] : []),
    );
    return sequence(tbs, algorithm, der(0x03, Uint8Array.of(0, 1)));
  }
  const serial = integer(5);

  it('not the valid entry that the cases below modify', () => {
    expect(refusal(withEntry(serial, issuedAt, reason(1)))).toBe('accepted');
    expect(refusal(withEntries(sequence(serial, issuedAt), []))).toBe('accepted');
  });

  const cases: readonly (readonly [string, string, Uint8Array])[] = [
    [
      'a serial with a redundant leading zero',
      'crl-malformed',
      withEntry(der(2, Uint8Array.of(0, 5)), issuedAt),
    ],
    ['an empty serial', 'crl-malformed', withEntry(der(2), issuedAt)],
    ['a serial of 21 octets', 'crl-malformed', withEntry(der(2, Buffer.alloc(21, 5)), issuedAt)],
    [
      'an invalid date',
      'crl-malformed',
      withEntry(serial, der(0x17, Buffer.from('260230000000Z'))),
    ],
    [
      'a date without Z',
      'crl-malformed',
      withEntry(serial, der(0x17, Buffer.from('2602010000000'))),
    ],
    ['hour 24', 'crl-malformed', withEntry(serial, der(0x17, Buffer.from('260201240000Z')))],
    ['reason 7', 'crl-malformed', withEntry(serial, issuedAt, reason(7))],
    ['reason 11', 'crl-malformed', withEntry(serial, issuedAt, reason(11))],
    ['empty entry extensions', 'crl-malformed', withEntry(serial, issuedAt, sequence())],
    [
      'a reason twice',
      'crl-malformed',
      withEntry(
        serial,
        issuedAt,
        sequence(extension('2.5.29.21', enumerated(1)), extension('2.5.29.21', enumerated(1))),
      ),
    ],
    [
      'an unknown critical entry extension',
      'crl-extension-unsupported',
      withEntry(serial, issuedAt, sequence(extension('1.2.3.4', Buffer.of(5, 0), true))),
    ],
    [
      'a certificateIssuer',
      'crl-extension-unsupported',
      withEntry(
        serial,
        issuedAt,
        sequence(crlEntryExtensions.certificateIssuer(buildName(['C', 'JP']))),
      ),
    ],
    [
      'a field after the extensions',
      'crl-malformed',
      withEntry(serial, issuedAt, reason(1), serial),
    ],
    [
      'entry extensions on version 1',
      'crl-malformed',
      withEntries(sequence(serial, issuedAt, reason(1)), []),
    ],
    ['version 3', 'crl-malformed', withEntries(sequence(serial, issuedAt), [integer(2)])],
    ['an entry of another tag', 'crl-malformed', withEntries(der(0x31, serial, issuedAt))],
    [
      'an entry of indefinite length',
      'crl-malformed',
      withEntries(Buffer.concat([Buffer.of(0x30, 0x80), serial, issuedAt, Buffer.of(0, 0)])),
    ],
    [
      'data after the list',
      'crl-malformed',
      Buffer.concat([withEntry(serial, issuedAt), Buffer.of(0)]),
    ],
    ['a certificate', 'crl-malformed', authority.anchor.certificate.der],
    ['no octets', 'crl-malformed', Buffer.alloc(0)],
  ];
  it.each(cases)('%s', (_, code, list) => {
    expect(refusal(list)).toBe(code);
  });

  it('an entry above the size limit', () => {
    const large = withEntry(serial, issuedAt, sequence(extension('1.2.3', Buffer.alloc(5000))));
    expect(refusal(large)).toBe('crl-malformed');
  });

  it('a CRL above the size limit, before reading it', () => {
    const scanner = new CrlScanner(() => neverOpened(), 1000);
    const huge = buildList(authority, { entries: someEntries(100) });
    expect(() => scanner.push(huge.subarray(0, 20))).toThrow(
      expect.objectContaining({ code: 'crl-too-large' }),
    );
  });
});

const neverOpened = (): never => {
  throw new Error('opened a list that must be refused');
};

function reason(n: number): Buffer {
  return sequence(extension('2.5.29.21', enumerated(n)));
}
