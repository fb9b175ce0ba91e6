import { createHash } from 'node:crypto';
import {
  buildCertificate,
  buildName,
  certificateExtensions as make,
  extension,
  signed,
} from '../../sandbox/pki/build-certificate.ts';
import { buildCrl, crlExtensions, directoryPoint } from '../../sandbox/pki/build-crl.ts';
import { buildCertId, keyBitsOf } from '../../sandbox/pki/build-ocsp.ts';
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
const pointName = buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Point 1']);

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
export const leaf = leafWith(common);

const certificates = [
  leaf,
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
];

const certId = (hash: 'sha1' | 'sha256'): Buffer =>
  buildCertId({
    hash,
    issuerName: authorityName,
    issuerSpki: spkiOf(authorityKey),
    serial: leafSerial,
  });
const responder = { byKey: spkiOf(authorityKey) };
const responses = [
  responseOf(certId('sha1'), der(0x80)),
  responseOf(certId('sha256'), der(0x80)),
  responseOf(
    certId('sha1'),
    context(1, der(0x18, Buffer.from('20260331000000Z')), context(0, enumerated(1))),
  ),
];

function time(text: string): Buffer {
  return der(0x18, Buffer.from(text));
}

/** BasicOCSPResponse by the authority itself, by key, with one answer. */
function responseOf(id: Buffer, status: Buffer): Buffer {
  const tbs = sequence(
    context(2, octetString(createHash('sha1').update(keyBitsOf(responder.byKey)).digest())),
    time('20260331120000Z'),
    sequence(sequence(id, status, time('20260331120000Z'), context(0, time('20260403000000Z')))),
  );
  return wrapResponse(tbs);
}

function wrapResponse(tbs: Buffer): Buffer {
  return sequence(
    enumerated(0),
    context(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(signed(tbs, authorityKey)))),
  );
}

/** The first value inside the first value: what certificates, lists and responses sign. */
function firstInside(bytes: Buffer): Buffer {
  const header = (at: number): number => (bytes[at + 1]! < 0x80 ? 2 : 2 + (bytes[at + 1]! & 0x7f));
  const start = header(0);
  const length = header(start);
  let size = bytes[start + 1]!;
  if (size >= 0x80) size = bytes.readUIntBE(start + 2, size & 0x7f);
  return bytes.subarray(start, start + length + size);
}

export const seeds: readonly Seed[] = [
  ...certificates.map((bytes): Seed => seedOf('certificate', bytes)),
  ...lists.map((bytes): Seed => seedOf('crl', bytes)),
  ...responses.map((bytes): Seed => {
    const basic = bytes.subarray(bytes.indexOf(Buffer.from('2b0601050507300101', 'hex')) + 9);
    const content = basic.subarray(basic[1]! < 0x80 ? 2 : 2 + (basic[1]! & 0x7f));
    return { kind: 'ocsp', bytes, tbs: firstInside(Buffer.from(content)), resign: wrapResponse };
  }),
];

function seedOf(kind: Kind, bytes: Buffer): Seed {
  return { kind, bytes, tbs: firstInside(bytes), resign: (tbs) => signed(tbs, authorityKey) };
}
