import {
  certificateExtensions as make,
  extension,
  keyIdentifier,
} from '../../../sandbox/pki/build-certificate.ts';
import {
  context,
  contextPrimitive,
  integer,
  octetString,
  oid,
  sequence,
} from '../../../sandbox/pki/der-writer.ts';
import { type CertificatePlan, names, type PathVector, spkiFor } from './chain.ts';

type Place = 'root' | 'authority' | 'leaf';
type Extensions = NonNullable<CertificatePlan['extensions']>;

/** One violated requirement of RFC 5280 §4 on CAs: §6 accepts the certificate, `issuanceRules` refuses it. */
const broken = (
  id: string,
  clause: string,
  place: Place,
  extensions: Extensions,
  plan: CertificatePlan = {},
): readonly PathVector[] => {
  const differs = { [place]: { ...plan, extensions } };
  return [
    { id: `issuance/${id}-is-allowed`, clause, expected: 'valid', differs },
    {
      id: `issuance/${id}`,
      clause,
      expected: 'certificate-path-invalid',
      check: place === 'root' ? 'trust-anchor' : 'issuance-rules',
      differs: { ...differs, input: { issuanceRules: true } },
    },
  ];
};

const permitted = context(0, sequence(contextPrimitive(2, Buffer.from('example.com'))));
const alternativeName = sequence(contextPrimitive(2, Buffer.from('person.example.com')));
const caIssuers = sequence(
  sequence(oid('1.3.6.1.5.5.7.48.2'), contextPrimitive(6, Buffer.from('http://ca.example/ca'))),
);
const dnsNames = (...hosts: readonly string[]): Buffer =>
  sequence(...hosts.map((host) => contextPrimitive(2, Buffer.from(host))));
const notCritical = make.basicConstraints(true, undefined, false);
const keyOf = (label: string): Buffer => octetString(keyIdentifier(spkiFor(label)));

export const issuanceVectors: readonly PathVector[] = [
  ...broken('basic-constraints-not-critical', '§4.2.1.9', 'authority', {
    basicConstraints: notCritical,
  }),
  ...broken('authority-without-key-usage', '§4.2.1.3', 'authority', { keyUsage: undefined }),
  ...broken('authority-without-its-issuers-key', '§4.2.1.1', 'authority', {
    authorityKeyIdentifier: undefined,
  }),
  ...broken('subject-key-identifier-critical', '§4.2.1.2', 'authority', {
    subjectKeyIdentifier: extension('2.5.29.14', keyOf('authority0'), true),
  }),
  ...broken('name-constraints-not-critical', '§4.2.1.10', 'authority', {
    constraints: extension('2.5.29.30', sequence(permitted)),
  }),
  ...broken('inhibit-any-policy-not-critical', '§4.2.1.14', 'authority', {
    inhibit: extension('2.5.29.54', integer(3)),
  }),
  ...broken('name-constraints-in-leaf', '§4.2.1.10', 'leaf', {
    constraints: extension('2.5.29.30', sequence(permitted), true),
  }),
  ...broken('any-policy-mapped-in-leaf', '§4.2.1.5', 'leaf', {
    mapping: extension('2.5.29.33', sequence(sequence(oid('1.2.3.4'), oid('2.5.29.32.0'))), true),
  }),
  ...broken('information-access-critical', '§4.2.2.1', 'leaf', {
    access: extension('1.3.6.1.5.5.7.1.1', caIssuers, true),
  }),
  ...broken(
    'alternative-name-not-critical-with-empty-subject',
    '§4.2.1.6',
    'leaf',
    { names: extension('2.5.29.17', alternativeName) },
    { subject: sequence() },
  ),
  ...[
    ['underscore', 'a_b.example.com'],
    ['leading-hyphen', '-a.example.com'],
    ['trailing-hyphen', 'a-.example.com'],
    ['space', ' '],
    ['empty-label', 'a..example.com'],
    ['inner-wildcard', 'a.*.example.com'],
    ['label-of-64-octets', `${'a'.repeat(64)}.example.com`],
    ['254-octets', `${'a.'.repeat(121)}example.com.a`],
  ].flatMap(([what, host]) =>
    broken(`dns-name-with-${what}`, '§4.2.1.6, RFC 1034 §3.5', 'leaf', {
      names: extension('2.5.29.17', dnsNames(host!)),
    }),
  ),
  {
    id: 'issuance/dns-names-in-preferred-syntax',
    clause: '§4.2.1.6, RFC 1034 §3.5, RFC 1123 §2.1',
    expected: 'valid',
    differs: {
      leaf: {
        extensions: {
          names: extension(
            '2.5.29.17',
            dnsNames(
              'a-b.example.com',
              '3com.example',
              '*.example.com',
              'localhost',
              'a'.repeat(63),
            ),
          ),
        },
      },
      input: { issuanceRules: true },
    },
  },
  ...broken('root-basic-constraints-not-critical', '§4.2.1.9', 'root', {
    basicConstraints: notCritical,
  }),
  ...broken('root-without-subject-key-identifier', '§4.2.1.2', 'root', {
    subjectKeyIdentifier: undefined,
  }),
  {
    id: 'issuance/alternative-name-critical-with-empty-subject',
    clause: '§4.2.1.6',
    expected: 'valid',
    differs: {
      leaf: {
        subject: sequence(),
        extensions: { names: extension('2.5.29.17', alternativeName, true) },
      },
      input: { issuanceRules: true },
    },
  },
  {
    id: 'issuance/root-without-key-usage',
    clause: '§4.2.1.3, §6.3.3 (f)',
    expected: 'valid',
    differs: { root: { extensions: { keyUsage: undefined } }, input: { issuanceRules: true } },
  },
  {
    id: 'issuance/root-names-its-own-key',
    clause: '§4.2.1.1',
    expected: 'valid',
    differs: {
      root: {
        issuer: names.root,
        extensions: { authorityKeyIdentifier: make.authorityKeyIdentifier(spkiFor('root')) },
      },
      input: { issuanceRules: true },
    },
  },
];
