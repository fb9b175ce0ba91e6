import type { PkiErrorCode } from '../pki-error.ts';
import { octetsCure } from '../diagnosis/octets-cure.ts';
import { kindCure } from '../diagnosis/refusal-cure.ts';
import { checkOutcomes, passedChecks } from '../path/check-outcomes.ts';
import type { PathInput } from '../path/path-input.ts';
import { pathWithKeys } from '../path/path-with-keys.ts';
import { refusedCertificate, validatePath } from '../path/validate-path.ts';
import { decide } from '../revocation/decide.ts';
import type { RevocationPolicy } from '../revocation/revocation-policy.ts';
import type { RevocationSources } from '../revocation/revocation-source.ts';
import type { RevocationMethod, RevocationStatus } from '../revocation/revocation-status.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { DerError } from '../x509/der.ts';
import { issuerKeyIdOf } from '../x509/issuer-key-id.ts';
import {
  type CertificateKind,
  type CertificateKindRules,
  decideKind,
  type WantedKind,
} from './certificate-kind.ts';
import { etsiStatusOf } from './etsi-indication.ts';
import { keepPath, recentPath } from './recent-paths.ts';
import type { CertificateAttempt, ValidationCheck, ValidationReport } from './validation-report.ts';

export type { ValidationReport } from './validation-report.ts';

export interface ValidationRequest {
  /** The leaf, DER. */
  readonly certificate: Uint8Array;
  /** Untrusted candidates for the path, DER or parsed. Octets that do not parse are skipped. */
  readonly intermediates?: readonly (Uint8Array | Certificate)[];
  /**
   * The expected kind; a certificate of another kind is refused with `certificate-kind-wrong`. Checked only
   * if the policy has `kinds`.
   */
  readonly kind?: WantedKind;
  /** `none` skips the revocation check; the report then proves only the path. */
  readonly method: RevocationMethod | 'none';
  /**
   * Verifies proof of possession: did the leaf's key sign the challenge? It is called once, after path and
   * kind and before the revocation check, so that only the holder of the card learns the revocation status.
   * Failure gives `challenge-signature-invalid`. Undefined: possession is not checked.
   */
  readonly possession?: ((leaf: Certificate, issuer: Certificate) => Possession) | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** True, or failure; `cure` then becomes the `detail` of the report's check. */
export type Possession = boolean | { readonly cure: string };

/** Trust anchors, rules for the path and kinds, and conditions for revocation sources. */
export interface ValidationPolicy extends RevocationPolicy {
  readonly anchors: readonly ValidationAnchor[];
  /** Rules for the kinds of certificates; undefined: the kind is not checked. */
  readonly kinds?: Readonly<Record<CertificateKind, CertificateKindRules>> | undefined;
  /** The other inputs of RFC 5280 §6.1.1, apart from anchors, time, algorithms and issuance rules. */
  readonly path?: PathRules;
  /** Certificates whose revocation is checked. Default: `path`, every certificate below the anchor. */
  readonly revocationOf?: 'leaf' | 'path';
}

export interface ValidationAnchor {
  readonly certificate: Certificate;
  /** Name of the anchor; it selects OCSP responders and appears in reports. */
  readonly id?: string;
  /** The kind that it issues; required if the policy has `kinds`. */
  readonly kind?: CertificateKind;
}

export type PathRules = Omit<
  PathInput,
  'leaf' | 'intermediates' | 'anchors' | 'time' | 'algorithms' | 'issuanceRules'
>;

/**
 * Validates a certificate: certification path, kind, proof of possession, revocation, in this order. The
 * first failure ends it, and an unknown revocation status is a refusal. It never throws because of the
 * certificate or a source: the report names the failed check and its clause.
 */
export async function validateCertificate(
  request: ValidationRequest,
  sources: RevocationSources,
  policy: ValidationPolicy,
): Promise<ValidationReport> {
  const findings: Findings = { checks: [], attempts: [], userConstrainedPolicySet: [] };
  const code =
    refusalOfCertificate(request, policy, findings) ??
    (await checkRevocation(request, sources, policy, findings));
  const { certificate, kind, anchor, path = [], revocation } = findings;
  const issuer = anchor && path[path.length - 2];
  return {
    verdict: code === undefined ? 'valid' : verdictOf(code),
    code,
    ...etsiStatusOf(code),
    certificate,
    kind,
    anchorId: anchor?.id,
    issuerKeyId: issuer && issuerKeyIdOf(issuer),
    path,
    refused: code === undefined ? undefined : (findings.refused ?? certificate),
    checks: findings.checks,
    revocation,
    attempts: findings.attempts,
    userConstrainedPolicySet: findings.userConstrainedPolicySet,
  };
}

/** Results so far; the report contains them also after a refusal. */
interface Findings {
  readonly checks: ValidationCheck[];
  readonly attempts: CertificateAttempt[];
  certificate?: Certificate;
  kind?: CertificateKind;
  anchor?: ValidationAnchor;
  userConstrainedPolicySet: readonly string[];
  /** From the anchor to the leaf. */
  path?: readonly Certificate[];
  /** The certificate that failed path validation or the revocation check; undefined means the leaf. */
  refused?: Certificate;
  revocation?: RevocationStatus;
}

/** The first refusal before the revocation check. */
function refusalOfCertificate(
  request: ValidationRequest,
  policy: ValidationPolicy,
  findings: Findings,
): PkiErrorCode | undefined {
  return (
    parseLeaf(request, findings) ??
    findPath(request, policy, findings) ??
    checkKind(request, policy, findings) ??
    checkPossession(request, findings)
  );
}

function parseLeaf(
  { certificate }: ValidationRequest,
  findings: Findings,
): PkiErrorCode | undefined {
  const clause = 'RFC 5280 §4.1, X.690 §10';
  try {
    findings.certificate = parseCertificate(certificate);
    return note(findings, 'syntax', clause);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const detail = octetsCure(certificate, 'certificate') ?? error.message;
    return note(findings, 'syntax', clause, 'certificate-malformed', detail);
  }
}

const none: readonly Certificate[] = [];

function findPath(
  { intermediates = [], now }: ValidationRequest,
  policy: ValidationPolicy,
  findings: Findings,
): PkiErrorCode | undefined {
  const { anchors, algorithms, issuanceRules = false, path: rules } = policy;
  const leaf = findings.certificate!;
  // Other candidates could lead to another path.
  const isAlone = intermediates.length === 0;
  const recent = isAlone ? recentPath(leaf, policy, now) : undefined;
  if (recent !== undefined) {
    findings.checks.push(...passedChecks);
    findings.anchor = recent.anchor;
    findings.path = [recent.anchor.certificate, leaf];
    findings.userConstrainedPolicySet = recent.userConstrainedPolicySet;
    return undefined;
  }
  const result = validatePath({
    ...rules,
    leaf,
    intermediates: isAlone ? none : intermediates.flatMap((one) => parsed(one) ?? []),
    anchors,
    time: now,
    algorithms,
    issuanceRules,
  });
  findings.checks.push(...checkOutcomes(result));
  if (result.valid) {
    const { anchor, userConstrainedPolicySet } = result;
    findings.anchor = anchor;
    findings.path = pathWithKeys(result);
    findings.userConstrainedPolicySet = userConstrainedPolicySet;
    // A leaf with inherited DSA parameters is another object.
    if (isAlone && findings.path[1] === leaf) {
      keepPath(leaf, policy, { anchor, userConstrainedPolicySet });
    }
    return undefined;
  }
  if (result.anchor) findings.path = [result.anchor.certificate, ...result.path.toReversed()];
  findings.refused = refusedCertificate(result);
  return result.code;
}

function checkKind(
  { kind: wanted = 'any' }: ValidationRequest,
  { kinds }: ValidationPolicy,
  findings: Findings,
): PkiErrorCode | undefined {
  if (!kinds) return undefined;
  const { certificate, anchor } = findings;
  const decided = decideKind(certificate!, anchor!.kind, wanted, kinds);
  if (decided.kind) findings.kind = decided.kind;
  const clause = 'JPKI certificate profile';
  if (!('code' in decided)) return note(findings, 'certificate-kind', clause);
  const detail = kindCure(decided, wanted);
  return note(findings, 'certificate-kind', clause, decided.code, detail);
}

function checkPossession(
  { possession }: ValidationRequest,
  findings: Findings,
): PkiErrorCode | undefined {
  if (!possession) return undefined;
  const { certificate, path } = findings;
  const proven = possession(certificate!, path!.at(-2)!);
  const clause = 'RFC 8017 §8.2.2, FIPS 186-5 §6.4.2';
  if (proven === true) return note(findings, 'challenge-signature', clause);
  const detail = proven === false ? undefined : proven.cure;
  return note(findings, 'challenge-signature', clause, 'challenge-signature-invalid', detail);
}

/** Checks every certificate of the path except its anchor, from the anchor down (RFC 5280 §6.1.3 (a)(3)). */
async function checkRevocation(
  { method, now }: ValidationRequest,
  sources: RevocationSources,
  policy: ValidationPolicy,
  findings: Findings,
): Promise<PkiErrorCode | undefined> {
  if (method === 'none') return undefined;
  const path = findings.path!;
  const { certificate: anchorCertificate, id } = findings.anchor!;
  const anchor = { certificate: anchorCertificate, id };
  for (let i = policy.revocationOf === 'leaf' ? path.length - 1 : 1; i < path.length; i++) {
    const certificate = path[i]!;
    const question = { certificate, issuer: path[i - 1]!, anchor, method, now };
    const { status, attempts } = await decide(question, sources, policy);
    for (const attempt of attempts) findings.attempts.push({ ...attempt, certificate });
    findings.revocation = status;
    findings.refused = certificate;
    if (status.status !== 'good') break;
  }
  const status = findings.revocation?.status;
  const code =
    status === 'good'
      ? undefined
      : status === 'revoked'
        ? 'certificate-revoked'
        : 'revocation-unknown';
  return note(findings, 'revocation', 'RFC 5280 §6.1.3 (a)(3)', code);
}

function note(
  { checks }: Findings,
  id: string,
  clause: string,
  code?: PkiErrorCode,
  detail?: string,
): PkiErrorCode | undefined {
  checks.push({ id, clause, outcome: code === undefined ? 'passed' : 'failed', detail });
  return code;
}

/** An unknown revocation status may be resolved later; any other failure is final. */
const verdictOf = (code: PkiErrorCode): ValidationReport['verdict'] =>
  code === 'revocation-unknown' ? 'indeterminate' : 'invalid';

function parsed(one: Uint8Array | Certificate): Certificate | undefined {
  if (!(one instanceof Uint8Array)) return one;
  try {
    return parseCertificate(one);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
