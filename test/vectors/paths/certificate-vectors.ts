import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import {
  buildName,
  certificateExtensions as make,
  extension,
  signed,
} from '../../../sandbox/pki/build-certificate.ts';
import {
  boolean,
  der,
  integer,
  namedBits,
  oid,
  sequence,
  utf8String,
} from '../../../sandbox/pki/der-writer.ts';
import { type PathVector, signer, withoutAny } from './chain.ts';

const unknown = '1.3.6.1.4.1.55555.1';
const octets = (length: number, first: number): Uint8Array =>
  new Uint8Array(length).fill(1).fill(first, 0, 1);

/** Rules for a single certificate, independent of its path (RFC 5280 §4). */
export const certificateVectors: readonly PathVector[] = [
  {
    id: 'names/issuer-and-anchor-name-empty',
    clause: '§4.1.2.4',
    expected: 'certificate-path-invalid',
    check: 'names-present',
    differs: {
      root: { subject: sequence(), issuer: sequence() },
      authority: { issuer: sequence() },
    },
  },
  { id: 'base/three-certificates', clause: '§6.1', expected: 'valid', differs: {} },
  {
    id: 'version/v1-leaf-without-extensions',
    clause: '§4.1.2.1',
    expected: 'valid',
    differs: {
      leaf: { version: 1, extensions: { keyUsage: undefined, authorityKeyIdentifier: undefined } },
    },
  },
  {
    id: 'version/v1-leaf-with-extensions',
    clause: '§4.1.2.1',
    expected: 'certificate-malformed',
    check: 'version',
    differs: { leaf: { version: 1 } },
  },
  {
    id: 'version/v2-leaf-with-extensions',
    clause: '§4.1.2.1',
    expected: 'certificate-malformed',
    check: 'version',
    differs: { leaf: { version: 2 } },
  },
  {
    id: 'version/v1-authority',
    clause: '§6.1.4 (k)',
    expected: 'certificate-path-invalid',
    check: 'basic-constraints',
    differs: {
      authority: {
        version: 1,
        extensions: withoutAny,
      },
    },
  },
  {
    id: 'serial/twenty-octets',
    clause: '§4.1.2.2',
    expected: 'valid',
    differs: { leaf: { serial: octets(20, 0x7f) } },
  },
  {
    id: 'serial/twenty-octets-top-bit-set',
    clause: '§4.1.2.2',
    expected: 'valid',
    differs: { leaf: { serial: octets(20, 0xff) } },
  },
  {
    id: 'serial/twenty-one-octets',
    clause: '§4.1.2.2',
    expected: 'certificate-malformed',
    check: 'serial-number',
    differs: { leaf: { serial: octets(21, 0x7f) } },
  },
  {
    id: 'serial/zero',
    clause: '§4.1.2.2',
    expected: 'certificate-malformed',
    check: 'serial-number',
    differs: { leaf: { serial: 0 } },
  },
  {
    id: 'algorithm/inner-differs-from-outer',
    clause: '§4.1.1.2',
    expected: 'certificate-malformed',
    check: 'signature-algorithm',
    differs: { leaf: { tbsAlgorithm: sequence(oid('1.2.840.10045.4.3.3')) } },
  },
  {
    id: 'algorithm/inner-with-null-parameters',
    clause: '§4.1.1.2',
    expected: 'certificate-malformed',
    check: 'signature-algorithm',
    differs: { leaf: { tbsAlgorithm: sequence(oid('1.2.840.10045.4.3.2'), der(0x05)) } },
  },
  {
    id: 'names/leaf-without-subject-but-critical-alternative',
    clause: '§4.1.2.6',
    expected: 'valid',
    differs: {
      leaf: {
        subject: buildName(),
        extensions: {
          subjectAltName: extension(
            '2.5.29.17',
            sequence(der(0x82, Buffer.from('a.example'))),
            true,
          ),
        },
      },
    },
  },
  {
    id: 'names/leaf-without-any-name',
    clause: '§4.1.2.6',
    expected: 'certificate-path-invalid',
    check: 'names-present',
    differs: { leaf: { subject: buildName() } },
  },
  {
    id: 'names/empty-issuer',
    clause: '§4.1.2.4',
    expected: 'certificate-path-invalid',
    check: 'names-present',
    differs: { authority: { subject: buildName() } },
  },
  {
    id: 'extensions/unknown-not-critical',
    clause: '§4.2',
    expected: 'valid',
    differs: { leaf: { extensions: { unknown: extension(unknown, der(0x05)) } } },
  },
  {
    id: 'extensions/unknown-critical-in-leaf',
    clause: '§4.2',
    expected: 'certificate-path-invalid',
    check: 'critical-extensions',
    differs: { leaf: { extensions: { unknown: extension(unknown, der(0x05), true) } } },
  },
  {
    id: 'extensions/unknown-critical-in-authority',
    clause: '§4.2',
    expected: 'certificate-path-invalid',
    check: 'critical-extensions',
    differs: { authority: { extensions: { unknown: extension(unknown, der(0x05), true) } } },
  },
  {
    id: 'extensions/unknown-critical-in-root',
    clause: '§4.2',
    expected: 'certificate-path-invalid',
    check: 'trust-anchor',
    differs: { root: { extensions: { unknown: extension(unknown, der(0x05), true) } } },
  },
  {
    id: 'extensions/known-twice',
    clause: '§4.2',
    expected: 'certificate-malformed',
    check: 'unique-extensions',
    differs: { leaf: { extensions: { again: make.keyUsage('digitalSignature') } } },
  },
  {
    id: 'extensions/unknown-twice',
    clause: '§4.2',
    expected: 'certificate-malformed',
    check: 'unique-extensions',
    differs: {
      leaf: {
        extensions: { one: extension(unknown, der(0x05)), two: extension(unknown, der(0x05)) },
      },
    },
  },
  {
    id: 'extensions/key-usage-not-der',
    clause: '§4.2.1.3',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      leaf: { extensions: { keyUsage: extension('2.5.29.15', Buffer.from('usage'), true) } },
    },
  },
  {
    id: 'extensions/key-usage-without-a-bit',
    clause: '§4.2.1.3',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: { leaf: { extensions: { keyUsage: extension('2.5.29.15', namedBits(), true) } } },
  },
  {
    id: 'extensions/basic-constraints-with-trailing-data',
    clause: '§4.2.1.9, X.690 §8.1.5',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      leaf: {
        extensions: {
          basicConstraints: extension('2.5.29.19', Buffer.concat([sequence(), Buffer.of(0)]), true),
        },
      },
    },
  },
  {
    id: 'extensions/basic-constraints-encodes-its-default',
    clause: '§4.2.1.9, X.690 §11.5, see divergences',
    expected: 'valid',
    differs: {
      leaf: {
        extensions: { basicConstraints: extension('2.5.29.19', sequence(boolean(false)), true) },
      },
    },
  },
  {
    id: 'extensions/alternative-names-not-der',
    clause: '§4.2.1.6',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      leaf: { extensions: { subjectAltName: extension('2.5.29.17', Buffer.from('example.com')) } },
    },
  },
  {
    id: 'extensions/alternative-names-empty',
    clause: '§4.2.1.6',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: { leaf: { extensions: { subjectAltName: extension('2.5.29.17', sequence()) } } },
  },
  {
    id: 'extensions/other-name-without-a-type',
    clause: '§4.2.1.6',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      leaf: {
        extensions: {
          subjectAltName: extension(
            '2.5.29.17',
            sequence(der(0xa0, der(0xa0, utf8String('公的 花子')))),
          ),
        },
      },
    },
  },
  {
    id: 'extensions/edi-party-name-without-a-party',
    clause: '§4.2.1.6',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      leaf: {
        extensions: {
          subjectAltName: extension('2.5.29.17', sequence(der(0xa5, der(0xa0, utf8String('a'))))),
        },
      },
    },
  },
  {
    id: 'extensions/registered-id-malformed',
    clause: '§4.2.1.6',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      leaf: {
        extensions: {
          subjectAltName: extension('2.5.29.17', sequence(der(0x88, Buffer.of(0x2a, 0x80)))),
        },
      },
    },
  },
  {
    id: 'extensions/issuer-alternative-names-empty',
    clause: '§4.2.1.7',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: { leaf: { extensions: { issuerAltName: extension('2.5.29.18', sequence(), true) } } },
  },
  {
    id: 'extensions/jpki-alternative-names',
    clause: '§4.2.1.6',
    expected: 'valid',
    differs: {
      leaf: {
        extensions: {
          subjectAltName: extension(
            '2.5.29.17',
            sequence(der(0xa0, oid('1.2.392.200149.8.5.5.1'), der(0xa0, utf8String('公的 花子')))),
          ),
        },
      },
    },
  },
  {
    id: 'extensions/policy-twice',
    clause: '§4.2.1.4',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: { leaf: { extensions: { policies: make.certificatePolicies('1.2.3.4', '1.2.3.4') } } },
  },
  {
    id: 'extensions/authority-serial-without-issuer',
    clause: '§4.2.1.1',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      leaf: {
        extensions: {
          authorityKeyIdentifier: extension('2.5.29.35', sequence(der(0x82, Buffer.of(1)))),
        },
      },
    },
  },
  {
    id: 'extensions/policy-constraints-empty',
    clause: '§4.2.1.11',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      authority: { extensions: { constraints: extension('2.5.29.36', sequence(), true) } },
    },
  },
  {
    id: 'extensions/inhibit-any-policy-negative',
    clause: '§4.2.1.14',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      authority: {
        extensions: { inhibit: extension('2.5.29.54', der(0x02, Buffer.of(0xff)), true) },
      },
    },
  },
  {
    id: 'extensions/distribution-point-of-reasons-only',
    clause: '§4.2.1.13',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: {
      leaf: {
        extensions: {
          points: extension('2.5.29.31', sequence(sequence(der(0x81, Buffer.of(1, 0x40))))),
        },
      },
    },
  },
  {
    id: 'issuance/key-identifier-missing-is-allowed',
    clause: '§4.2.1.1',
    expected: 'valid',
    differs: { leaf: { extensions: { authorityKeyIdentifier: undefined } } },
  },
  {
    id: 'issuance/key-identifier-missing',
    clause: '§4.2.1.1',
    expected: 'certificate-path-invalid',
    check: 'issuance-rules',
    differs: {
      leaf: { extensions: { authorityKeyIdentifier: undefined } },
      input: { issuanceRules: true },
    },
  },
  {
    id: 'issuance/all-met',
    clause: '§4.2',
    expected: 'valid',
    differs: { input: { issuanceRules: true } },
  },
  {
    id: 'issuance/authority-without-subject-key-identifier',
    clause: '§4.2.1.2',
    expected: 'certificate-path-invalid',
    check: 'issuance-rules',
    differs: {
      authority: { extensions: { subjectKeyIdentifier: undefined } },
      input: { issuanceRules: true },
    },
  },
  {
    id: 'issuance/leaf-signs-certificates',
    clause: '§4.2.1.9',
    expected: 'certificate-path-invalid',
    check: 'issuance-rules',
    differs: {
      leaf: { extensions: { keyUsage: make.keyUsage('digitalSignature', 'keyCertSign') } },
      input: { issuanceRules: true },
    },
  },
  {
    id: 'issuance/path-length-in-leaf',
    clause: '§4.2.1.9',
    expected: 'certificate-path-invalid',
    check: 'issuance-rules',
    differs: {
      leaf: { extensions: { basicConstraints: make.basicConstraints(false, 0) } },
      input: { issuanceRules: true },
    },
  },
  {
    id: 'issuance/key-identifier-critical',
    clause: '§4.2.1.1',
    expected: 'certificate-path-invalid',
    check: 'issuance-rules',
    differs: {
      leaf: {
        extensions: {
          authorityKeyIdentifier: extension('2.5.29.35', sequence(der(0x80, Buffer.of(1))), true),
        },
      },
      input: { issuanceRules: true },
    },
  },
  {
    id: 'issuance/policy-constraints-not-critical',
    clause: '§4.2.1.11',
    expected: 'certificate-path-invalid',
    check: 'issuance-rules',
    differs: {
      authority: {
        extensions: { constraints: extension('2.5.29.36', sequence(der(0x80, Buffer.of(3)))) },
      },
      input: { issuanceRules: true },
    },
  },
  {
    id: 'issuance/negative-serial',
    clause: '§4.1.2.2',
    expected: 'certificate-malformed',
    check: 'serial-number',
    differs: {
      leaf: { rewrite: negativeSerial },
      input: { issuanceRules: true },
    },
  },
];

/** The same certificate with a negative serial number, which templates cannot express, and a new signature. */
function negativeSerial(certificate: Buffer): Buffer {
  const tbs = Buffer.from(parseCertificate(certificate).tbs);
  tbs[tbs.indexOf(integer(4711)) + 2] = 0x92;
  return signed(tbs, signer('authority0'));
}
