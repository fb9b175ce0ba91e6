import type { AlgorithmPolicy } from '../../lambdas/pki/algorithm-policy.ts';
import type { NameConstraints } from '../../lambdas/pki/x509/name-constraints.ts';
import { CaseFields, refused } from './case-fields.ts';
import type { ArrivedCase } from './case-stream.ts';
import type { NamedBytes } from '../../cli/named-bytes.ts';
import { subtreeFrom } from './subtree-text.ts';
import type { OfflineMethod, VerifyCase } from './verify-case.ts';
import type { SignedMessage } from '../../cli/verify-signed.ts';

export interface ReadLine {
  readonly id: string;
  readonly question: VerifyCase;
  /** Given instead of a certificate, for an OCSP response or a list by itself. */
  readonly issuer: NamedBytes | undefined;
  /** Given instead of both, for a bare signature. */
  readonly signed: SignedMessage | undefined;
  /** What the line says should come out; `not valid` where it says only that. */
  readonly expected: string | undefined;
  /** The user-constrained-policy-set that should come out where the path is valid. */
  readonly expectedPolicies: readonly string[] | undefined;
  /** Fields that nothing here reads. */
  readonly unread: readonly string[];
}

/** Every field of a case, docs/verify.md; in brackets there, and behind their own here, those of PKITS. */
const fieldNames: readonly string[] = [
  'id number expected shouldValidate expectedPolicies userConstrainedPolicySet',
  'certificate certs anchors intermediates crls ocspResponses issuer',
  'publicKey signatureAlgorithm message signature',
  'time method revocationOf requiredEku nonce algorithms issuanceRules',
  'policies explicitPolicy inhibitPolicyMapping inhibitAnyPolicy',
  'initialPolicySet initialExplicitPolicy initialPolicyMappingInhibit initialInhibitAnyPolicy',
  'nameConstraints maximumIntermediates skewSeconds maximumAgeHours requireResponderStatus',
].flatMap((line) => line.split(' '));

/** A case over the defaults of the command line. Throws `CommandFailure` naming the field. */
export function readLine({ value }: ArrivedCase, position: number, defaults: VerifyCase): ReadLine {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refused(`case ${position} is not an object`);
  }
  const id = new CaseFields(value, `case ${position}`).label('id', 'number') ?? String(position);
  const where = `case ${id}`;
  const unread = unreadFields(value, where);
  const fields = new CaseFields(value, where);
  refuseTwoQuestions(fields, where);
  const certificates = fields.valueList('certs');
  const [certificate = certificates?.at(-1), ...others] = fields.values('certificate') ?? [];
  const issuer = certificate ? undefined : fields.values('issuer')?.[0];
  const signed = certificate || issuer ? undefined : signedMessage(fields, where);
  if (!certificate && !issuer && !signed) throw refused(`${where} has no certificate`);
  const intermediates =
    fields.valueList('intermediates') ?? certificates?.slice(1, -1) ?? defaults.intermediates;
  const crls = fields.valueList('crls') ?? defaults.crls;
  const ocspResponses = fields.valueList('ocspResponses') ?? defaults.ocspResponses;
  if (issuer && (ocspResponses.length || crls.length) !== 1) {
    throw refused(`${where}: an issuer alone needs one of ocspResponses, or one of crls`);
  }
  const skew = fields.number('skewSeconds');
  const age = fields.number('maximumAgeHours');
  return {
    id,
    expected: expectedOf(fields),
    expectedPolicies: fields.identifiers('expectedPolicies', 'userConstrainedPolicySet'),
    issuer,
    signed,
    unread,
    question: {
      ...defaults,
      certificate: certificate ?? defaults.certificate,
      anchors: fields.valueList('anchors') ?? certificates?.slice(0, 1) ?? defaults.anchors,
      intermediates: [...others, ...intermediates],
      crls,
      ocspResponses,
      time: fields.time('time') ?? defaults.time,
      method:
        fields.choice(['none', 'ocsp', 'crl', 'auto'], 'method') ??
        impliedMethod(defaults, crls, ocspResponses),
      revocationOf:
        fields.choice(['leaf', 'path'], 'revocationOf') ??
        impliedScope(defaults, crls, ocspResponses),
      policies: fields.identifiers('policies', 'initialPolicySet') ?? defaults.policies,
      explicitPolicy:
        fields.flag('explicitPolicy', 'initialExplicitPolicy') ?? defaults.explicitPolicy,
      inhibitPolicyMapping:
        fields.flag('inhibitPolicyMapping', 'initialPolicyMappingInhibit') ??
        defaults.inhibitPolicyMapping,
      inhibitAnyPolicy:
        fields.flag('inhibitAnyPolicy', 'initialInhibitAnyPolicy') ?? defaults.inhibitAnyPolicy,
      nameConstraints: constraintsFrom(fields, where) ?? defaults.nameConstraints,
      issuanceRules: fields.flag('issuanceRules') ?? defaults.issuanceRules,
      maximumIntermediates:
        fields.wholeNumber('maximumIntermediates') ?? defaults.maximumIntermediates,
      requiredEku: fields.identifier('requiredEku') ?? defaults.requiredEku,
      nonce: fields.hex('nonce') ?? defaults.nonce,
      clockSkewMs: skew === undefined ? defaults.clockSkewMs : skew * 1000,
      maximumAgeMs: age === undefined ? defaults.maximumAgeMs : age * 3_600_000,
      requireResponderStatus:
        fields.flag('requireResponderStatus') ?? defaults.requireResponderStatus,
      algorithms: { ...defaults.algorithms, ...algorithmsFrom(fields) },
    },
  };
}

/** A case asks one thing; what stands beside it would go unread. */
function refuseTwoQuestions(fields: CaseFields, where: string): void {
  const leaf = fields.has('certificate') ? 'certificate' : 'certs';
  const asked = [leaf, 'issuer', 'publicKey'].filter((name) => fields.has(name));
  if (asked.length > 1) throw refused(`${where} has ${asked.join(' and ')}: one of them`);
}

export const hashNames = ['MD5', 'SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'] as const;
export const curveNames = ['P-256', 'P-384', 'P-521', 'Ed25519'] as const;

function algorithmsFrom(fields: CaseFields): Partial<AlgorithmPolicy> {
  const names = ['minimumRsaBits', 'minimumDsaBits', 'hashes', 'curves'];
  const inner = fields.inner(names, 'algorithms');
  const minimumRsaBits = inner?.wholeNumber('minimumRsaBits');
  const minimumDsaBits = inner?.wholeNumber('minimumDsaBits');
  const hashes = inner?.choices(hashNames, 'hashes');
  const curves = inner?.choices(curveNames, 'curves');
  return {
    ...(minimumRsaBits !== undefined && { minimumRsaBits }),
    ...(minimumDsaBits !== undefined && { minimumDsaBits }),
    ...(hashes && { hashes }),
    ...(curves && { curves }),
  };
}

function constraintsFrom(fields: CaseFields, where: string): NameConstraints | undefined {
  const inner = fields.inner(['permitted', 'excluded'], 'nameConstraints');
  if (!inner) return undefined;
  return constraintsOf(
    inner.texts('permitted'),
    inner.texts('excluded'),
    `${where} nameConstraints`,
  );
}

/** Throws `CommandFailure` naming the subtree that is none. */
export function constraintsOf(
  permitted: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
  where: string,
): NameConstraints {
  const subtrees = (texts: readonly string[] | undefined) =>
    texts?.map((text) => {
      const base = subtreeFrom(text);
      if (base) return base;
      throw refused(`${where}: ${text} is no subtree, such as dNSName:example.com`);
    });
  return { permitted: subtrees(permitted), excluded: subtrees(excluded) };
}

function signedMessage(fields: CaseFields, where: string): SignedMessage | undefined {
  if (!fields.has('publicKey')) return undefined;
  const octets = (name: string): Uint8Array => {
    const value = fields.octets(name);
    if (value === undefined) throw refused(`${where} has no ${name}`);
    return value;
  };
  return {
    publicKey: octets('publicKey'),
    signatureAlgorithm: octets('signatureAlgorithm'),
    message: octets('message'),
    signature: octets('signature'),
  };
}

/** Evidence that is given is evidence that is asked for; without any, the report says so. */
export const impliedMethod = (
  { method }: Pick<VerifyCase, 'method'>,
  crls: readonly unknown[],
  ocspResponses: readonly unknown[],
): OfflineMethod =>
  method === 'none' && (crls.length > 0 || ocspResponses.length > 0) ? 'auto' : method;

/** A response speaks for a leaf; lists are asked for the whole path. */
export const impliedScope = (
  { revocationOf }: Pick<VerifyCase, 'revocationOf'>,
  crls: readonly unknown[],
  ocspResponses: readonly unknown[],
): VerifyCase['revocationOf'] =>
  ocspResponses.length > 0 && crls.length === 0 ? 'leaf' : revocationOf;

function expectedOf(fields: CaseFields): string | undefined {
  const isExpected = fields.flag(fields.isFlag('expected') ? 'expected' : 'shouldValidate');
  if (isExpected !== undefined) return isExpected ? 'valid' : 'not valid';
  return fields.choice(['valid', 'invalid', 'indeterminate', 'not valid'], 'expected');
}

/**
 * Descriptions that suites carry along are named in the answer; `x_…` is the caller's own. A field that is
 * nearly one of ours is a mistake, and the case would be answered without what it says.
 */
function unreadFields(value: object, where: string): readonly string[] {
  const unread = Object.keys(value).filter(
    (name) => !fieldNames.includes(name) && !name.startsWith('x_'),
  );
  for (const name of unread) {
    const meant = fieldNames.find((known) => isNearly(name, known));
    if (meant !== undefined) throw refused(`${where} has no field ${name}; perhaps ${meant}`);
  }
  return unread;
}

/** Alike but for case, hyphens and underscores, and one letter (in longer names, two). */
function isNearly(name: string, known: string): boolean {
  const [a, b] = [plain(name), plain(known)];
  const allowed = a.length < 6 ? 1 : 2;
  return Math.abs(a.length - b.length) <= allowed && editsBetween(a, b) <= allowed;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');

/** Letters to insert, delete or replace (Levenshtein). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let k = 1; k <= b.length; k++) {
      const replaced = row[k - 1]! + (a[i - 1] === b[k - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[k]! + 1, next[k - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
