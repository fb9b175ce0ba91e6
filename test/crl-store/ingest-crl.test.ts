import { beforeEach, describe, expect, it } from '@jest/globals';
import { isCodedError } from '../../lambdas/errors.ts';
import { ingestCrl } from '../../lambdas/crl-store/ingest/ingest-crl.ts';
import { parseSerials } from '../../lambdas/crl-store/lookup/parse-serials.ts';
import type { CrlSource } from '../../lambdas/pki/trust-profile.ts';
import {
  buildName,
  certificateExtensions,
  extension,
} from '../../sandbox/pki/build-certificate.ts';
import { crlExtensions, type CrlEntryTemplate } from '../../sandbox/pki/build-crl.ts';
import {
  context,
  contextPrimitive,
  integer,
  namedBits,
  sequence,
} from '../../sandbox/pki/der-writer.ts';
import { spkiOf } from '../../sandbox/pki/signing.ts';
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
  type ListOptions,
} from './list-fixtures.ts';
import { MemoryLists } from '../../lambdas/platform/adapters/memory/memory-lists.ts';

const authority = createAuthority('ua-2023');
/** An earlier generation: the same name, another key. */
const earlier = createAuthority('ua-2019', 2);
const rules = rulesFor(authority, earlier);
const full = fullSource(authority);
const municipal = municipalSource(authority, '131016');

let lists: MemoryLists;
beforeEach(() => {
  lists = new MemoryLists();
});

const ingest = (list: Uint8Array, sources: readonly CrlSource[] = [full], at = now) =>
  ingestCrl(inChunks(list), sources, { rules, writer: lists, now: at });

async function outcome(list: Uint8Array, sources?: readonly CrlSource[]): Promise<string> {
  try {
    return (await ingest(list, sources)).outcome;
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
}

const scope = { issuerKeyId: issuerKeyIdFor(authority), scope: 'full' };
const octets = (serial: number): Uint8Array => integer(serial).subarray(2);

async function statusOf(...serials: readonly number[]) {
  const generation = (await lists.current(scope))!;
  const found = await lists.lookup(generation, serials.map(octets));
  return found.map((entry) => entry?.reason ?? 'good');
}

describe('an ingested CRL', () => {
  it('is used by lookups, with source and times', async () => {
    expect(await outcome(buildList(authority))).toBe('switched');
    expect(await lists.current(scope)).toMatchObject({
      ...scope,
      sourceId: 'ua-2023/full',
      crlNumber: '10',
      thisUpdate: now - hour,
      nextUpdate: now + day,
      entries: 3,
      ingestedAt: now,
    });
  });

  it('is recognised and not written twice', async () => {
    const list = buildList(authority);
    await ingest(list);
    const written = lists.pages.size;
    expect(await outcome(list)).toBe('unchanged');
    expect(lists.pages.size).toBe(written);
  });

  it('is replaced as a whole by the next CRL', async () => {
    await ingest(buildList(authority, { entries: someEntries(1, 0x1000) }));
    await ingest(buildList(authority, { entries: someEntries(1, 0x2000), crlNumber: 11 }));
    expect(await statusOf(0x1000, 0x2000)).toEqual(['good', 'unspecified']);
  });

  it('may be empty', async () => {
    expect(await outcome(buildList(authority, { entries: [] }))).toBe('switched');
    expect(await statusOf(5)).toEqual(['good']);
  });

  it('keeps CRL numbers of 20 octets', async () => {
    const number = 2n ** 158n + 1n;
    await ingest(buildList(authority, { crlNumber: number }));
    expect((await lists.current(scope))!.crlNumber).toBe(number.toString());
    expect(await outcome(buildList(authority, { crlNumber: number - 1n }))).toBe(
      'crl-number-backwards',
    );
  });

  it('does not replace the CRL of a municipality', async () => {
    await ingest(buildList(authority));
    const local = buildList(authority, { source: municipal, entries: someEntries(1, 0x9000) });
    expect(await outcome(local, [municipal])).toBe('switched');
    expect(await lists.all()).toHaveLength(2);
    expect(await statusOf(0x9000)).toEqual(['good']);
  });

  it('is assigned to its source if it was dropped as a file', async () => {
    const sources = [fullSource(earlier), full, municipal];
    const local = buildList(authority, { source: municipal });
    expect((await ingest(local, sources)).source.id).toBe(municipal.id);
    expect((await ingest(buildList(authority), sources)).source.id).toBe(full.id);
    expect((await ingest(buildList(earlier), sources)).source.id).toBe('ua-2019/full');
  });
});

const naming = (identifier: Uint8Array): ListOptions => ({
  extensions: [identifier, crlExtensions.crlNumber(11)],
});

describe('the signature determines the issuer key of a CRL (RFC 5280 §5.2.1, §6.3.3 (g))', () => {
  const sources = [fullSource(earlier), full, municipal];
  const identifiers: readonly (readonly [string, Uint8Array])[] = [
    ['the key of another generation', crlExtensions.authorityKeyIdentifier(spkiOf(earlier.signer))],
    [
      'a key identifier derived in another way',
      extension('2.5.29.35', sequence(contextPrimitive(0, Buffer.alloc(8, 7)))),
    ],
    [
      'an older certificate of the same key, by issuer and serial',
      extension(
        '2.5.29.35',
        sequence(context(1, context(4, authority.name)), contextPrimitive(2, Buffer.of(99))),
      ),
    ],
  ];

  it.each(identifiers)('although the authority key identifier is %s', async (_, identifier) => {
    const list = buildList(authority, naming(identifier));
    expect((await ingest(list)).source.id).toBe(full.id);
    lists = new MemoryLists();
    expect((await ingest(list, sources)).source.id).toBe(full.id);
  });

  it('also without an authority key identifier', async () => {
    const list = buildList(earlier, { extensions: [crlExtensions.crlNumber(11)] });
    expect((await ingest(list, sources)).source.id).toBe('ua-2019/full');
  });
});

describe('serial numbers of 20 octets (RFC 5280 §4.1.2.2)', () => {
  const longest = [(1n << 160n) - 1n, 1n << 159n, (1n << 159n) - 1n];

  it('are stored and found', async () => {
    const entries = longest.map((serial) => ({ serial, revokedAt: new Date(now), reason: 4 }));
    await ingest(buildList(authority, { entries }));
    const generation = (await lists.current(scope))!;
    const found = await lists.lookup(
      generation,
      longest.map((serial) => integer(serial).subarray(2)),
    );
    expect(found.map((entry) => entry?.reason)).toEqual(longest.map(() => 'superseded'));
    const { packed } = parseSerials(longest.map((serial) => serial.toString(16)));
    expect(packed.count).toBe(3);
    expect(parseSerials([(1n << 160n).toString(16)]).packed.count).toBe(0);
  });

  it('are refused above 160 bits', async () => {
    const entries = [{ serial: 1n << 160n, revokedAt: new Date(now) }];
    expect(await outcome(buildList(authority, { entries }))).toBe('crl-malformed');
  });
});

const issuingPoint = (point: Parameters<typeof crlExtensions.issuingDistributionPoint>[0]) => ({
  more: [crlExtensions.issuingDistributionPoint(point)],
});

describe('a CRL is refused, and lookups use the earlier one', () => {
  const cases: readonly (readonly [string, string, ListOptions, (readonly CrlSource[])?])[] = [
    ['signed by another key', 'crl-signature-invalid', { signedBy: createAuthority('x').signer }],
    [
      'of another issuer',
      'crl-issuer-untrusted',
      { issuer: buildName(['C', 'JP'], ['O', 'Other']) },
    ],
    [
      'signed by another generation of its authority',
      'crl-signature-invalid',
      { signedBy: earlier.signer },
    ],
    ['past nextUpdate', 'crl-stale', { nextUpdate: new Date(now - 1000) }],
    ['older than the maximum age', 'crl-stale', { thisUpdate: new Date(now - 3 * day) }],
    ['with thisUpdate in the future', 'crl-not-yet-valid', { thisUpdate: new Date(now + hour) }],
    ['without a CRLNumber', 'crl-malformed', { crlNumber: undefined }],
    ['with a lower number', 'crl-number-backwards', { crlNumber: 9 }],
    [
      'with the same number and another time',
      'crl-number-backwards',
      { crlNumber: 10, thisUpdate: new Date(now - hour + 1000) },
    ],
    [
      'with a higher number and an earlier time',
      'crl-number-backwards',
      { thisUpdate: new Date(now - 2 * hour) },
    ],
    [
      'with an unknown critical extension',
      'crl-extension-unsupported',
      { more: [extension('1.2.3', Buffer.of(5, 0), true)] },
    ],
    [
      'of a municipality, for the source of the full scope',
      'crl-scope-wrong',
      { source: municipal },
    ],
    ['of the full scope, for the source of a municipality', 'crl-scope-wrong', {}, [municipal]],
    [
      'of another municipality',
      'crl-scope-wrong',
      { source: municipal },
      [municipalSource(authority, '131024')],
    ],
    ['that is indirect', 'crl-extension-unsupported', issuingPoint({ indirectCrl: true })],
    ['of CA certificates', 'crl-scope-wrong', issuingPoint({ onlyCaCertificates: true })],
    [
      'of attribute certificates',
      'crl-scope-wrong',
      issuingPoint({ onlyAttributeCertificates: true }),
    ],
    [
      'of some reasons',
      'crl-scope-wrong',
      issuingPoint({ onlySomeReasons: namedBits(1, 2).subarray(2) }),
    ],
    [
      'that is complete and has removeFromCRL',
      'crl-malformed',
      { entries: [{ serial: 1, revokedAt: new Date(now), reason: 8 }] },
    ],
    ['that is a delta of an unknown base', 'crl-base-missing', { deltaBase: 11 }],
  ];
  it.each(
    cases.map(([what, code, options, sources = [full]]) => ({ what, code, options, sources })),
  )('$what', async ({ code, options, sources }) => {
    await ingest(buildList(authority));
    const before = await lists.all();
    expect(await outcome(buildList(authority, { crlNumber: 11, ...options }), sources)).toBe(code);
    expect(await lists.all()).toEqual(before);
  });

  it('without nextUpdate', async () => {
    const { nextUpdate: _, ...rest } = { nextUpdate: 0 };
    const list = buildList(authority, { ...rest, nextUpdate: undefined as never });
    expect(await outcome(list)).toBe('crl-malformed');
  });

  it('from an anchor without cRLSign', async () => {
    const authorityOnly = createAuthority('certs-only');
    const { certificate } = authorityOnly.anchor;
    const usage = certificateExtensions.keyUsage('keyCertSign');
    const value = usage.subarray(usage.length - 4);
    const extensions = certificate.extensions.map((each) =>
      each.id === '2.5.29.15' ? { ...each, value, decoded: undefined } : each,
    );
    const anchor = { ...authorityOnly.anchor, certificate: { ...certificate, extensions } };
    const restricted = { ...rules, anchors: [anchor] };
    const source = fullSource(authorityOnly);
    await expect(
      ingestCrl(inChunks(buildList(authorityOnly)), [source], {
        rules: restricted,
        writer: lists,
        now,
      }),
    ).rejects.toMatchObject({ code: 'crl-issuer-untrusted' });
  });

  it('with any damaged octet in its entries or its end', async () => {
    const list = buildList(authority);
    for (let at = list.length - 90; at < list.length; at += 7) {
      const damaged = Buffer.from(list);
      damaged[at]! ^= 4;
      expect(await outcome(damaged)).toMatch(/^crl-/);
    }
    expect(await lists.all()).toEqual([]);
  });
});

describe('a delta CRL', () => {
  const complete = buildList(authority, {
    entries: [at(0x100001, 6), at(0x100002, 1), at(0x100003, 1)],
  });
  const delta = (number: number, base: number, ...entries: readonly CrlEntryTemplate[]): Buffer =>
    buildList(authority, { crlNumber: number, deltaBase: base, entries });
  const all = [0x100001, 0x100002, 0x100003, 0x100004, 0x100005] as const;

  beforeEach(async () => {
    await ingest(complete);
  });

  it('adds, changes and removes entries of its base', async () => {
    await ingest(delta(11, 10, at(0x100001, 8), at(0x100002, 4), at(0x100004, 3)));
    expect(await statusOf(...all)).toEqual([
      'good',
      'superseded',
      'keyCompromise',
      'affiliationChanged',
      'good',
    ]);
    expect((await lists.current(scope))!.crlNumber).toBe('11');
  });

  it('replaces an earlier delta of the same base', async () => {
    await ingest(delta(11, 10, at(0x100004, 3)));
    await ingest(delta(12, 10, at(0x100005, 3)));
    expect(await statusOf(0x100004, 0x100005)).toEqual(['good', 'affiliationChanged']);
  });

  it('is combined with the earlier delta if its base is that delta', async () => {
    await ingest(delta(11, 10, at(0x100004, 3), at(0x100001, 8)));
    await ingest(delta(12, 11, at(0x100005, 4), at(0x100004, 8)));
    expect(await statusOf(...all)).toEqual([
      'good',
      'keyCompromise',
      'keyCompromise',
      'good',
      'superseded',
    ]);
  });

  it('prefers a revocation if it has two entries for a serial number', async () => {
    await ingest(delta(11, 10, at(0x100004, 8), at(0x100004, 4)));
    expect(await statusOf(0x100004)).toEqual(['superseded']);
  });

  it('is refused if its base is later than the stored CRL', async () => {
    expect(await outcome(delta(13, 12))).toBe('crl-base-missing');
  });

  it('is refused if its base lists other kinds of certificates', async () => {
    const ofUsers = issuingPoint({ onlyUserCertificates: true });
    const users = buildList(authority, { crlNumber: 11, deltaBase: 10, ...ofUsers });
    expect(await outcome(users)).toBe('crl-base-missing');
    await ingest(buildList(authority, { crlNumber: 12, ...ofUsers }));
    expect(await outcome(delta(13, 12))).toBe('crl-base-missing');
    const next = buildList(authority, { crlNumber: 13, deltaBase: 12, ...ofUsers });
    expect(await outcome(next)).toBe('switched');
  });

  it('is not used after nextUpdate of its base', async () => {
    const long = buildList(authority, {
      crlNumber: 11,
      deltaBase: 10,
      nextUpdate: new Date(now + 5 * day),
    });
    await ingest(long);
    expect((await lists.current(scope))!.nextUpdate).toBe(now + day);
  });

  it('is replaced by the next complete CRL', async () => {
    await ingest(delta(11, 10, at(0x100004, 3)));
    await ingest(buildList(authority, { crlNumber: 12, entries: [at(0x100005, 1)] }));
    expect(await statusOf(0x100004, 0x100005)).toEqual(['good', 'keyCompromise']);
  });
});

function at(serial: number, reason?: number): CrlEntryTemplate {
  return {
    serial,
    revokedAt: new Date(now - hour),
    ...(reason !== undefined && { reason }),
  };
}
