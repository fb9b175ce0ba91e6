import {
  buildName,
  certificateExtensions as make,
  extension,
} from '../../../sandbox/pki/build-certificate.ts';
import {
  der,
  oid,
  printableString,
  sequence,
  setOf,
  utf8String,
} from '../../../sandbox/pki/der-writer.ts';
import { at, type PathVector, names, withoutAny } from './chain.ts';

const clientAuth = '1.3.6.1.5.5.7.3.2';
const serverAuth = '1.3.6.1.5.5.7.3.1';
const anyPurpose = '2.5.29.37.0';
const eku = (...ids: readonly string[]) => ({ eku: make.extendedKeyUsage(...ids) });

/** One RDN for each value, with the encoded value. */
const nameOf = (...values: readonly (readonly [string, Buffer])[]): Buffer =>
  sequence(...values.map(([type, value]) => setOf(sequence(oid(type), value))));
const authorityName = (cn: Buffer, o: Buffer = utf8String('JPKI-SANDBOX')): Buffer =>
  nameOf(['2.5.4.6', printableString('JP')], ['2.5.4.10', o], ['2.5.4.3', cn]);

/** Validity, names, basicConstraints, key usage: RFC 5280 §6.1.3 (a) and §6.1.4 (k) to (n). */
export const chainVectors: readonly PathVector[] = [
  {
    id: 'validity/at-not-before',
    clause: '§4.1.2.5',
    expected: 'valid',
    differs: { leaf: { notBefore: '2026-04-01T00:00:00Z' } },
  },
  {
    id: 'validity/a-second-before-not-before',
    clause: '§6.1.3 (a)(2)',
    expected: 'certificate-not-yet-valid',
    check: 'validity',
    differs: { leaf: { notBefore: '2026-04-01T00:00:01Z' } },
  },
  {
    id: 'validity/a-millisecond-before-not-before',
    clause: '§6.1.3 (a)(2)',
    expected: 'certificate-not-yet-valid',
    check: 'validity',
    differs: {
      leaf: { notBefore: '2026-04-01T00:00:01Z' },
      input: { time: at('2026-04-01T00:00:00.999Z') },
    },
  },
  {
    id: 'validity/at-not-after',
    clause: '§4.1.2.5',
    expected: 'valid',
    differs: { leaf: { notAfter: '2026-04-01T00:00:00Z' } },
  },
  {
    id: 'validity/within-the-second-of-not-after',
    clause: '§4.1.2.5',
    expected: 'valid',
    differs: {
      leaf: { notAfter: '2026-04-01T00:00:00Z' },
      input: { time: at('2026-04-01T00:00:00.999Z') },
    },
  },
  {
    id: 'validity/a-second-after-not-after',
    clause: '§6.1.3 (a)(2)',
    expected: 'certificate-expired',
    check: 'validity',
    differs: { leaf: { notAfter: '2026-03-31T23:59:59Z' } },
  },
  {
    id: 'validity/generalized-time-beyond-2050',
    clause: '§4.1.2.5.2',
    expected: 'valid',
    differs: { leaf: { notAfter: '2051-01-01T00:00:00Z' } },
  },
  {
    id: 'validity/authority-expired',
    clause: '§6.1.3 (a)(2)',
    expected: 'certificate-expired',
    check: 'validity',
    differs: { authority: { notAfter: '2026-03-31T23:59:59Z' } },
  },
  {
    id: 'validity/anchor-expired',
    clause: 'RFC 5937 §3',
    expected: 'certificate-expired',
    check: 'trust-anchor',
    differs: { root: { notAfter: '2026-03-31T23:59:59Z' } },
  },
  {
    id: 'names/case-differs',
    clause: '§7.1',
    expected: 'valid',
    differs: { leaf: { issuer: authorityName(utf8String('AUTHORITY')) } },
  },
  {
    id: 'names/white-space-differs',
    clause: '§7.1',
    expected: 'valid',
    differs: {
      authority: { subject: authorityName(utf8String('The Authority')) },
      leaf: { issuer: authorityName(utf8String('  The   Authority ')) },
    },
  },
  {
    id: 'names/white-space-inside-a-word',
    clause: '§7.1',
    expected: 'certificate-issuer-untrusted',
    differs: {
      authority: { subject: authorityName(utf8String('TheAuthority')) },
      leaf: { issuer: authorityName(utf8String('The Authority')) },
    },
  },
  {
    id: 'names/string-type-differs',
    clause: '§7.1',
    expected: 'valid',
    differs: { leaf: { issuer: authorityName(printableString('Authority')) } },
  },
  {
    id: 'names/japanese-in-full-width',
    clause: '§7.1, RFC 4518 §2.3',
    expected: 'valid',
    differs: {
      authority: { subject: authorityName(utf8String('認証局 Ａ')) },
      leaf: { issuer: authorityName(utf8String('認証局 A')) },
    },
  },
  {
    id: 'names/another-attribute-type',
    clause: '§7.1',
    expected: 'certificate-issuer-untrusted',
    differs: {
      leaf: {
        issuer: nameOf(
          ['2.5.4.6', printableString('JP')],
          ['2.5.4.11', utf8String('JPKI-SANDBOX')],
          ['2.5.4.3', utf8String('Authority')],
        ),
      },
    },
  },
  {
    id: 'names/order-of-names-differs',
    clause: '§7.1',
    expected: 'certificate-issuer-untrusted',
    differs: {
      leaf: {
        issuer: nameOf(
          ['2.5.4.10', utf8String('JPKI-SANDBOX')],
          ['2.5.4.6', printableString('JP')],
          ['2.5.4.3', utf8String('Authority')],
        ),
      },
    },
  },
  {
    id: 'names/one-name-more',
    clause: '§6.1.3 (a)(4)',
    expected: 'certificate-issuer-untrusted',
    differs: {
      leaf: {
        issuer: buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['CN', 'Authority'], ['CN', 'x']),
      },
    },
  },
  {
    id: 'authority/basic-constraints-missing',
    clause: '§6.1.4 (k)',
    expected: 'certificate-path-invalid',
    check: 'basic-constraints',
    differs: { authority: { extensions: { basicConstraints: undefined } } },
  },
  {
    id: 'authority/not-an-authority',
    clause: '§6.1.4 (k)',
    expected: 'certificate-path-invalid',
    check: 'basic-constraints',
    differs: { authority: { extensions: { basicConstraints: make.basicConstraints(false) } } },
  },
  {
    id: 'authority/basic-constraints-not-critical',
    clause: '§6.1.4 (k)',
    expected: 'valid',
    differs: {
      authority: {
        extensions: { basicConstraints: make.basicConstraints(true, undefined, false) },
      },
    },
  },
  {
    id: 'authority/anchor-is-no-authority',
    clause: 'RFC 5937 §3',
    expected: 'certificate-path-invalid',
    check: 'trust-anchor',
    differs: { root: { extensions: { basicConstraints: make.basicConstraints(false) } } },
  },
  {
    id: 'authority/anchor-without-basic-constraints',
    clause: '§4.2.1.9',
    expected: 'certificate-path-invalid',
    check: 'trust-anchor',
    differs: { root: { extensions: { basicConstraints: undefined } } },
  },
  {
    id: 'authority/anchor-of-version-1',
    clause: '§4.2.1.9, §6.1.1 (d)',
    expected: 'valid',
    differs: {
      root: {
        version: 1,
        extensions: withoutAny,
      },
    },
  },
  {
    id: 'authority/anchor-of-version-2-with-key-usage-alone',
    clause: '§4.2.1.9',
    expected: 'certificate-path-invalid',
    check: 'trust-anchor',
    differs: { root: { version: 2, extensions: { basicConstraints: undefined } } },
  },
  {
    id: 'authority/key-usage-absent',
    clause: '§6.1.4 (n)',
    expected: 'valid',
    differs: { authority: { extensions: { keyUsage: undefined } } },
  },
  {
    id: 'authority/key-usage-without-certificate-signing',
    clause: '§6.1.4 (n)',
    expected: 'certificate-path-invalid',
    check: 'key-usage',
    differs: { authority: { extensions: { keyUsage: make.keyUsage('cRLSign') } } },
  },
  {
    id: 'path-length/zero-and-a-leaf',
    clause: '§4.2.1.9',
    expected: 'valid',
    differs: { authority: { extensions: { basicConstraints: make.basicConstraints(true, 0) } } },
  },
  {
    id: 'path-length/zero-and-a-ca-certificate-as-leaf',
    clause: '§4.2.1.9',
    expected: 'valid',
    differs: {
      authority: { extensions: { basicConstraints: make.basicConstraints(true, 0) } },
      leaf: { extensions: { basicConstraints: make.basicConstraints(true, 0) } },
    },
  },
  {
    id: 'path-length/zero-and-another-authority',
    clause: '§6.1.4 (l)',
    expected: 'certificate-path-invalid',
    check: 'path-length',
    differs: {
      authority: { extensions: { basicConstraints: make.basicConstraints(true, 0) } },
      between: [{}],
    },
  },
  {
    id: 'path-length/one-and-another-authority',
    clause: '§6.1.4 (l)',
    expected: 'valid',
    differs: {
      authority: { extensions: { basicConstraints: make.basicConstraints(true, 1) } },
      between: [{}],
    },
  },
  {
    id: 'path-length/larger-value-below-has-no-effect',
    clause: '§6.1.4 (m)',
    expected: 'certificate-path-invalid',
    check: 'path-length',
    differs: {
      authority: { extensions: { basicConstraints: make.basicConstraints(true, 1) } },
      between: [{ extensions: { basicConstraints: make.basicConstraints(true, 9) } }, {}],
    },
  },
  {
    id: 'path-length/self-issued-does-not-count',
    clause: '§6.1.4 (l)',
    expected: 'valid',
    differs: {
      authority: { extensions: { basicConstraints: make.basicConstraints(true, 0) } },
      between: [{ subject: names.authority }],
    },
  },
  {
    id: 'path-length/of-the-anchor',
    clause: 'RFC 5937 §3.2',
    expected: 'certificate-path-invalid',
    check: 'path-length',
    differs: { root: { extensions: { basicConstraints: make.basicConstraints(true, 0) } } },
  },
  {
    id: 'purpose/named',
    clause: '§4.2.1.12',
    expected: 'valid',
    differs: { leaf: { extensions: eku(clientAuth) }, input: { requiredEku: clientAuth } },
  },
  {
    id: 'purpose/another-one',
    clause: '§4.2.1.12',
    expected: 'certificate-path-invalid',
    check: 'extended-key-usage',
    differs: { leaf: { extensions: eku(serverAuth) }, input: { requiredEku: clientAuth } },
  },
  {
    id: 'purpose/none-named',
    clause: '§4.2.1.12',
    expected: 'valid',
    differs: { input: { requiredEku: clientAuth } },
  },
  {
    id: 'purpose/any',
    clause: '§4.2.1.12',
    expected: 'valid',
    differs: { leaf: { extensions: eku(anyPurpose) }, input: { requiredEku: clientAuth } },
  },
  {
    id: 'purpose/not-asked',
    clause: '§4.2.1.12',
    expected: 'valid',
    differs: { leaf: { extensions: eku(serverAuth) } },
  },
  {
    id: 'purpose/authority-for-another',
    clause: '§4.2.1.12',
    expected: 'certificate-path-invalid',
    check: 'extended-key-usage',
    differs: { authority: { extensions: eku(serverAuth) }, input: { requiredEku: clientAuth } },
  },
  {
    id: 'purpose/anchor-for-another',
    clause: '§4.2.1.12',
    expected: 'certificate-path-invalid',
    check: 'trust-anchor',
    differs: { root: { extensions: eku(serverAuth) }, input: { requiredEku: clientAuth } },
  },
  {
    id: 'purpose/anchor-for-this-one',
    clause: '§4.2.1.12',
    expected: 'valid',
    differs: { root: { extensions: eku(clientAuth) }, input: { requiredEku: clientAuth } },
  },
  {
    id: 'purpose/critical-and-empty',
    clause: '§4.2.1.12',
    expected: 'certificate-malformed',
    check: 'extensions-well-formed',
    differs: { leaf: { extensions: { eku: extension('2.5.29.37', der(0x30), true) } } },
  },
];
