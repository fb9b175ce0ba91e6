import * as z from 'zod';
import type { AlgorithmPolicy } from '../../lambdas/pki/algorithm-policy.ts';
import { derOf, type NamedBytes } from '../../cli/named-bytes.ts';
import {
  constraintsFrom,
  isHex,
  isObjectIdentifier,
  momentOf,
  usageFailure,
} from '../../cli/option-text.ts';
import { CommandFailure } from '../../cli/run-command.ts';
import type { VerifyCase } from '../../cli/verify-case.ts';
import { curveNames, hashNames, impliedMethod, impliedScope } from '../../cli/verify-options.ts';
import type { SignedMessage } from '../../cli/verify-signed.ts';
import type { ArrivedCase } from './case-stream.ts';

/** What a case asks. */
export type Subject =
  /** Is the certificate valid? */
  | { readonly of: 'certificate' }
  /** Is the certificate revoked, by the word of an issuer that is trusted as it is? */
  | { readonly of: 'certificate-of-issuer'; readonly issuer: NamedBytes }
  /** Does the one list or response hold by itself, under that issuer? */
  | { readonly of: 'list-or-response'; readonly issuer: NamedBytes }
  /** Does a bare signature verify? */
  | { readonly of: 'signature'; readonly signed: SignedMessage };

export interface CaseLine {
  readonly id: string;
  readonly subject: Subject;
  readonly question: VerifyCase;
  /** What the line says should come out; `not valid` where it says only that. */
  readonly expected: 'valid' | 'invalid' | 'indeterminate' | 'not valid' | undefined;
  /** The user-constrained-policy-set that should come out where the path is valid. */
  readonly expectedPolicies: readonly string[] | undefined;
  /** Fields that nothing here reads, but those that begin with x_. */
  readonly unread: readonly string[];
}

/** Base64 of DER, or PEM, which may hold several. */
const value = z.string().refine(isBase64OrPem, 'is neither base64 nor PEM');
const base64 = z.string().refine(isBase64, 'is not base64');
const values = z.array(value);
const identifier = z.string().refine(isObjectIdentifier, {
  error: ({ input }) => `${String(input)} is not an object identifier`,
});
const moment = z
  .union([z.string(), z.number()])
  .refine((one) => Number.isFinite(momentOf(one)), 'time is neither RFC 3339 nor milliseconds');
const notNegative = z.number().nonnegative();
const wholeNumber = z.int().nonnegative();
const verdict = z.enum(['valid', 'invalid', 'indeterminate', 'not valid']);

const algorithms = z
  .strictObject({
    minimumRsaBits: wholeNumber,
    minimumDsaBits: wholeNumber,
    curves: z.array(z.enum(curveNames)),
    hashes: z.array(z.enum(hashNames)),
  })
  .partial();

/** Every field of docs/conformance.md; behind their own names, those of PKITS. A field may be null. */
const fields = {
  id: z.union([z.string(), z.number()]),
  number: z.union([z.string(), z.number()]),
  certificate: value,
  certs: values,
  anchors: values,
  intermediates: values,
  crls: values,
  ocspResponses: values,
  issuer: value,
  publicKey: base64,
  signatureAlgorithm: base64,
  message: base64,
  signature: base64,
  time: moment,
  method: z.enum(['none', 'ocsp', 'crl', 'auto']),
  revocationOf: z.enum(['leaf', 'path']),
  policies: z.array(identifier),
  initialPolicySet: z.array(identifier),
  explicitPolicy: z.boolean(),
  initialExplicitPolicy: z.boolean(),
  inhibitPolicyMapping: z.boolean(),
  initialPolicyMappingInhibit: z.boolean(),
  inhibitAnyPolicy: z.boolean(),
  initialInhibitAnyPolicy: z.boolean(),
  nameConstraints: z
    .strictObject({ permitted: z.array(z.string()), excluded: z.array(z.string()) })
    .partial(),
  requiredEku: identifier,
  nonce: z.string().refine(isHex, 'is not hex'),
  algorithms,
  issuanceRules: z.boolean(),
  maximumIntermediates: wholeNumber,
  skewSeconds: notNegative,
  maximumAgeHours: notNegative,
  requireResponderStatus: z.boolean(),
  expected: z.union([z.boolean(), verdict]),
  shouldValidate: z.boolean(),
  expectedPolicies: z.array(identifier),
  userConstrainedPolicySet: z.array(identifier),
};

const caseSchema = z.looseObject(fields).partial();
type Fields = z.infer<typeof caseSchema>;

/** A case over the defaults of the command line. Throws `CommandFailure` naming the field. */
export function readCase(
  { value: arrived }: ArrivedCase,
  position: number,
  defaults: VerifyCase,
): CaseLine {
  const place = `case ${labelOf(arrived) ?? position}`;
  const parsed = caseSchema.safeParse(withoutNulls(arrived));
  if (!parsed.success) throw usageFailure(`${place} ${firstIssue(parsed.error)}`);
  const line = parsed.data;
  const subject = subjectOf(line, place, defaults);
  return {
    id: String(line.id ?? line.number ?? position),
    subject,
    question: questionOf(line, place, subject, defaults),
    expected: expectedOf(line),
    expectedPolicies: line.expectedPolicies ?? line.userConstrainedPolicySet,
    unread: Object.keys(line).filter((name) => !(name in fields) && !name.startsWith('x_')),
  };
}

const isObject = (one: unknown): one is Readonly<Record<string, unknown>> =>
  typeof one === 'object' && one !== null && !Array.isArray(one);

/** How messages name the case; what is no label the schema refuses. */
function labelOf(arrived: unknown): string | undefined {
  const label = isObject(arrived) ? (arrived.id ?? arrived.number) : undefined;
  return typeof label === 'string' || typeof label === 'number' ? String(label) : undefined;
}

/** A field that is null is left out. */
const withoutNulls = (arrived: unknown): unknown =>
  isObject(arrived) && Object.values(arrived).includes(null)
    ? Object.fromEntries(Object.entries(arrived).filter(([, one]) => one !== null))
    : arrived;

function firstIssue(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  const field = path.reduce<string>(
    (before, part) =>
      typeof part === 'number' ? `${before}[${part}]` : `${before}${before && '.'}${String(part)}`,
    '',
  );
  return field === '' ? message : `${field}: ${message}`;
}

function questionOf(
  line: Fields,
  place: string,
  subject: Subject,
  defaults: VerifyCase,
): VerifyCase {
  const read = (name: string, texts: readonly string[] | undefined) =>
    texts?.flatMap((text, index) => valuesIn(text, `${place} ${name}[${index}]`));
  const certs = read('certs', line.certs);
  const [certificate = certs?.at(-1) ?? defaults.certificate, ...others] =
    line.certificate === undefined ? [] : valuesIn(line.certificate, `${place} certificate`);
  const intermediates =
    read('intermediates', line.intermediates) ?? certs?.slice(1, -1) ?? defaults.intermediates;
  const crls = read('crls', line.crls) ?? defaults.crls;
  const ocspResponses = read('ocspResponses', line.ocspResponses) ?? defaults.ocspResponses;
  const { skewSeconds, maximumAgeHours, nameConstraints } = line;
  if (subject.of === 'list-or-response' && (ocspResponses.length || crls.length) !== 1) {
    throw usageFailure(`${place}: an issuer alone needs one of ocspResponses, or one of crls`);
  }
  return {
    ...defaults,
    certificate,
    anchors: read('anchors', line.anchors) ?? certs?.slice(0, 1) ?? defaults.anchors,
    intermediates: [...others, ...intermediates],
    crls,
    ocspResponses,
    time: line.time === undefined ? defaults.time : momentOf(line.time),
    method: line.method ?? impliedMethod(defaults, crls, ocspResponses),
    revocationOf: line.revocationOf ?? impliedScope(defaults, crls, ocspResponses),
    policies: line.policies ?? line.initialPolicySet ?? defaults.policies,
    explicitPolicy: line.explicitPolicy ?? line.initialExplicitPolicy ?? defaults.explicitPolicy,
    inhibitPolicyMapping:
      line.inhibitPolicyMapping ??
      line.initialPolicyMappingInhibit ??
      defaults.inhibitPolicyMapping,
    inhibitAnyPolicy:
      line.inhibitAnyPolicy ?? line.initialInhibitAnyPolicy ?? defaults.inhibitAnyPolicy,
    nameConstraints: nameConstraints
      ? constraintsFrom(
          nameConstraints.permitted,
          nameConstraints.excluded,
          `${place} nameConstraints`,
        )
      : defaults.nameConstraints,
    issuanceRules: line.issuanceRules ?? defaults.issuanceRules,
    maximumIntermediates: line.maximumIntermediates ?? defaults.maximumIntermediates,
    requiredEku: line.requiredEku ?? defaults.requiredEku,
    nonce: line.nonce === undefined ? defaults.nonce : Buffer.from(line.nonce, 'hex'),
    clockSkewMs: skewSeconds === undefined ? defaults.clockSkewMs : skewSeconds * 1000,
    maximumAgeMs:
      maximumAgeHours === undefined ? defaults.maximumAgeMs : maximumAgeHours * 3_600_000,
    requireResponderStatus: line.requireResponderStatus ?? defaults.requireResponderStatus,
    algorithms: { ...defaults.algorithms, ...(line.algorithms as Partial<AlgorithmPolicy>) },
  };
}

/** A case asks one thing; what stands beside it would go unread. */
function subjectOf(line: Fields, place: string, defaults: VerifyCase): Subject {
  const refuseBoth = (one: keyof Fields, other: keyof Fields): void => {
    if (line[one] === undefined || line[other] === undefined) return;
    throw usageFailure(`${place} has ${one} and ${other}: one of them`);
  };
  refuseBoth('certs', 'issuer');
  for (const name of ['certificate', 'certs', 'issuer'] as const) refuseBoth(name, 'publicKey');
  if (line.publicKey !== undefined) return { of: 'signature', signed: signedMessage(line, place) };
  const hasCertificate = line.certificate !== undefined || line.certs !== undefined;
  if (line.issuer === undefined) {
    if (hasCertificate) return { of: 'certificate' };
    throw usageFailure(`${place} has no certificate`);
  }
  const issuer = valuesIn(line.issuer, `${place} issuer`)[0]!;
  if (!hasCertificate) return { of: 'list-or-response', issuer };
  // Two trusted parties, one of which would go unheard.
  refuseBoth('issuer', 'anchors');
  const { crls = defaults.crls, ocspResponses = defaults.ocspResponses, method } = line;
  const isAsked = crls.length > 0 || ocspResponses.length > 0 || (line.crls ?? line.ocspResponses);
  if (!isAsked || method === 'none') {
    throw usageFailure(`${place}: an issuer beside a certificate needs crls or ocspResponses`);
  }
  return { of: 'certificate-of-issuer', issuer };
}

function signedMessage(line: Fields, place: string): SignedMessage {
  const octets = (name: keyof SignedMessage): Uint8Array => {
    const text = line[name];
    if (text === undefined) throw usageFailure(`${place} has no ${name}`);
    return Buffer.from(text, 'base64');
  };
  return {
    publicKey: octets('publicKey'),
    signatureAlgorithm: octets('signatureAlgorithm'),
    message: octets('message'),
    signature: octets('signature'),
  };
}

function expectedOf({ expected, shouldValidate }: Fields): CaseLine['expected'] {
  const isValid = typeof expected === 'boolean' ? expected : shouldValidate;
  if (isValid !== undefined) return isValid ? 'valid' : 'not valid';
  return typeof expected === 'string' ? expected : undefined;
}

function isBase64(text: string): boolean {
  return !/[^\w+/=\s-]/.test(text);
}

function isBase64OrPem(text: string): boolean {
  return text.includes('-----BEGIN ') || isBase64(text);
}

function valuesIn(text: string, source: string): readonly NamedBytes[] {
  if (!text.includes('-----BEGIN ')) return [{ source, bytes: Buffer.from(text, 'base64') }];
  try {
    return derOf(Buffer.from(text), source);
  } catch (error) {
    throw error instanceof CommandFailure ? usageFailure(error.message) : error;
  }
}
