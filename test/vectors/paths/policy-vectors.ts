import {
  certificateExtensions as make,
  extension,
} from '../../../sandbox/pki/build-certificate.ts';
import { der, ia5String, integer, oid, sequence } from '../../../sandbox/pki/der-writer.ts';
import type { CertificatePlan, PathVector } from './chain.ts';

const one = '1.2.392.200149.8.5.1.3.30';
const two = '1.2.392.200149.8.5.1.1.20';
const three = '1.2.392.200149.8.5.9.9';
const any = '2.5.29.32.0';
/** Arcs below 2.25 are UUIDs of 128 bits (X.667 §6.3). */
const uuid = '2.25.329800735698586629295641978511506172918';

const policies = (...ids: readonly string[]) => ({ policies: make.certificatePolicies(...ids) });
const mapping = (...pairs: readonly (readonly [string, string])[]) => ({
  mapping: extension(
    '2.5.29.33',
    sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to)))),
    true,
  ),
});
const counter = (n: 0 | 1, value: number) => ({
  constraints: extension('2.5.29.36', sequence(der(0x80 | n, Buffer.of(value))), true),
});
const inhibitAny = (value: number) => ({ inhibit: extension('2.5.29.54', integer(value), true) });
const plan = (...parts: readonly Readonly<Record<string, Buffer>>[]): CertificatePlan => ({
  extensions: Object.assign({}, ...parts) as Record<string, Buffer>,
});

/** One policy with a qualifier, critical or not. */
const qualified = (qualifier: string, critical: boolean, value = ia5String('http://x.test/')) => ({
  policies: extension(
    '2.5.29.32',
    sequence(sequence(oid(one), sequence(sequence(oid(qualifier), value)))),
    critical,
  ),
});

const refused = { expected: 'certificate-policy-unacceptable' } as const;

/** RFC 5280 §6.1.3 (d) to (f), §6.1.4 (a), (b), (h) to (j), §6.1.5; RFC 9618. */
export const policyVectors: readonly PathVector[] = [
  {
    id: 'policy/same-in-all-certificates',
    clause: '§6.1.3 (d)(1)',
    expected: 'valid',
    policies: [one],
    differs: {
      authority: plan(policies(one)),
      leaf: plan(policies(one)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'policy/critical-with-a-pointer-to-a-statement',
    clause: '§4.2.1.4',
    expected: 'valid',
    policies: [one],
    differs: { authority: plan(policies(one)), leaf: plan(qualified('1.3.6.1.5.5.7.2.1', true)) },
  },
  {
    id: 'policy/critical-with-an-unknown-qualifier',
    clause: '§4.2.1.4',
    expected: 'certificate-path-invalid',
    check: 'critical-extensions',
    differs: { authority: plan(policies(one)), leaf: plan(qualified('1.2.3.4', true)) },
  },
  {
    id: 'policy/critical-with-a-pointer-that-is-no-text',
    clause: '§4.2.1.4',
    expected: 'certificate-path-invalid',
    check: 'critical-extensions',
    differs: {
      authority: plan(policies(one)),
      leaf: plan(qualified('1.3.6.1.5.5.7.2.1', true, integer(1))),
    },
  },
  {
    id: 'policy/critical-with-an-unknown-qualifier-in-an-authority',
    clause: '§4.2.1.4',
    expected: 'certificate-path-invalid',
    check: 'critical-extensions',
    differs: { authority: plan(qualified('1.2.3.4', true)), leaf: plan(policies(one)) },
  },
  {
    id: 'policy/unknown-qualifier-not-critical',
    clause: '§4.2.1.4',
    expected: 'valid',
    policies: [one],
    differs: { authority: plan(policies(one)), leaf: plan(qualified('1.2.3.4', false)) },
  },
  {
    id: 'policy/identified-by-a-uuid',
    clause: '§6.1.3 (d)(1), X.667 §6.3',
    expected: 'valid',
    policies: [uuid],
    differs: {
      authority: plan(policies(uuid)),
      leaf: plan(policies(uuid)),
      input: { initialExplicitPolicy: true, userInitialPolicySet: [uuid] },
    },
  },
  {
    id: 'policy/identified-by-the-next-uuid',
    clause: '§6.1.3 (d)(1), X.667 §6.3',
    ...refused,
    check: 'policies',
    differs: {
      authority: plan(policies(uuid)),
      leaf: plan(policies(uuid.replace(/8$/, '9'))),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'policy/none-anywhere-and-none-required',
    clause: '§6.1.3 (e)',
    expected: 'valid',
    policies: [],
    differs: {},
  },
  {
    id: 'policy/none-anywhere-but-required',
    clause: '§6.1.3 (f)',
    ...refused,
    check: 'policies',
    differs: { input: { initialExplicitPolicy: true } },
  },
  {
    id: 'policy/leaf-names-another',
    clause: '§6.1.3 (d)(1)',
    ...refused,
    check: 'policies',
    differs: {
      authority: plan(policies(one)),
      leaf: plan(policies(two)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'policy/authority-names-none',
    clause: '§6.1.3 (e)',
    ...refused,
    check: 'policies',
    differs: { leaf: plan(policies(one)), input: { initialExplicitPolicy: true } },
  },
  {
    id: 'policy/authority-names-any',
    clause: '§6.1.3 (d)(1)(ii)',
    expected: 'valid',
    policies: [one],
    differs: {
      authority: plan(policies(any)),
      leaf: plan(policies(one)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'policy/leaf-names-any',
    clause: '§6.1.3 (d)(2)',
    expected: 'valid',
    policies: [one],
    differs: {
      authority: plan(policies(one)),
      leaf: plan(policies(any)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'policy/any-inhibited-by-caller',
    clause: '§6.1.1 (g)',
    ...refused,
    check: 'policies',
    differs: {
      authority: plan(policies(any)),
      leaf: plan(policies(one)),
      input: { initialExplicitPolicy: true, initialAnyPolicyInhibit: true },
    },
  },
  {
    id: 'policy/any-inhibited-at-once',
    clause: '§6.1.4 (j)',
    ...refused,
    check: 'policies',
    differs: {
      authority: plan(policies(one), inhibitAny(0)),
      leaf: plan(policies(any)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'policy/any-inhibited-one-later',
    clause: '§6.1.4 (j)',
    expected: 'valid',
    policies: [one],
    differs: {
      authority: plan(policies(one), inhibitAny(1)),
      leaf: plan(policies(any)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'policy/user-accepts-it',
    clause: '§6.1.5 (g)',
    expected: 'valid',
    policies: [one],
    differs: {
      authority: plan(policies(one, two)),
      leaf: plan(policies(one, two)),
      input: { initialExplicitPolicy: true, userInitialPolicySet: [one] },
    },
  },
  {
    id: 'policy/user-accepts-another',
    clause: '§6.1.5 (g)',
    ...refused,
    check: 'explicit-policy',
    differs: {
      authority: plan(policies(one)),
      leaf: plan(policies(one)),
      input: { initialExplicitPolicy: true, userInitialPolicySet: [two] },
    },
  },
  {
    id: 'policy/user-narrows-any',
    clause: '§6.1.5 (g)(iii)',
    expected: 'valid',
    policies: [two],
    differs: {
      authority: plan(policies(any)),
      leaf: plan(policies(any)),
      input: { initialExplicitPolicy: true, userInitialPolicySet: [two] },
    },
  },
  {
    id: 'policy/required-by-authority',
    clause: '§6.1.4 (i)(1)',
    ...refused,
    check: 'policies',
    differs: { authority: plan(policies(one), counter(0, 0)) },
  },
  {
    id: 'policy/required-by-authority-and-kept',
    clause: '§6.1.4 (i)(1)',
    expected: 'valid',
    policies: [one],
    differs: { authority: plan(policies(one), counter(0, 0)), leaf: plan(policies(one)) },
  },
  {
    id: 'policy/required-after-more-certificates-than-follow',
    clause: '§6.1.4 (i)(1)',
    expected: 'valid',
    policies: [],
    differs: { authority: plan(policies(one), counter(0, 5)) },
  },
  {
    id: 'policy/required-by-the-leaf-itself',
    clause: '§6.1.5 (b)',
    ...refused,
    check: 'explicit-policy',
    differs: { leaf: plan(counter(0, 0)) },
  },
  {
    id: 'policy/required-by-the-anchor',
    clause: 'RFC 5937 §3.2',
    ...refused,
    check: 'policies',
    differs: { root: plan(counter(0, 0)) },
  },
  {
    id: 'mapping/to-the-leafs-policy',
    clause: '§6.1.4 (b)(1)',
    expected: 'valid',
    policies: [one],
    differs: {
      authority: plan(policies(one), mapping([one, two])),
      leaf: plan(policies(two)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'mapping/leaf-asserts-the-mapped-policy',
    clause: '§6.1.4 (b)(1)',
    ...refused,
    check: 'policies',
    differs: {
      authority: plan(policies(one), mapping([one, two])),
      leaf: plan(policies(one)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'mapping/of-any-in-the-authority',
    clause: '§6.1.4 (b)(1)',
    expected: 'valid',
    policies: [one],
    differs: {
      authority: plan(policies(any), mapping([one, two])),
      leaf: plan(policies(two)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'mapping/inhibited-by-caller',
    clause: '§6.1.4 (b)(2)',
    ...refused,
    check: 'policies',
    differs: {
      authority: plan(policies(one), mapping([one, two])),
      leaf: plan(policies(two)),
      input: { initialExplicitPolicy: true, initialPolicyMappingInhibit: true },
    },
  },
  {
    id: 'mapping/inhibited-by-authority-above',
    clause: '§6.1.4 (i)(2)',
    ...refused,
    check: 'policies',
    differs: {
      authority: plan(policies(one), counter(1, 0)),
      between: [plan(policies(one), mapping([one, two]))],
      leaf: plan(policies(two)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'mapping/one-to-two',
    clause: '§6.1.4 (b)(1)',
    expected: 'valid',
    policies: [one],
    differs: {
      authority: plan(policies(one), mapping([one, two], [one, three])),
      leaf: plan(policies(three)),
      input: { initialExplicitPolicy: true },
    },
  },
  {
    id: 'mapping/from-any',
    clause: '§6.1.4 (a)',
    expected: 'certificate-path-invalid',
    check: 'policy-mapping',
    differs: { authority: plan(policies(one), mapping([any, two])) },
  },
  {
    id: 'mapping/to-any',
    clause: '§6.1.4 (a)',
    expected: 'certificate-path-invalid',
    check: 'policy-mapping',
    differs: { authority: plan(policies(one), mapping([one, any])) },
  },
];
