import {
  buildName,
  certificateExtensions as make,
  extension,
} from '../../../sandbox/pki/build-certificate.ts';
import { context, der, sequence } from '../../../sandbox/pki/der-writer.ts';
import { names, type OtherPlan, type PathVector, spkiFor } from './chain.ts';

const far = buildName(['CN', 'Far away']);
const other = buildName(['CN', 'Other root']);

/** A certificate for the authority's name and key from another issuer. */
const cross = (plan: Partial<OtherPlan>): OtherPlan => ({
  subject: names.authority,
  issuer: other,
  key: 'authority0',
  signedBy: 'other-root',
  ...plan,
});

const otherRoot: OtherPlan = {
  subject: other,
  issuer: other,
  key: 'other-root',
  signedBy: 'other-root',
  isAnchor: true,
};

/** Each CA certifies each other one: factorially many partial paths, none with an anchor. */
const clique = (size: number): readonly OtherPlan[] =>
  Array.from({ length: size * size }, (_, index) => ({
    subject: cliqueName(index % size),
    issuer: cliqueName(Math.floor(index / size)),
    key: `clique${index % size}`,
    signedBy: `clique${Math.floor(index / size)}`,
  }));
const cliqueName = (n: number): Buffer => buildName(['CN', `Clique ${n}`]);

/** A chain of twelve authorities with three certificates each: 3^12 paths from the leaf to the top. */
const layers = (top: Partial<OtherPlan>): readonly OtherPlan[] =>
  Array.from({ length: 36 }, (_, index) => {
    const layer = Math.floor(index / 3);
    return {
      serial: 100 + (index % 3),
      subject: layerName(layer),
      issuer: layerName(layer + 1),
      key: `layer${layer}`,
      signedBy: `layer${layer + 1}`,
      ...(layer === 11 && { issuer: names.root, signedBy: 'root', ...top }),
    };
  });
const layerName = (n: number): Buffer => buildName(['CN', `Layer ${n}`]);
const belowTheLayers = { issuer: layerName(0), signedBy: 'layer0' };

const excluded = (host: string) => ({
  nameConstraints: extension(
    '2.5.29.30',
    sequence(context(1, sequence(der(0x82, Buffer.from(host, 'latin1'))))),
    true,
  ),
});
const named = (...hosts: readonly string[]) => ({
  subjectAltName: extension(
    '2.5.29.17',
    sequence(...hosts.map((host) => der(0x82, Buffer.from(host, 'latin1')))),
  ),
});

/** Path building among many certificates (RFC 4158), within budgets. */
export const buildingVectors: readonly PathVector[] = [
  {
    id: 'building/authority-missing',
    clause: '§6.1',
    expected: 'certificate-issuer-untrusted',
    differs: { withoutAuthority: true },
  },
  {
    id: 'building/root-unknown',
    clause: '§6.1',
    expected: 'certificate-issuer-untrusted',
    differs: { authority: { issuer: far, signedBy: 'far' } },
  },
  {
    id: 'building/untrusted-root-offered',
    clause: '§6.1.1 (d)',
    expected: 'certificate-issuer-untrusted',
    differs: {
      authority: { issuer: far, signedBy: 'far' },
      others: [{ subject: far, issuer: far, key: 'far', signedBy: 'far' }],
    },
  },
  {
    id: 'building/three-generations-of-one-name',
    clause: 'RFC 4158 §3.5',
    expected: 'valid',
    differs: {
      others: ['old', 'older'].map((key) => ({
        subject: names.root,
        issuer: names.root,
        key,
        signedBy: key,
        isAnchor: true,
      })),
    },
  },
  {
    id: 'building/generation-without-key-identifier',
    clause: 'RFC 4158 §3.5.12',
    expected: 'valid',
    differs: {
      root: { extensions: { subjectKeyIdentifier: undefined } },
      authority: { extensions: { authorityKeyIdentifier: undefined } },
      others: [
        { subject: names.root, issuer: names.root, key: 'old', signedBy: 'old', isAnchor: true },
      ],
    },
  },
  {
    id: 'building/key-identifier-misleads',
    clause: 'RFC 4158 §3.5.12',
    expected: 'valid',
    differs: {
      leaf: {
        extensions: { authorityKeyIdentifier: make.authorityKeyIdentifier(spkiFor('stranger')) },
      },
      others: [cross({ key: 'stranger' }), otherRoot],
    },
  },
  {
    id: 'building/expired-cross-certificate-and-good-authority',
    clause: 'RFC 4158 §2.3',
    expected: 'valid',
    differs: { others: [cross({ notAfter: '2025-06-01T00:00:00Z' }), otherRoot] },
  },
  {
    id: 'building/good-cross-certificate-and-expired-authority',
    clause: 'RFC 4158 §2.3',
    expected: 'valid',
    differs: {
      authority: { notAfter: '2025-06-01T00:00:00Z' },
      others: [cross({}), otherRoot],
    },
  },
  {
    id: 'building/both-paths-expired',
    clause: 'RFC 4158 §2.3',
    expected: 'certificate-expired',
    check: 'validity',
    differs: {
      authority: { notAfter: '2025-06-01T00:00:00Z' },
      others: [cross({ notAfter: '2025-06-01T00:00:00Z' }), otherRoot],
    },
  },
  {
    id: 'building/cross-certificate-that-is-no-authority',
    clause: 'RFC 4158 §2.3',
    expected: 'valid',
    differs: {
      others: [cross({ extensions: { basicConstraints: undefined } }), otherRoot],
    },
  },
  {
    id: 'building/two-authorities-certify-each-other',
    clause: 'RFC 4158 §2.4.2',
    expected: 'certificate-issuer-untrusted',
    differs: {
      authority: { issuer: far, signedBy: 'far' },
      others: [{ subject: far, issuer: names.authority, key: 'far', signedBy: 'authority0' }],
    },
  },
  {
    id: 'building/loop-off-the-path',
    clause: 'RFC 4158 §2.4.2',
    expected: 'valid',
    differs: {
      others: [
        { subject: names.root, issuer: far, key: 'root', signedBy: 'far' },
        { subject: far, issuer: names.root, key: 'far', signedBy: 'root' },
        cross({ issuer: far, signedBy: 'far' }),
      ],
    },
  },
  {
    id: 'building/full-mesh-without-an-anchor',
    clause: 'RFC 4158 §2.4',
    expected: 'certificate-issuer-untrusted',
    differs: {
      leaf: { issuer: cliqueName(0), signedBy: 'clique0' },
      others: clique(9),
    },
  },
  {
    id: 'building/full-mesh-with-one-path-to-an-anchor',
    clause: 'RFC 4158 §2.4',
    expected: 'valid',
    differs: {
      leaf: { issuer: cliqueName(0), signedBy: 'clique0' },
      others: [
        ...clique(6),
        { subject: cliqueName(5), issuer: names.root, key: 'clique5', signedBy: 'root' },
      ],
    },
  },
  {
    id: 'building/a-short-path-out-of-a-large-mesh',
    clause: 'RFC 4158 §3.1',
    expected: 'valid',
    differs: {
      leaf: { issuer: cliqueName(0), signedBy: 'clique0' },
      others: [
        ...clique(12),
        { subject: cliqueName(11), issuer: names.root, key: 'clique11', signedBy: 'root' },
      ],
    },
  },
  {
    id: 'building/factorially-many-refused-paths',
    clause: 'RFC 4158 §7',
    expected: 'certificate-path-too-complex',
    differs: {
      leaf: { issuer: cliqueName(0), signedBy: 'clique0' },
      others: [
        ...clique(8),
        { subject: cliqueName(7), issuer: names.root, key: 'clique7', signedBy: 'root' },
      ],
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'building/exponentially-many-paths-to-the-anchor',
    clause: 'RFC 4158 §2.4',
    expected: 'valid',
    differs: { leaf: belowTheLayers, others: layers({}) },
  },
  {
    id: 'building/exponentially-many-paths-that-the-anchor-did-not-sign',
    clause: 'RFC 4158 §2.4',
    expected: 'certificate-signature-invalid',
    differs: { leaf: belowTheLayers, others: layers({ signedBy: 'stranger' }) },
  },
  {
    id: 'building/authority-in-the-trusted-set',
    clause: '§6.1.1 (d)',
    expected: 'valid',
    differs: {
      withoutAuthority: true,
      others: [cross({ issuer: names.root, signedBy: 'root', isAnchor: true })],
    },
  },
  {
    id: 'building/leaf-is-the-anchor',
    clause: '§6.1.1 (d)',
    expected: 'valid',
    differs: {
      leaf: {
        subject: names.root,
        issuer: names.root,
        key: 'root',
        signedBy: 'root',
        extensions: { basicConstraints: make.basicConstraints(true) },
      },
    },
  },
  {
    id: 'budget/as-many-intermediates-as-allowed',
    clause: 'RFC 4158 §7',
    expected: 'valid',
    differs: { between: [{}, {}], input: { budgets: { intermediates: 3 } } },
  },
  {
    id: 'budget/one-intermediate-too-many',
    clause: 'RFC 4158 §7',
    expected: 'certificate-path-too-complex',
    differs: { between: [{}, {}, {}], input: { budgets: { intermediates: 3 } } },
  },
  {
    id: 'budget/partial-paths-spent',
    clause: 'RFC 4158 §7',
    expected: 'certificate-path-too-complex',
    differs: { input: { budgets: { steps: 1 } } },
  },
  {
    id: 'budget/as-many-comparisons-as-allowed',
    clause: 'RFC 5280 §8',
    expected: 'valid',
    differs: {
      authority: { extensions: excluded('example.org') },
      leaf: { extensions: named('a.example.com', 'b.example.com') },
      input: { budgets: { comparisons: 2 } },
    },
  },
  {
    id: 'budget/one-name-too-many-to-compare',
    clause: 'RFC 5280 §8',
    expected: 'certificate-path-too-complex',
    differs: {
      authority: { extensions: excluded('example.org') },
      leaf: { extensions: named('a.example.com', 'b.example.com', 'c.example.com') },
      input: { budgets: { comparisons: 2 } },
    },
  },
  {
    id: 'budget/comparisons-count-on-all-paths-together',
    clause: 'RFC 5280 §8',
    expected: 'certificate-path-too-complex',
    differs: {
      authority: { extensions: excluded('example.org') },
      leaf: { extensions: named('a.example.com', 'example.org') },
      others: [cross({ extensions: excluded('example.org') }), otherRoot],
      input: { budgets: { comparisons: 3 } },
    },
  },
  {
    id: 'budget/policies-spent',
    clause: 'RFC 9618 §4.2',
    expected: 'certificate-path-too-complex',
    differs: {
      authority: { extensions: { policies: make.certificatePolicies('1.2.3', '1.2.4') } },
      input: { budgets: { comparisons: 2 } },
    },
  },
  {
    id: 'budget/signatures-spent',
    clause: 'RFC 4158 §7',
    expected: 'certificate-path-too-complex',
    differs: { input: { budgets: { signatureChecks: 1 } } },
  },
  {
    id: 'budget/signatures-count-once-for-each-key',
    clause: 'RFC 4158 §7',
    expected: 'valid',
    differs: {
      // The leaf's issuer key is in three certificates, each from a different issuer.
      withoutAuthority: true,
      others: [
        cross({ serial: 1, signedBy: 'stranger' }),
        cross({ serial: 2, signedBy: 'stranger' }),
        cross({ issuer: names.root, signedBy: 'root' }),
        otherRoot,
      ],
      input: { budgets: { signatureChecks: 4 } },
    },
  },
  {
    id: 'budget/too-many-certificates',
    clause: 'RFC 4158 §7',
    expected: 'certificate-path-too-complex',
    differs: { between: [{}], input: { budgets: { certificates: 1 } } },
  },
  {
    id: 'budget/certificates-that-lead-elsewhere-do-not-count',
    clause: 'RFC 4158 §7',
    expected: 'valid',
    differs: {
      others: [{ subject: far, issuer: names.root, key: 'far', signedBy: 'root' }],
      input: { budgets: { certificates: 1 } },
    },
  },
  {
    id: 'budget/too-many-bytes',
    clause: 'RFC 4158 §7',
    expected: 'certificate-path-too-complex',
    differs: { input: { budgets: { inputBytes: 500 } } },
  },
];
