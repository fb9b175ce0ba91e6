import { parseOcspResponse } from '../../lambdas/pki/x509/ocsp.ts';
import {
  buildCertificate,
  buildName,
  certificateExtensions as make,
  extension,
  signed,
} from '../../sandbox/pki/build-certificate.ts';
import {
  buildCrl,
  crlEntryExtensions,
  crlExtensions,
  directoryPoint,
} from '../../sandbox/pki/build-crl.ts';
import {
  buildCertId,
  buildOcspResponse,
  type CertIdHash,
  type OcspResponseTemplate,
  type SingleResponseTemplate,
} from '../../sandbox/pki/build-ocsp.ts';
import {
  context,
  der,
  enumerated,
  octetString,
  oid,
  sequence,
  utf8String,
} from '../../sandbox/pki/der-writer.ts';
import { generateSigner, type Signer, spkiOf } from '../../sandbox/pki/signing.ts';

export type Kind = 'certificate' | 'crl' | 'ocsp';

/** One thing to mutate, and how its signed part is signed again. */
export interface Seed {
  readonly kind: Kind;
  readonly bytes: Buffer;
  /** The signed bytes of `bytes`. */
  readonly tbs: Buffer;
  /** Puts changed signed bytes under a fresh signature of the right key. */
  readonly resign: (tbs: Buffer) => Buffer;
}

export const fuzzTime = Date.parse('2026-04-01T00:00:00Z');
const day = 86_400_000;
const from = new Date(fuzzTime - 30 * day);
const until = new Date(fuzzTime + 365 * day);

export const rootKey = generateSigner('P-256');
export const authorityKey = generateSigner('rsa-2048');
const rootName = buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Root']);
export const authorityName = buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Authority']);
const otherName = buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Other']);
export const pointName = buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Point 1']);

const authorityExtensions = (key: Signer, issuer: Signer): Buffer[] => [
  make.basicConstraints(true),
  make.keyUsage('keyCertSign', 'cRLSign'),
  make.subjectKeyIdentifier(spkiOf(key)),
  make.authorityKeyIdentifier(spkiOf(issuer)),
];

export const root = buildCertificate(
  {
    serial: 1,
    issuer: rootName,
    subject: rootName,
    notBefore: from,
    notAfter: until,
    spki: spkiOf(rootKey),
    extensions: authorityExtensions(rootKey, rootKey),
  },
  rootKey,
);

export const authority = buildCertificate(
  {
    serial: 2,
    issuer: rootName,
    subject: authorityName,
    notBefore: from,
    notAfter: until,
    spki: spkiOf(authorityKey),
    extensions: authorityExtensions(authorityKey, rootKey),
  },
  rootKey,
);

const leafSerial = 134_217_728;
const leafKey = generateSigner('P-256');

const leafWith = (extensions: readonly Buffer[]): Buffer =>
  buildCertificate(
    {
      serial: leafSerial,
      issuer: authorityName,
      subject: buildName(['C', 'JP'], ['CN', '20260401000000131016ABCDEF']),
      notBefore: from,
      notAfter: until,
      spki: spkiOf(leafKey),
      extensions,
    },
    authorityKey,
  );

const common = [
  make.keyUsage('digitalSignature'),
  make.authorityKeyIdentifier(spkiOf(authorityKey)),
  make.subjectKeyIdentifier(spkiOf(leafKey)),
];

/** The certificate that lists and responses are asked about. */
export const leaf = leafWith([...common, make.crlDistributionPoint(pointName)]);

const certificates = [
  leafWith(common),
  leafWith([
    ...common,
    make.extendedKeyUsage('1.3.6.1.5.5.7.3.2'),
    make.certificatePolicies('1.2.392.200149.8.5.1.3.30'),
    make.crlDistributionPoint(pointName),
    make.ocspResponder('http://ocsp.invalid/'),
  ]),
  leafWith([
    ...common,
    make.basicConstraints(false),
    extension(
      '2.5.29.17',
      sequence(
        context(0, oid('1.2.392.200149.8.5.5.1'), context(0, utf8String('砂場　見本'))),
        der(0x82, Buffer.from('a.example.com')),
        der(0x87, Buffer.of(192, 0, 2, 1)),
        context(4, authorityName),
      ),
    ),
  ]),
];

const entries = [leafSerial + 1, leafSerial + 2, 5].map((serial) => ({
  serial,
  revokedAt: new Date(fuzzTime - day),
  reason: 1,
}));
const listTimes = {
  issuer: authorityName,
  thisUpdate: new Date(fuzzTime - day),
  nextUpdate: until,
};
const lists = [
  buildCrl(
    {
      ...listTimes,
      entries,
      extensions: [
        crlExtensions.crlNumber(7),
        crlExtensions.authorityKeyIdentifier(spkiOf(authorityKey)),
      ],
    },
    authorityKey,
  ),
  buildCrl(
    {
      ...listTimes,
      entries: [...entries, { serial: leafSerial, revokedAt: new Date(fuzzTime - day), reason: 4 }],
      extensions: [crlExtensions.crlNumber(8)],
    },
    authorityKey,
  ),
  buildCrl(
    {
      ...listTimes,
      extensions: [
        crlExtensions.crlNumber(9),
        crlExtensions.issuingDistributionPoint({ distributionPoint: directoryPoint(pointName) }),
      ],
    },
    authorityKey,
  ),
  // Indirect: the leaf's number stands there for another authority, whose entry the next one follows.
  buildCrl(
    {
      ...listTimes,
      entries: [
        {
          serial: leafSerial,
          revokedAt: new Date(fuzzTime - day),
          extensions: [
            crlEntryExtensions.certificateIssuer(otherName),
            crlEntryExtensions.invalidityDate(new Date(fuzzTime - 2 * day)),
          ],
        },
        { serial: leafSerial, revokedAt: new Date(fuzzTime - day), reason: 1 },
        {
          serial: 5,
          revokedAt: new Date(fuzzTime - day),
          extensions: [crlEntryExtensions.certificateIssuer(authorityName)],
        },
      ],
      extensions: [
        crlExtensions.crlNumber(10),
        crlExtensions.issuingDistributionPoint({ onlyUserCertificates: true, indirectCrl: true }),
      ],
    },
    authorityKey,
  ),
];

/** A responder that the authority delegated to (RFC 6960 §4.2.2.2). */
const delegateKey = generateSigner('P-256');
export const delegateName = buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Responder']);
const delegate = buildCertificate(
  {
    serial: 3,
    issuer: authorityName,
    subject: delegateName,
    notBefore: from,
    notAfter: until,
    spki: spkiOf(delegateKey),
    extensions: [
      make.keyUsage('digitalSignature'),
      make.extendedKeyUsage('1.3.6.1.5.5.7.3.9'),
      make.ocspNoCheck(),
      make.authorityKeyIdentifier(spkiOf(authorityKey)),
    ],
  },
  authorityKey,
);

const answer = (
  hash: CertIdHash,
  status: SingleResponseTemplate['status'] = 'good',
): OcspResponseTemplate => ({
  responder: { byKey: spkiOf(authorityKey) },
  producedAt: new Date(fuzzTime - day / 2),
  responses: [
    {
      certId: buildCertId({
        hash,
        issuerName: authorityName,
        issuerSpki: spkiOf(authorityKey),
        serial: leafSerial,
      }),
      status,
      thisUpdate: new Date(fuzzTime - day / 2),
      nextUpdate: new Date(fuzzTime + 2 * day),
    },
  ],
});
const byDelegate = (certificate: Buffer): OcspResponseTemplate => ({
  ...answer('sha1'),
  responder: { byName: delegateName },
  certificates: [certificate],
});

/** The first value inside the first value: what certificates, lists and responses sign. */
function firstInside(bytes: Buffer): Buffer {
  const header = (at: number): number => (bytes[at + 1]! < 0x80 ? 2 : 2 + (bytes[at + 1]! & 0x7f));
  const start = header(0);
  const length = header(start);
  let size = bytes[start + 1]!;
  if (size >= 0x80) size = bytes.readUIntBE(start + 2, size & 0x7f);
  return bytes.subarray(start, start + length + size);
}

export const seeds: Readonly<Record<Kind, readonly Seed[]>> = {
  certificate: certificates.map((bytes) => seedOf('certificate', bytes)),
  crl: lists.map((bytes) => seedOf('crl', bytes)),
  ocsp: [
    responseSeed(answer('sha1'), authorityKey),
    responseSeed(answer('sha256'), authorityKey),
    responseSeed(answer('sha1', { revokedAt: new Date(fuzzTime - day), reason: 1 }), authorityKey),
    responseSeed(byDelegate(delegate), delegateKey),
    {
      kind: 'ocsp',
      bytes: buildOcspResponse(byDelegate(delegate), delegateKey),
      tbs: firstInside(delegate),
      resign: (tbs) => buildOcspResponse(byDelegate(signed(tbs, authorityKey)), delegateKey),
    },
  ],
};

function seedOf(kind: Kind, bytes: Buffer): Seed {
  return { kind, bytes, tbs: firstInside(bytes), resign: (tbs) => signed(tbs, authorityKey) };
}

function responseSeed(template: OcspResponseTemplate, signer: Signer): Seed {
  const bytes = buildOcspResponse(template, signer);
  const response = parseOcspResponse(bytes);
  if (response.status !== 'successful') throw new Error('an OCSP error is no seed');
  const { certificates: carried = [] } = template;
  const embedded = carried.length === 0 ? [] : [context(0, sequence(...carried))];
  return {
    kind: 'ocsp',
    bytes,
    tbs: Buffer.from(response.basic.tbs),
    resign: (tbs) => {
      const basic = octetString(signed(tbs, signer, ...embedded));
      return sequence(enumerated(0), context(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), basic)));
    },
  };
}
