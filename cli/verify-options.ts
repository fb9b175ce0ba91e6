import type { parseArgs } from 'node:util';
import type { AlgorithmPolicy } from '../lambdas/pki/algorithm-policy.ts';
import type { TrustProfile } from '../lambdas/pki/trust-profile.ts';
import type { WantedKind } from '../lambdas/pki/validation/certificate-kind.ts';
import { type InputFiles, readProfile } from './input-files.ts';
import type { NamedBytes } from './named-bytes.ts';
import {
  constraintsFrom,
  identifierFrom,
  numberFrom,
  octetsFrom,
  oneOf,
  timeFrom,
  usageFailure,
} from './option-text.ts';
import type { OfflineMethod, VerifyCase } from './verify-case.ts';

/** The usage text of `questionOptions`. */
export const questionUsage = `
  --anchor FILE         trust anchor certificate; repeatable, like the next three
  --intermediate FILE   candidates for the path, for CRL issuers and OCSP responders
  --crl FILE            certificate revocation list
  --ocsp FILE           OCSP response
  --method METHOD       none, ocsp, crl or auto (OCSP, then lists); auto where lists or responses are
                        given, otherwise none, and the report says that revocation was not asked
  --revocation-of WHOM  path (every certificate but the anchor) or leaf; leaf where only responses
                        are given
  --time TIME           RFC 3339; now unless told
  --policy OID          acceptable policy; repeatable; any unless told
  --explicit-policy  --inhibit-policy-mapping  --inhibit-any-policy
                        initial inputs of RFC 5280 §6.1.1
  --permit NAME  --exclude NAME
                        initial subtrees of the same clause, repeatable: dNSName:example.com,
                        rfc822Name:, uniformResourceIdentifier:, iPAddress:192.0.2.0/24, directoryName:
                        (base64 of its DER)
  --eku OID             key purpose that the leaf must allow
  --algorithms SET      current (RSA from 2048 bits, SHA-2, P-256, P-384, P-521, Ed25519) or legacy
                        (also RSA and DSA of 1024 bits, SHA-1, MD5), for old suites
  --min-rsa BITS  --hash NAME  --curve NAME
                        single settings of the same; --hash and --curve repeatable
  --max-intermediates N certificates between leaf and anchor at most (16)
  --issuance-rules      also refuse what RFC 5280 §4 and §5 forbid those who issue
  --profile FILE        trust profile (JSON): its anchors, algorithms, skew, ages and certificate kinds
  --kind KIND           user-authentication, digital-signature or any; with --profile
  --skew SECONDS        clock skew for thisUpdate and producedAt (the profile's, or 300)
  --max-age HOURS       oldest list or response that counts (the profile's, or no limit)
  --nonce HEX           nonce of the OCSP request; the response must repeat it
  --require-responder-status
                        refuse a delegated OCSP responder without ocsp-nocheck that no list covers
`.slice(1, -1);

/** `parseArgs` options that describe a question about a certificate. */
export const questionOptions = {
  anchor: { type: 'string', multiple: true, default: [] as string[] },
  intermediate: { type: 'string', multiple: true, default: [] as string[] },
  crl: { type: 'string', multiple: true, default: [] as string[] },
  ocsp: { type: 'string', multiple: true, default: [] as string[] },
  method: { type: 'string' },
  'revocation-of': { type: 'string' },
  time: { type: 'string' },
  policy: { type: 'string', multiple: true },
  'explicit-policy': { type: 'boolean', default: false },
  'inhibit-policy-mapping': { type: 'boolean', default: false },
  'inhibit-any-policy': { type: 'boolean', default: false },
  permit: { type: 'string', multiple: true },
  exclude: { type: 'string', multiple: true },
  eku: { type: 'string' },
  algorithms: { type: 'string', default: 'current' },
  'min-rsa': { type: 'string' },
  hash: { type: 'string', multiple: true },
  curve: { type: 'string', multiple: true },
  'issuance-rules': { type: 'boolean', default: false },
  'max-intermediates': { type: 'string' },
  profile: { type: 'string' },
  kind: { type: 'string' },
  skew: { type: 'string' },
  'max-age': { type: 'string' },
  nonce: { type: 'string' },
  'require-responder-status': { type: 'boolean', default: false },
} as const;

/** The type of the parsed options. */
export type QuestionOptions = ReturnType<
  typeof parseArgs<{ options: typeof questionOptions }>
>['values'];

export const hashNames = ['MD5', 'SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'] as const;
export const curveNames = ['P-256', 'P-384', 'P-521', 'Ed25519'] as const;

/** Placeholder for the certificate if none is given. */
const noCertificate: NamedBytes = { source: 'nothing', bytes: new Uint8Array(0) };

/**
 * Reads the files that the options name and the certificate; without a certificate, the question
 * has empty octets.
 * @throws CommandFailure naming the option or file
 */
export async function questionFrom(
  values: QuestionOptions,
  files: InputFiles,
  certificatePath?: string,
): Promise<VerifyCase> {
  const profile = values.profile === undefined ? undefined : await readProfile(values.profile);
  const [certificate, ...others] =
    certificatePath === undefined ? [] : await files.readAll([certificatePath], 'certificate');
  const crls = await files.readAll(values.crl, 'list');
  const ocspResponses = await files.readAll(values.ocsp, 'response');
  const method = oneOf(values.method, ['none', 'ocsp', 'crl', 'auto'], '--method');
  const scope = oneOf(values['revocation-of'], ['leaf', 'path'], '--revocation-of');
  const anchors = await files.readAll(values.anchor, 'certificate');
  return {
    certificate: certificate ?? noCertificate,
    intermediates: [...others, ...(await files.readAll(values.intermediate, 'certificate'))],
    anchors: [
      ...anchors,
      ...(profile?.anchors ?? []).map(({ id, certificate: { der } }) => ({
        source: id,
        bytes: der,
      })),
    ],
    crls,
    ocspResponses,
    method: method ?? impliedMethod({ method: 'none' }, crls, ocspResponses),
    revocationOf: scope ?? impliedScope({ revocationOf: 'path' }, crls, ocspResponses),
    time: values.time === undefined ? Date.now() : timeFrom(values.time, '--time'),
    algorithms: algorithmsFrom(values, profile),
    policies: values.policy?.map((id) => identifierFrom(id, '--policy')),
    explicitPolicy: values['explicit-policy'],
    inhibitPolicyMapping: values['inhibit-policy-mapping'],
    inhibitAnyPolicy: values['inhibit-any-policy'],
    nameConstraints:
      values.permit || values.exclude
        ? constraintsFrom(values.permit, values.exclude, '--permit, --exclude')
        : undefined,
    requiredEku: values.eku === undefined ? undefined : identifierFrom(values.eku, '--eku'),
    issuanceRules: values['issuance-rules'],
    maximumIntermediates:
      values['max-intermediates'] === undefined
        ? undefined
        : numberFrom(values['max-intermediates'], '--max-intermediates'),
    clockSkewMs: values.skew === undefined ? undefined : numberFrom(values.skew, '--skew') * 1000,
    maximumAgeMs:
      values['max-age'] === undefined
        ? undefined
        : numberFrom(values['max-age'], '--max-age') * 3_600_000,
    nonce: values.nonce === undefined ? undefined : octetsFrom(values.nonce, '--nonce'),
    requireResponderStatus: values['require-responder-status'],
    kind: kindFrom(values, profile, anchors),
  };
}

function kindFrom(
  values: QuestionOptions,
  profile: TrustProfile | undefined,
  anchors: readonly NamedBytes[],
): VerifyCase['kind'] {
  const kinds: readonly WantedKind[] = ['user-authentication', 'digital-signature', 'any'];
  const wanted = oneOf(values.kind, kinds, '--kind');
  if (!profile) {
    if (wanted)
      throw usageFailure('use --profile with --kind: the profile defines the certificate kinds');
    return undefined;
  }
  if (anchors.length > 0)
    throw usageFailure('omit --anchor with --profile, which contains the anchors');
  return { wanted: wanted ?? 'any', profile };
}

const current: AlgorithmPolicy = {
  minimumRsaBits: 2048,
  curves: curveNames,
  hashes: ['SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'],
};
const legacy: AlgorithmPolicy = {
  minimumRsaBits: 1024,
  minimumDsaBits: 1024,
  curves: curveNames,
  hashes: hashNames,
};

function algorithmsFrom(
  values: QuestionOptions,
  profile: TrustProfile | undefined,
): AlgorithmPolicy {
  const set = oneOf(values.algorithms, ['current', 'legacy'], '--algorithms');
  const base = set === 'legacy' ? legacy : (profile?.algorithms ?? current);
  return {
    ...base,
    ...(values['min-rsa'] !== undefined && {
      minimumRsaBits: numberFrom(values['min-rsa'], '--min-rsa'),
    }),
    ...(values.hash && {
      hashes: values.hash.map((one) => oneOf(one, hashNames, '--hash')!),
    }),
    ...(values.curve && {
      curves: values.curve.map((one) => oneOf(one, curveNames, '--curve')!),
    }),
  };
}

/**
 * Revocation is checked if evidence is given; without evidence, the report says that it was not.
 */
export const impliedMethod = (
  { method }: Pick<VerifyCase, 'method'>,
  crls: readonly unknown[],
  ocspResponses: readonly unknown[],
): OfflineMethod =>
  method === 'none' && (crls.length > 0 || ocspResponses.length > 0) ? 'auto' : method;

/** A response covers a leaf only; CRLs are checked for the whole path. */
export const impliedScope = (
  { revocationOf }: Pick<VerifyCase, 'revocationOf'>,
  crls: readonly unknown[],
  ocspResponses: readonly unknown[],
): VerifyCase['revocationOf'] =>
  ocspResponses.length > 0 && crls.length === 0 ? 'leaf' : revocationOf;
