import { describe, expect, it } from '@jest/globals';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate as LibraryCertificate } from '@peculiar/asn1-x509';
import { PolicyGraph } from '../../../lambdas/pki/path/policy-graph.ts';
import { anyPolicy } from '../../../lambdas/pki/x509/certificate-policies.ts';
import { type Certificate, parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import {
  extendedKeyUsageOf,
  keyUsageBit,
  keyUsageOf,
} from '../../../lambdas/pki/x509/extensions.ts';
import {
  buildCertificate,
  buildName,
  certificateExtensions as extensions,
  extension,
} from '../../../sandbox/pki/build-certificate.ts';
import { contextPrimitive, octetString, sequence } from '../../../sandbox/pki/der-writer.ts';
import { generateSigner, spkiOf } from '../../../sandbox/pki/signing.ts';
import { inputOf, pathVectors } from '../../vectors/paths.ts';

const signer = generateSigner('P-256');
const spki = spkiOf(signer);
const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const clientAuthentication = '1.3.6.1.5.5.7.3.2';

interface Difference {
  readonly issuer?: Buffer;
  readonly subject?: Buffer;
  readonly extensions?: readonly Buffer[];
}

function derOf(change: Difference): Buffer {
  const template = {
    serial: 7,
    issuer: buildName(['C', 'JP'], ['O', 'Authority of shared values']),
    subject: buildName(['CN', 'Holder']),
    spki,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2028-01-01T00:00:00Z'),
    extensions: [
      extensions.keyUsage('digitalSignature'),
      extensions.extendedKeyUsage(clientAuthentication),
    ],
  };
  return Buffer.from(buildCertificate({ ...template, ...change }, signer));
}

const read = (change: Difference = {}): Certificate => parseCertificate(derOf(change));

const hex = (octets: ArrayBuffer | Uint8Array): string =>
  Buffer.from(octets instanceof Uint8Array ? octets : new Uint8Array(octets)).toString('hex');

describe('values that certificates of one CA share', () => {
  it('are the issuer, algorithms and extensions that have the same octets', () => {
    const [one, other] = [read(), read()];
    expect(other.issuer).toBe(one.issuer);
    expect(other.signatureAlgorithm).toBe(one.signatureAlgorithm);
    expect(other.extensions.map((each, index) => each === one.extensions[index])).toEqual([
      true,
      true,
    ]);
  });

  it('do not include the subject, nor extensions that may be personal', () => {
    const personal = {
      extensions: [
        extension('2.5.29.17', sequence(contextPrimitive(1, Buffer.from('holder@example.jp')))),
        extensions.subjectKeyIdentifier(spki),
        extension('1.2.3.4', octetString(Buffer.from('unknown'))),
      ],
    };
    const [one, other] = [read(personal), read(personal)];
    expect(other.subject).not.toBe(one.subject);
    for (const [index, each] of other.extensions.entries()) {
      expect(each).not.toBe(one.extensions[index]);
    }
  });

  it('include the subject of a self-issued certificate, which is its issuer', () => {
    const name = buildName(['C', 'JP'], ['O', 'Self-issued']);
    const { issuer, subject } = read({ issuer: name, subject: name });
    expect(subject).toBe(issuer);
  });

  it('do not keep the certificate in memory', () => {
    const der = derOf({ issuer: buildName(['O', 'An issuer met for the first time']) });
    const { issuer, extensions: found } = parseCertificate(der);
    expect(issuer.der.buffer).not.toBe(der.buffer);
    for (const { value } of found) expect(value.buffer).not.toBe(der.buffer);
  });

  it('do not change with the octets of the certificate they were read from', () => {
    const der = derOf({ extensions: [extensions.extendedKeyUsage(serverAuthentication)] });
    const untouched = Buffer.from(der);
    const { issuer } = parseCertificate(der);
    const name = hex(issuer.der);
    der.fill(0);
    const later = parseCertificate(untouched);
    expect(extendedKeyUsageOf(later)).toEqual([serverAuthentication]);
    expect(hex(later.issuer.der)).toBe(name);
  });
});

describe('a certificate that differs from the one before', () => {
  const differences: readonly (readonly [string, Difference, (one: Certificate) => unknown])[] = [
    [
      'in the content of an extension',
      { extensions: [extensions.keyUsage('keyCertSign')] },
      (one) => keyUsageOf(one),
    ],
    [
      'in the criticality of an extension',
      { extensions: [extension('2.5.29.15', Buffer.from('03020780', 'hex'), false)] },
      (one) => one.extensions[0]!.critical,
    ],
    [
      'in the order of extensions',
      {
        extensions: [
          extensions.extendedKeyUsage(clientAuthentication),
          extensions.keyUsage('digitalSignature'),
        ],
      },
      (one) => one.extensions.map(({ id }) => id),
    ],
    [
      'in one octet of the issuer',
      { issuer: buildName(['C', 'JP'], ['O', 'Authority of shared valuez']) },
      (one) => one.issuer.canonical,
    ],
  ];

  it.each(differences)('%s has its own value, before and after', (_where, change, valueOf) => {
    const [own, usual] = [valueOf(read(change)), valueOf(read())];
    expect(own).not.toEqual(usual);
    expect([read(change), read(), read(change), read()].map(valueOf)).toEqual([
      own,
      usual,
      own,
      usual,
    ]);
  });

  it('is read as asked for by the bits it holds', () => {
    const bits = ['digitalSignature', 'keyCertSign'] as const;
    for (const bit of [...bits, ...bits]) {
      expect(keyUsageOf(read({ extensions: [extensions.keyUsage(bit)] }))).toBe(
        1 << keyUsageBit[bit],
      );
    }
  });

  it('is read as another library reads it, in any order of the path vectors', () => {
    const all = pathVectors.flatMap((vector) => {
      try {
        const { leaf, intermediates = [] } = inputOf(vector);
        return [leaf, ...intermediates];
      } catch {
        // A vector whose octets are not a certificate.
        return [];
      }
    });
    expect(all.length).toBeGreaterThan(200);
    for (const { der } of [...all, ...all.toReversed()]) {
      const { issuer, subject, tbsSignatureAlgorithm, extensions: found } = parseCertificate(der);
      const { tbsCertificate: expected } = AsnConvert.parse(der, LibraryCertificate);
      expect(hex(issuer.der)).toBe(hex(AsnConvert.serialize(expected.issuer)));
      expect(hex(subject.der)).toBe(hex(AsnConvert.serialize(expected.subject)));
      expect(tbsSignatureAlgorithm.algorithm).toBe(expected.signature.algorithm);
      expect(found.map(({ id, critical, value }) => [id, critical, hex(value)])).toEqual(
        (expected.extensions ?? []).map(({ extnID, critical, extnValue }) => [
          extnID,
          critical,
          hex(extnValue.buffer),
        ]),
      );
    }
  });
});

describe('policy sets that are calculated once', () => {
  const policies = ['1.2.3', '1.2.4'];
  const others = ['1.2.5'];
  const any = [anyPolicy];

  it('belong to the policies of the certificate', () => {
    for (const asserted of [policies, others, policies]) {
      const graph = PolicyGraph.initial.descend(asserted, true)!;
      expect(graph.userConstrainedPolicies(any)).toEqual(asserted);
    }
  });

  it('depend on whether anyPolicy is inhibited', () => {
    const isNull = [true, false, true].map(
      (acceptsAny) => PolicyGraph.initial.descend(any, acceptsAny) === undefined,
    );
    expect(isNull).toEqual([false, true, false]);
  });

  it('belong to the initial set of the user', () => {
    const graph = PolicyGraph.initial.descend(policies, true)!;
    const [first, second] = [['1.2.3'], ['1.2.4']];
    expect([first, second, first].map((user) => graph.userConstrainedPolicies(user))).toEqual([
      first,
      second,
      first,
    ]);
  });
});
