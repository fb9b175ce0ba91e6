import { certificateExtensions as ext, extension } from '../../sandbox/pki/build-certificate.ts';
import {
  buildCrl,
  crlEntryExtensions as entryExt,
  type CrlEntryTemplate,
  crlExtensions as crlExt,
  type CrlTemplate,
  directoryPoint,
  type IssuingDistributionPoint,
} from '../../sandbox/pki/build-crl.ts';
import {
  context,
  contextPrimitive,
  der,
  integer,
  namedBits,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  utf8String,
} from '../../sandbox/pki/der-writer.ts';
import type { Signer } from '../../sandbox/pki/signing.ts';
import { hours, type Party, type RevocationPki, seconds } from './revocation-pki.ts';

/**
 * A case tests one rule and differs from a passing case in one respect. `expected` is `good`, `revoked`, the
 * reason for unknown, or `crl-malformed` if a list does not parse.
 */
export interface CrlVector {
  readonly id: string;
  readonly clause: string;
  readonly expected: string;
  readonly lists: readonly Uint8Array[];
  readonly certificate: Uint8Array;
  readonly issuer: Uint8Array;
  /** Further certificates, candidates for CRL issuers. */
  readonly certificates: readonly Uint8Array[];
  /** Also checked against the requirements of RFC 5280 §5 on CRL issuers. */
  readonly issuanceRules: boolean;
}

type Case = Partial<Omit<CrlVector, 'id' | 'clause' | 'expected' | 'lists'>>;

const serial = 4242;
const unknownExtension = (critical: boolean): Buffer =>
  extension('1.2.3.4', octetString(), critical);
const reasonFlags = (...bits: readonly number[]): Buffer => namedBits(...bits).subarray(2);
const point = (...fields: readonly Uint8Array[]): Buffer => sequence(...fields);
const pointsExtension = (...points: readonly Uint8Array[]): Buffer =>
  extension('2.5.29.31', sequence(...points));
const uri = (text: string): Buffer => contextPrimitive(6, Buffer.from(text));
const fullName = (...names: readonly Uint8Array[]): Buffer => context(0, ...names);
const attribute = (text: string): Buffer => sequence(oid('2.5.4.11'), utf8String(text));
const relative = (text: string): Buffer => context(1, attribute(text));

export function crlVectors(pki: RevocationPki): readonly CrlVector[] {
  const { authority, otherGeneration, stranger, issue, name } = pki;
  const plain = pki.leaf();

  const list = (change: Partial<CrlTemplate> = {}, signer: Signer = authority.signer): Buffer =>
    buildCrl(
      {
        issuer: authority.name,
        thisUpdate: hours(-1),
        nextUpdate: hours(24),
        extensions: [crlExt.crlNumber(10)],
        ...change,
      },
      signer,
    );
  const listWithout = (field: 'nextUpdate' | 'extensions', change: Partial<CrlTemplate> = {}) => {
    const template: CrlTemplate = {
      issuer: authority.name,
      thisUpdate: hours(-1),
      ...(field !== 'nextUpdate' && { nextUpdate: hours(24) }),
      ...(field !== 'extensions' && { extensions: [crlExt.crlNumber(10)] }),
      ...change,
    };
    return buildCrl(template, authority.signer);
  };
  const entry = (change: Partial<CrlEntryTemplate> = {}): CrlEntryTemplate => ({
    serial,
    revokedAt: hours(-30),
    ...change,
  });
  const revoking = (...reason: readonly number[]): Partial<CrlTemplate> => ({
    entries: [entry(reason.length ? { reason: reason[0]! } : {})],
  });
  const scoped = (
    idp: IssuingDistributionPoint,
    change: Partial<CrlTemplate> = {},
    signer?: Signer,
  ): Buffer =>
    list(
      { extensions: [crlExt.crlNumber(10), crlExt.issuingDistributionPoint(idp)], ...change },
      signer,
    );
  const withExtension = (...extensions: readonly Uint8Array[]): Buffer =>
    list({ extensions: [crlExt.crlNumber(10), ...extensions] });

  const vectors: CrlVector[] = [];
  const add = (
    id: string,
    clause: string,
    expected: string,
    lists: readonly Uint8Array[],
    change: Case = {},
  ): void => {
    vectors.push({
      id,
      clause,
      expected,
      lists,
      certificate: plain.der,
      issuer: authority.der,
      certificates: [],
      issuanceRules: false,
      ...change,
    });
  };

  // Entries
  add('absent from a full list', 'RFC 5280 §6.3.3 (l)', 'good', [list()]);
  add('on the list', 'RFC 5280 §6.3.3 (j)', 'revoked', [list(revoking())]);
  add('on the list with a reason', 'RFC 5280 §5.3.1', 'revoked', [list(revoking(3))]);
  add('on hold', 'RFC 5280 §5.3.1', 'revoked', [list(revoking(6))]);
  add('another serial is on the list', 'RFC 5280 §6.3.3 (j)', 'good', [
    list({ entries: [entry({ serial: 4243 })] }),
  ]);
  add('a longer serial with the same last octets is on the list', 'RFC 5280 §6.3.3 (j)', 'good', [
    list({ entries: [entry({ serial: (1n << 128n) | BigInt(serial) })] }),
  ]);
  add('the last of many entries', 'RFC 5280 §6.3.3 (j)', 'revoked', [
    list({
      entries: [...Array.from({ length: 300 }, (_, i) => entry({ serial: i + 1 })), entry()],
    }),
  ]);
  add('an empty revokedCertificates', 'RFC 5280 §5.1.2.6, see divergences', 'good', [
    list({ entriesDer: Buffer.alloc(0) }),
  ]);
  add('removeFromCRL on a complete list', 'RFC 5280 §5.3.1', 'revoked', [list(revoking(8))]);
  add('a reason and an invalidityDate', 'RFC 5280 §5.3.2', 'revoked', [
    list({ entries: [entry({ reason: 1, extensions: [entryExt.invalidityDate(hours(-40))] })] }),
  ]);

  // Time
  add('no nextUpdate', 'RFC 5280 §5.1.2.5', 'crl-stale', [listWithout('nextUpdate')]);
  add('nextUpdate is now', 'RFC 5280 §5.1.2.5', 'good', [list({ nextUpdate: seconds(0) })]);
  add('nextUpdate was a second ago', 'RFC 5280 §5.1.2.5', 'crl-stale', [
    list({ nextUpdate: seconds(-1) }),
  ]);
  add('an expired list that names the certificate', 'RFC 5280 §6.3.3 (a)', 'crl-stale', [
    list({ ...revoking(), nextUpdate: seconds(-1) }),
  ]);
  add('thisUpdate at the edge of the skew', 'RFC 5280 §5.1.2.4', 'good', [
    list({ thisUpdate: seconds(300) }),
  ]);
  add('thisUpdate beyond the skew', 'RFC 5280 §5.1.2.4', 'crl-not-yet-valid', [
    list({ thisUpdate: seconds(301) }),
  ]);
  add('nextUpdate before thisUpdate, both within the skew', 'RFC 5280 §5.1.2.5', 'crl-stale', [
    list({ thisUpdate: seconds(300), nextUpdate: seconds(299) }),
  ]);
  add('a revocationDate in the future', 'RFC 5280 §6.3.3 (j)', 'revoked', [
    list({ entries: [entry({ revokedAt: hours(30) })] }),
  ]);
  add('exactly as old as the maximum age', 'maximum age', 'good', [
    list({ thisUpdate: hours(-7 * 24) }),
  ]);
  add('older than the maximum age, before nextUpdate', 'maximum age', 'crl-stale', [
    list({ thisUpdate: new Date(hours(-7 * 24).getTime() - 1000) }),
  ]);
  add('on the earlier of two current lists, not on the later one', 'RFC 5280 §6.3.3', 'good', [
    list({ ...revoking(6), thisUpdate: hours(-5) }),
    list({ extensions: [crlExt.crlNumber(11)] }),
  ]);
  add('on the later of two current lists only', 'RFC 5280 §6.3.3', 'revoked', [
    list({ thisUpdate: hours(-5) }),
    list({ ...revoking(), extensions: [crlExt.crlNumber(11)] }),
  ]);
  add('a stale list and a current one', 'RFC 5280 §6.3.3', 'good', [
    list({ nextUpdate: seconds(-1) }),
    list(),
  ]);

  // Signature and issuer
  add('a flipped bit in the signature', 'RFC 5280 §6.3.3 (g)', 'crl-signature-invalid', [
    flipLast(list()),
  ]);
  add('signed by another key under the same name', 'RFC 5280 §6.3.3 (f)', 'crl-signature-invalid', [
    list({}, otherGeneration.signer),
  ]);
  add('signed with SHA-1', 'algorithm policy', 'crl-unsupported', [
    list({}, { ...authority.signer, scheme: 'ecdsa-sha1' }),
  ]);
  add('signatureAlgorithm differs from the signature field', 'RFC 5280 §5.1.1.2', 'crl-malformed', [
    Buffer.from(
      list()
        .toString('latin1')
        .replace(ecdsaWith(2).toString('latin1'), ecdsaWith(3).toString('latin1')),
      'latin1',
    ),
  ]);
  add('no list', 'RFC 5280 §6.3.3', 'no-applicable-crl', []);
  add('a list of another issuer', 'RFC 5280 §6.3.3 (b)(1)', 'no-applicable-crl', [
    list({ issuer: stranger.name }, stranger.signer),
  ]);
  add('an issuer name with other case and spacing', 'RFC 5280 §7.1', 'good', [
    list({ issuer: name(' AUTHORITY ') }),
  ]);
  add('an issuer name in another string type', 'RFC 5280 §7.1', 'good', [
    list({
      issuer: sequence(
        setOf(sequence(oid('2.5.4.6'), printableString('JP'))),
        setOf(sequence(oid('2.5.4.10'), printableString('Authority'))),
      ),
    }),
  ]);
  const withoutListSigning = pki.selfSigned(authority.name, [
    ext.basicConstraints(true),
    ext.keyUsage('keyCertSign'),
  ]);
  const ofThatIssuer = issue(withoutListSigning, name('Person'), { serial });
  add(
    'the issuer has keyUsage without cRLSign',
    'RFC 5280 §6.3.3 (f)',
    'crl-issuer-untrusted',
    [list({}, withoutListSigning.signer)],
    { certificate: ofThatIssuer.der, issuer: withoutListSigning.der },
  );
  const withoutKeyUsage = pki.selfSigned(authority.name, [ext.basicConstraints(true)]);
  add(
    'the issuer has no keyUsage',
    'RFC 5280 §6.3.3 (f)',
    'good',
    [list({}, withoutKeyUsage.signer)],
    {
      certificate: issue(withoutKeyUsage, name('Person'), { serial }).der,
      issuer: withoutKeyUsage.der,
    },
  );

  // Rollover under one name
  const rolledOver = (change: Parameters<typeof issue>[2] = {}): Party =>
    issue(authority, authority.name, { serial: 7, extensions: pki.caExtensions, ...change });
  const newKey = rolledOver();
  add(
    'signed by a new key that the old key certified',
    'RFC 5280 §6.3.3 (f)',
    'good',
    [list({}, newKey.signer), list()],
    { certificates: [newKey.der] },
  );
  const listKey = rolledOver({ extensions: [ext.keyUsage('cRLSign')] });
  add(
    'signed by a key with cRLSign only',
    'RFC 5280 §6.3.3 (f)',
    'good',
    [list({}, listKey.signer)],
    { certificates: [listKey.der], certificate: plain.der },
  );
  add(
    'signed by a new key without a path to the trust anchor',
    'RFC 5280 §6.3.3 (f)',
    'crl-issuer-untrusted',
    [list({}, otherGeneration.signer)],
    { certificates: [otherGeneration.der] },
  );
  const expiredKey = rolledOver({ notAfter: hours(-1) });
  add(
    'the certificate of the new key has expired',
    'RFC 5280 §6.3.3 (f)',
    'crl-issuer-untrusted',
    [list({}, expiredKey.signer)],
    { certificates: [expiredKey.der] },
  );
  const revokedKey = rolledOver({ serial: 77 });
  add(
    'the certificate of the new key is revoked by the old key',
    'RFC 5280 §6.3.3 (f)',
    'crl-issuer-untrusted',
    [
      scoped({ onlyUserCertificates: true }, {}, revokedKey.signer),
      scoped({ onlyCaCertificates: true }, { entries: [entry({ serial: 77 })] }),
    ],
    { certificates: [revokedKey.der] },
  );
  const revokedListKey = rolledOver({ serial: 78, extensions: [ext.keyUsage('cRLSign')] });
  add(
    'a revoked cRLSign key signs a later, empty list; the issuer’s list revokes it and the certificate',
    'RFC 5280 §6.3.3 (f)',
    'revoked',
    [
      list({ thisUpdate: seconds(-60) }, revokedListKey.signer),
      list({ entries: [entry(), entry({ serial: 78 })] }),
    ],
    { certificates: [revokedListKey.der] },
  );
  const strangers = Array.from({ length: 9 }, (_, index) =>
    issue(stranger, authority.name, {
      serial: 100 + index,
      extensions: [ext.subjectKeyIdentifier(otherGeneration.spki)],
    }),
  );
  add(
    'nine untrusted certificates with the issuer’s name and the list’s key identifier',
    'RFC 5280 §6.3.3 (f)',
    'good',
    [withExtension(crlExt.authorityKeyIdentifier(otherGeneration.spki))],
    { certificates: strangers.map(({ der }) => der) },
  );
  add(
    'nine such certificates before that of the new key, whose list revokes',
    'bounded work',
    'crl-issuer-untrusted',
    [list(), list({ thisUpdate: seconds(-60), ...revoking(4) }, newKey.signer)],
    { certificates: [...strangers, newKey].map(({ der }) => der) },
  );
  for (const [order, both] of [
    ['first', [list(), list({ extensions: [crlExt.crlNumber(11)], ...revoking(4) })]],
    ['last', [list({ extensions: [crlExt.crlNumber(11)], ...revoking(4) }), list()]],
  ] as const) {
    add(
      `two lists with equal thisUpdate, the lower CRL number ${order}`,
      'RFC 5280 §5.2.3',
      'revoked',
      both,
    );
  }
  const unreadable = rolledOver({ extensions: [extension('2.5.29.19', Buffer.of(0x30, 5))] });
  add(
    'a malformed certificate with the issuer’s name, and the issuer’s own list',
    'RFC 5280 §6.3.3 (f)',
    'revoked',
    [list(revoking(1))],
    { certificates: [unreadable.der] },
  );
  add('the authority key identifier is that of another key', 'RFC 5280 §5.2.1', 'good', [
    withExtension(crlExt.authorityKeyIdentifier(otherGeneration.spki)),
  ]);

  // Extensions
  add('an unknown extension', 'RFC 5280 §5.2', 'good', [withExtension(unknownExtension(false))]);
  add('an unknown critical extension', 'RFC 5280 §5.2', 'crl-unsupported', [
    withExtension(unknownExtension(true)),
  ]);
  add('an unknown entry extension', 'RFC 5280 §5.3', 'good', [
    list({ entries: [entry({ serial: 1, extensions: [unknownExtension(false)] })] }),
  ]);
  add('an unknown critical entry extension of another entry', 'RFC 5280 §5.3', 'crl-unsupported', [
    list({ entries: [entry({ serial: 1, extensions: [unknownExtension(true)] })] }),
  ]);
  add('an unknown critical entry extension of this entry', 'RFC 5280 §5.3', 'crl-unsupported', [
    list({ entries: [entry({ extensions: [unknownExtension(true)] })] }),
  ]);
  add('one extension twice', 'RFC 5280 §5.2', 'crl-malformed', [
    withExtension(crlExt.crlNumber(10)),
  ]);
  add('one entry extension twice', 'RFC 5280 §5.3', 'crl-malformed', [
    list({ entries: [entry({ reason: 1, extensions: [entryExt.reason(1)] })] }),
  ]);
  add('a freshestCRL that is not followed', 'RFC 5280 §5.2.6', 'good', [
    withExtension(
      extension('2.5.29.46', sequence(point(context(0, fullName(uri('http://x.test/delta')))))),
    ),
  ]);

  // Structure
  add('version 1 without extensions', 'RFC 5280 §5.1.2.1', 'good', [
    listWithout('extensions', { version: 1 }),
  ]);
  add('version 1 with extensions', 'RFC 5280 §5.1.2.7', 'crl-malformed', [list({ version: 1 })]);
  add('version 1 with an entry extension', 'RFC 5280 §5.1.2.6', 'crl-malformed', [
    listWithout('extensions', { version: 1, ...revoking(1) }),
  ]);
  add('data after the list', 'X.690 §10', 'crl-malformed', [Buffer.concat([list(), Buffer.of(0)])]);
  const longName = sequence(setOf(sequence(oid('2.5.4.10'), utf8String('\uFDFA'.repeat(50_000)))));
  add('an issuer’s name of 150,000 octets', 'bounded work', 'crl-too-large', [
    list({ issuer: longName }),
  ]);
  add('a truncated list', 'X.690 §10', 'crl-malformed', [list().subarray(0, -1)]);
  add('reason 7', 'RFC 5280 §5.3.1', 'crl-malformed', [list(revoking(7))]);
  add('reason 11', 'RFC 5280 §5.3.1', 'crl-malformed', [list(revoking(11))]);
  add('a CRL number of 20 octets', 'RFC 5280 §5.2.3', 'good', [
    list({ extensions: [crlExt.crlNumber((1n << 159n) - 1n)] }),
  ]);
  add('a CRL number of 21 octets', 'RFC 5280 §5.2.3', 'crl-malformed', [
    list({ extensions: [crlExt.crlNumber(1n << 160n)] }),
  ]);
  add('a negative CRL number', 'RFC 5280 §5.2.3', 'crl-malformed', [
    list({ extensions: [extension('2.5.29.20', der(0x02, Buffer.of(0xff)))] }),
  ]);

  // Scope flags
  const subordinate = issue(authority, name('Subordinate'), {
    serial,
    extensions: pki.caExtensions,
  });
  const forSubordinate = { certificate: subordinate.der };
  add('a list of user certificates', 'RFC 5280 §6.3.3 (b)(2)(ii)', 'good', [
    scoped({ onlyUserCertificates: true }),
  ]);
  add(
    'a list of user certificates, for a CA certificate',
    'RFC 5280 §6.3.3 (b)(2)(ii)',
    'no-applicable-crl',
    [scoped({ onlyUserCertificates: true })],
    forSubordinate,
  );
  add('a list of CA certificates', 'RFC 5280 §6.3.3 (b)(2)(iii)', 'no-applicable-crl', [
    scoped({ onlyCaCertificates: true }),
  ]);
  add(
    'a list of CA certificates, for a CA certificate',
    'RFC 5280 §6.3.3 (b)(2)(iii)',
    'good',
    [scoped({ onlyCaCertificates: true })],
    forSubordinate,
  );
  for (const version of [1, 2] as const) {
    const old = issue(authority, name('Person'), { serial, version });
    const forOld = { certificate: old.der };
    add(
      `a full list, for a version ${version} certificate`,
      'RFC 5280 §5.2.5',
      'good',
      [list()],
      forOld,
    );
    for (const flag of ['onlyUserCertificates', 'onlyCaCertificates'] as const) {
      add(
        `a list with ${flag}, for a version ${version} certificate`,
        'RFC 5280 §5.2.5',
        'no-applicable-crl',
        [scoped({ [flag]: true })],
        forOld,
      );
    }
  }
  add('a list of attribute certificates', 'RFC 5280 §6.3.3 (b)(2)(iv)', 'no-applicable-crl', [
    scoped({ onlyAttributeCertificates: true }),
  ]);
  add(
    'onlyContainsUserCerts and onlyContainsCACerts on one list',
    'RFC 5280 §5.2.5',
    'crl-malformed',
    [scoped({ onlyUserCertificates: true, onlyCaCertificates: true })],
  );
  add('an empty issuing distribution point', 'RFC 5280 §5.2.5', 'crl-malformed', [scoped({})]);
  add('a flag with an explicit FALSE', 'X.690 §11.5', 'crl-malformed', [
    withExtension(extension('2.5.29.28', sequence(contextPrimitive(1, Buffer.of(0))), true)),
  ]);

  // Distribution points
  const pointName = name('Municipality 131016');
  const otherPointName = name('Municipality 011002');
  const withPoints = (...points: readonly Uint8Array[]): Case => ({
    certificate: pki.leaf(pointsExtension(...points)).der,
  });
  const atDistributionPoint = withPoints(point(context(0, fullName(context(4, pointName)))));
  add(
    'the list of the certificate’s distribution point',
    'RFC 5280 §6.3.3 (b)(2)(i)',
    'good',
    [scoped({ distributionPoint: directoryPoint(pointName) })],
    atDistributionPoint,
  );
  add(
    'on the list of the certificate’s distribution point',
    'RFC 5280 §6.3.3 (j)',
    'revoked',
    [scoped({ distributionPoint: directoryPoint(pointName) }, revoking(4))],
    atDistributionPoint,
  );
  add(
    'the list of another distribution point',
    'RFC 5280 §6.3.3 (b)(2)(i)',
    'no-applicable-crl',
    [scoped({ distributionPoint: directoryPoint(otherPointName) })],
    atDistributionPoint,
  );
  add(
    'a distribution point name in other case',
    'RFC 5280 §7.1',
    'good',
    [scoped({ distributionPoint: directoryPoint(name('MUNICIPALITY 131016')) })],
    atDistributionPoint,
  );
  add(
    'a list without a distribution point',
    'RFC 5280 §6.3.3 (b)(2)',
    'good',
    [list()],
    atDistributionPoint,
  );
  add(
    'a list with a distribution point, for a certificate without one',
    'RFC 5280 §6.3.3',
    'no-applicable-crl',
    [scoped({ distributionPoint: directoryPoint(pointName) })],
  );
  add(
    'a list whose distribution point is its issuer name, for a certificate without one',
    'RFC 5280 §6.3.3',
    'good',
    [scoped({ distributionPoint: directoryPoint(authority.name) })],
  );
  add(
    'a list whose distribution point is its issuer name, for a certificate with another one',
    'RFC 5280 §5.2.5',
    'no-applicable-crl',
    [scoped({ distributionPoint: directoryPoint(authority.name) })],
    atDistributionPoint,
  );
  const issuerUri = uri('http://issuer.test/');
  const namedOtherwise = pki.leaf(extension('2.5.29.18', sequence(issuerUri)));
  add(
    'a list whose distribution point is the certificate’s issuerAltName',
    'RFC 5280 §6.3.3',
    'revoked',
    [scoped({ distributionPoint: fullName(issuerUri) }, revoking(4))],
    { certificate: namedOtherwise.der },
  );
  add('a malformed relative name', 'RFC 5280 §4.2.1.13', 'crl-malformed', [
    scoped({ distributionPoint: context(1, sequence(octetString())) }),
  ]);
  add(
    'the second name of one distribution point',
    'RFC 5280 §6.3.3 (b)(2)(i)',
    'good',
    [scoped({ distributionPoint: directoryPoint(pointName) })],
    withPoints(point(context(0, fullName(uri('http://x.test/a'), context(4, pointName))))),
  );
  add(
    'the second of two distribution points',
    'RFC 5280 §6.3.3',
    'good',
    [scoped({ distributionPoint: directoryPoint(pointName) })],
    withPoints(
      point(context(0, fullName(context(4, otherPointName)))),
      point(context(0, fullName(context(4, pointName)))),
    ),
  );
  add(
    'the same URI',
    'RFC 5280 §6.3.3 (b)(2)(i)',
    'good',
    [scoped({ distributionPoint: fullName(uri('http://x.test/a')) })],
    withPoints(point(context(0, fullName(uri('http://x.test/a'))))),
  );
  add(
    'another URI',
    'RFC 5280 §6.3.3 (b)(2)(i)',
    'no-applicable-crl',
    [scoped({ distributionPoint: fullName(uri('http://x.test/b')) })],
    withPoints(point(context(0, fullName(uri('http://x.test/a'))))),
  );
  add(
    'the same nameRelativeToCRLIssuer in list and certificate',
    'RFC 5280 §4.2.1.13',
    'good',
    [scoped({ distributionPoint: relative('131016') })],
    withPoints(point(context(0, relative('131016')))),
  );
  add(
    'another relative name',
    'RFC 5280 §4.2.1.13',
    'no-applicable-crl',
    [scoped({ distributionPoint: relative('011002') })],
    withPoints(point(context(0, relative('131016')))),
  );
  const written = sequence(
    setOf(sequence(oid('2.5.4.6'), printableString('JP'))),
    setOf(sequence(oid('2.5.4.10'), utf8String('Authority'))),
    setOf(attribute('131016')),
  );
  add(
    'a relative name, and the equal full name',
    'RFC 5280 §4.2.1.13',
    'good',
    [scoped({ distributionPoint: directoryPoint(written) })],
    withPoints(point(context(0, relative('131016')))),
  );
  add(
    'a distribution point of reasons only',
    'RFC 5280 §4.2.1.13',
    'no-applicable-crl',
    [list()],
    withPoints(point(contextPrimitive(1, reasonFlags(1)))),
  );

  // Reasons
  const keyReasons = reasonFlags(1, 2);
  const otherReasons = reasonFlags(3, 4, 5, 6, 7, 8);
  add('a list of some reasons', 'RFC 5280 §6.3.3 (d)', 'crl-incomplete-reasons', [
    scoped({ onlySomeReasons: keyReasons }),
  ]);
  add('two lists that together cover all reasons', 'RFC 5280 §6.3.3 (d), (l)', 'good', [
    scoped({ onlySomeReasons: keyReasons }),
    scoped({ onlySomeReasons: otherReasons }),
  ]);
  add('revoked on the second of two such lists', 'RFC 5280 §6.3.3 (d)', 'revoked', [
    scoped({ onlySomeReasons: keyReasons }),
    scoped({ onlySomeReasons: otherReasons }, revoking(4)),
  ]);
  add('two lists of the same reasons', 'RFC 5280 §6.3.3 (e)', 'crl-incomplete-reasons', [
    scoped({ onlySomeReasons: keyReasons }),
    scoped({ onlySomeReasons: keyReasons }, { thisUpdate: hours(-2) }),
  ]);
  add(
    'a distribution point of some reasons, no list for the others',
    'RFC 5280 §6.3.3 (d)',
    'crl-incomplete-reasons',
    [scoped({ distributionPoint: directoryPoint(pointName) })],
    withPoints(point(context(0, fullName(context(4, pointName))), contextPrimitive(1, keyReasons))),
  );
  add(
    'a distribution point of some reasons, and a full list',
    'RFC 5280 §6.3.3',
    'good',
    [scoped({ distributionPoint: directoryPoint(pointName) }), list()],
    withPoints(point(context(0, fullName(context(4, pointName))), contextPrimitive(1, keyReasons))),
  );

  // Indirect lists
  const issuerListPoint = name('Authorities for lists');
  const issuerListPointExtension = pointsExtension(
    point(context(0, fullName(context(4, issuerListPoint)))),
  );
  const indirectIssuer = issue(authority, name('Clearing'), {
    serial: 55,
    extensions: [ext.keyUsage('cRLSign'), issuerListPointExtension],
  });
  const withIssuerPoint = withPoints(
    point(context(0, fullName(context(4, pointName))), context(2, context(4, indirectIssuer.name))),
  );
  const indirect = (
    entries: readonly CrlEntryTemplate[] = [],
    idp: IssuingDistributionPoint = { indirectCrl: true },
    signer: Party = indirectIssuer,
  ): Buffer => scoped(idp, { issuer: indirectIssuer.name, entries }, signer.signer);
  const withIndirectIssuer = { ...withIssuerPoint, certificates: [indirectIssuer.der] };
  const of = (issuerName: Uint8Array, change: Partial<CrlEntryTemplate> = {}) =>
    entry({ extensions: [entryExt.certificateIssuer(issuerName)], ...change });
  // Has the signer in scope but, by its distribution point, not the certificate.
  const authorityList = scoped({ distributionPoint: directoryPoint(issuerListPoint) });
  add(
    'an indirect list of the certificate’s cRLIssuer',
    'RFC 5280 §6.3.3 (b)(1)',
    'good',
    [indirect(), authorityList],
    withIndirectIssuer,
  );
  add(
    'an entry with the certificate’s issuer',
    'RFC 5280 §5.3.3',
    'revoked',
    [indirect([of(authority.name)]), authorityList],
    withIndirectIssuer,
  );
  add(
    'the same serial with another certificateIssuer',
    'RFC 5280 §5.3.3',
    'good',
    [indirect([of(stranger.name)]), authorityList],
    withIndirectIssuer,
  );
  add(
    'the same serial without certificateIssuer, so of the CRL issuer',
    'RFC 5280 §5.3.3',
    'good',
    [indirect([entry()]), authorityList],
    withIndirectIssuer,
  );
  add(
    'certificateIssuer of the preceding entry applies',
    'RFC 5280 §5.3.3',
    'revoked',
    [indirect([of(authority.name, { serial: 1 }), entry()]), authorityList],
    withIndirectIssuer,
  );
  add(
    'another certificateIssuer of the preceding entry applies',
    'RFC 5280 §5.3.3',
    'good',
    [
      indirect([of(authority.name, { serial: 1 }), of(stranger.name, { serial: 2 }), entry()]),
      authorityList,
    ],
    withIndirectIssuer,
  );
  add(
    'a list of the cRLIssuer without indirectCRL',
    'RFC 5280 §6.3.3 (b)(1)',
    'no-applicable-crl',
    [indirect([], { onlyUserCertificates: true })],
    withIndirectIssuer,
  );
  add(
    'entries with certificateIssuer on a list without indirectCRL',
    'RFC 5280 §5.3.3',
    'crl-unsupported',
    [list({ entries: [of(stranger.name)] })],
  );
  add(
    'an indirect list of an issuer that is not the certificate’s cRLIssuer',
    'RFC 5280 §6.3.3 (b)(1)',
    'no-applicable-crl',
    [indirect()],
    { certificates: [indirectIssuer.der] },
  );
  add(
    'the certificate of the indirect list’s signer is not given',
    'RFC 5280 §6.3.3 (f)',
    'crl-issuer-untrusted',
    [indirect()],
    withIssuerPoint,
  );
  const withoutSign = issue(authority, indirectIssuer.name, {
    serial: 55,
    extensions: [ext.keyUsage('digitalSignature'), issuerListPointExtension],
  });
  add(
    'the indirect list’s signer has keyUsage without cRLSign',
    'RFC 5280 §6.3.3 (f)',
    'crl-issuer-untrusted',
    [indirect([], { indirectCrl: true }, withoutSign), authorityList],
    { ...withIssuerPoint, certificates: [withoutSign.der] },
  );
  const issuerWithoutKeyUsage = issue(authority, indirectIssuer.name, {
    serial: 55,
    extensions: [issuerListPointExtension],
  });
  add(
    'the indirect list’s signer has no keyUsage',
    'RFC 5280 §4.2.1.3',
    'crl-issuer-untrusted',
    [indirect([], { indirectCrl: true }, issuerWithoutKeyUsage), authorityList],
    { ...withIssuerPoint, certificates: [issuerWithoutKeyUsage.der] },
  );
  const foreign = issue(stranger, indirectIssuer.name, {
    serial: 55,
    extensions: [ext.keyUsage('cRLSign'), issuerListPointExtension],
  });
  add(
    'the indirect list’s signer has a path to another anchor only',
    'RFC 5280 §6.3.3 (f)',
    'crl-issuer-untrusted',
    [indirect([], { indirectCrl: true }, foreign), authorityList],
    { ...withIssuerPoint, certificates: [foreign.der] },
  );
  add(
    'the indirect list’s signer is revoked',
    'RFC 5280 §6.3.3 (f)',
    'crl-issuer-untrusted',
    [
      indirect(),
      scoped(
        { distributionPoint: directoryPoint(issuerListPoint) },
        { entries: [entry({ serial: 55 })] },
      ),
    ],
    withIndirectIssuer,
  );
  const many = Array.from({ length: 40 }, (_, i) => name(`Clearing ${i}`));
  const eachOther = pointsExtension(...many.map((one) => point(context(2, context(4, one)))));
  const mutualIssuers = many.map((one, i) =>
    issue(authority, one, { serial: 300 + i, extensions: [ext.keyUsage('cRLSign'), eachOther] }),
  );
  add(
    'forty signers of indirect lists, each in the scope of the others’ lists',
    'RFC 5280 §6.3.3 (f), bounded work',
    'crl-issuer-untrusted',
    mutualIssuers.map((one, i) =>
      scoped(
        { indirectCrl: true, onlySomeReasons: reasonFlags(1 + (i % 2)) },
        { issuer: one.name },
        one.signer,
      ),
    ),
    {
      certificate: pki.leaf(eachOther).der,
      certificates: mutualIssuers.map(({ der: bytes }) => bytes),
    },
  );

  // Delta lists
  const delta = (change: Partial<CrlTemplate> = {}, base = 10, number = 12, signer?: Signer) =>
    list(
      {
        thisUpdate: seconds(-60),
        extensions: [crlExt.crlNumber(number), crlExt.deltaCrlIndicator(base)],
        ...change,
      },
      signer,
    );
  add('a delta without its base', 'RFC 5280 §5.2.4', 'no-applicable-crl', [delta()]);
  add('a delta without entries', 'RFC 5280 §6.3.3 (i)', 'good', [list(), delta()]);
  add('a delta that revokes', 'RFC 5280 §6.3.3 (i)', 'revoked', [list(), delta(revoking(1))]);
  add('a delta with removeFromCRL for a certificate on hold', 'RFC 5280 §6.3.3 (k)', 'good', [
    list(revoking(6)),
    delta(revoking(8)),
  ]);
  add('a delta whose base is later than the list', 'RFC 5280 §5.2.4 (c)', 'revoked', [
    list(revoking(6)),
    delta(revoking(8), 11),
  ]);
  add('a delta whose base is earlier than the list', 'RFC 5280 §5.2.4 (c)', 'good', [
    list(revoking(6)),
    delta(revoking(8), 5),
  ]);
  add('a delta no newer than the list', 'RFC 5280 §5.2.4 (d)', 'revoked', [
    list(revoking(6)),
    delta(revoking(8), 9, 10),
  ]);
  add('a delta of another scope', 'RFC 5280 §5.2.4 (b)', 'revoked', [
    scoped({ onlyUserCertificates: true }, revoking(6)),
    delta(revoking(8)),
  ]);
  add('a delta signed by another key', 'RFC 5280 §6.3.3 (h)', 'revoked', [
    list(revoking(6)),
    delta(revoking(8), 10, 12, otherGeneration.signer),
  ]);
  // A delta that expired still says that its base is out of date.
  const expiredDelta = (change: Partial<CrlTemplate> = {}) =>
    delta({ thisUpdate: seconds(-120), nextUpdate: seconds(-1), ...change });
  add('a delta past its nextUpdate', 'RFC 5280 §6.3.3 (a)', 'crl-stale', [
    list({ thisUpdate: hours(-3) }),
    expiredDelta({ thisUpdate: hours(-2), ...revoking(1) }),
  ]);
  add('a delta past its nextUpdate, and an older delta', 'RFC 5280 §6.3.3 (a)', 'crl-stale', [
    list({ thisUpdate: hours(-3) }),
    delta({ thisUpdate: hours(-2) }, 10, 11),
    expiredDelta(),
  ]);
  add('a delta past its nextUpdate, and an older list', 'RFC 5280 §6.3.3 (a)', 'crl-stale', [
    list({ thisUpdate: hours(-4), extensions: [crlExt.crlNumber(9)] }),
    list({ thisUpdate: hours(-3) }),
    expiredDelta(),
  ]);
  add('a delta past its nextUpdate, and a later list', 'RFC 5280 §6.3.3 (a)', 'good', [
    list({ thisUpdate: hours(-3) }),
    expiredDelta({ thisUpdate: hours(-2) }),
    list({ extensions: [crlExt.crlNumber(13)] }),
  ]);
  add('a delta past its nextUpdate, of another key', 'RFC 5280 §6.3.3 (h)', 'good', [
    list({ thisUpdate: hours(-3) }),
    delta({ thisUpdate: hours(-2), nextUpdate: seconds(-1) }, 10, 12, otherGeneration.signer),
  ]);
  add('a delta that was never current', 'RFC 5280 §5.1.2.5', 'good', [
    list({ thisUpdate: hours(-3) }),
    delta({ thisUpdate: hours(-1), nextUpdate: hours(-2) }),
  ]);
  add('a delta with an unknown critical extension', 'RFC 5280 §5.2', 'revoked', [
    list(revoking(6)),
    delta({
      ...revoking(8),
      extensions: [crlExt.crlNumber(12), crlExt.deltaCrlIndicator(10), unknownExtension(true)],
    }),
  ]);
  add('two deltas, the later one decides', 'RFC 5280 §5.2.4', 'good', [
    list(),
    delta(revoking(6), 10, 12),
    delta(revoking(8), 10, 13),
  ]);

  // Requirements on CRL issuers, with issuanceRules
  const asIssued = { issuanceRules: true };
  const identifier = crlExt.authorityKeyIdentifier(authority.spki);
  const number = crlExt.crlNumber(10);
  const issued = (...extensions: readonly Uint8Array[]): Buffer =>
    list({ extensions, entries: [entry({ serial: 1 })] });
  add(
    'all requirements on CRL issuers are met',
    'RFC 5280 §5',
    'good',
    [issued(number, identifier)],
    asIssued,
  );
  add('no CRL number', 'RFC 5280 §5.2.3', 'crl-unsupported', [issued(identifier)], asIssued);
  add('no CRL number, without issuance rules', 'RFC 5280 §6.3.3', 'good', [issued(identifier)]);
  add(
    'a critical CRL number',
    'RFC 5280 §5.2.3',
    'crl-unsupported',
    [issued(extension('2.5.29.20', integer(10), true), identifier)],
    asIssued,
  );
  add(
    'no authority key identifier',
    'RFC 5280 §5.2.1',
    'crl-unsupported',
    [issued(number)],
    asIssued,
  );
  add(
    'an issuing distribution point that is not critical',
    'RFC 5280 §5.2.5',
    'crl-unsupported',
    [
      issued(
        number,
        identifier,
        extension('2.5.29.28', sequence(contextPrimitive(1, Buffer.of(0xff)))),
      ),
    ],
    asIssued,
  );
  add(
    'one serial twice',
    'RFC 5280 §5.1.2.6',
    'crl-unsupported',
    [
      list({
        extensions: [number, identifier],
        entries: [entry({ serial: 1 }), entry({ serial: 1 })],
      }),
    ],
    asIssued,
  );

  return vectors;
}

function flipLast(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

/** OID of ecdsa-with-SHA256 (2) or -SHA384 (3), which both AlgorithmIdentifiers contain. */
const ecdsaWith = (arc: number): Buffer => oid(`1.2.840.10045.4.3.${arc}`);
