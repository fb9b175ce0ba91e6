import { decideKind } from './certificate-kind.ts';
import type { PkiErrorCode } from '../pki-error.ts';
import { etsiStatusOf } from './etsi-indication.ts';
import { checkOutcomes } from '../path/check-outcomes.ts';
import { refusedCertificate, validatePath } from '../path/validate-path.ts';
import { decideRevocation, type RevocationBudget } from '../revocation/decide-revocation.ts';
import type { OcspClient } from '../ocsp/ocsp-client.ts';
import type { RevocationMethod, RevocationStatus } from '../revocation/revocation-status.ts';
import type { StoredLists } from '../../crl-store/lookup/stored-lists.ts';
import type { CertificateKind, TrustAnchor, TrustProfile } from '../trust-profile.ts';
import type { CertificateAttempt, ValidationCheck, ValidationReport } from './validation-report.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { DerError } from '../x509/der.ts';
import { issuerKeyIdOf } from '../x509/issuer-key-id.ts';
import type { OcspRequestSigner } from '../x509/ocsp-request.ts';

export type { ValidationReport } from './validation-report.ts';

export interface ValidationRequest {
  /** The leaf, DER. */
  readonly certificate: Uint8Array;
  /** DER, each; candidates for the path, trusted for nothing. */
  readonly intermediates?: readonly Uint8Array[];
  /** What the caller expects; a certificate of another kind is `certificate-kind-wrong`. */
  readonly kind: CertificateKind | 'any';
  readonly method: RevocationMethod;
  /**
   * Asked once, after path and kind have passed and before any revocation source is: did this leaf's
   * key sign the challenge? False ends in `challenge-signature-invalid` (check `challenge-signature`),
   * so that nobody learns a status without holding the card. Undefined: possession is not asked.
   */
  readonly possession?: ((leaf: Certificate, issuer: Certificate) => boolean) | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ValidationWorld {
  readonly profile: TrustProfile;
  readonly ocsp: OcspClient;
  readonly lists: StoredLists;
  /** Milliseconds since the request began, monotonic; the budget of `auto` is measured by it. */
  readonly elapsedMs: () => number;
  /** Time for revocation sources; five seconds in all unless told. */
  readonly budget?: RevocationBudget;
  /** For responders that answer only signed requests. */
  readonly requestSigner?: OcspRequestSigner;
}

/** The shape of `validateCertificate`. It never throws for a certificate's or a source's fault. */
export type ValidateCertificate = (
  request: ValidationRequest,
  world: ValidationWorld,
) => Promise<ValidationReport>;

/**
 * Is this a certificate of ours, of the kind that is wanted, held by who shows it, and not revoked? In
 * that order; the first "no" ends it, and nothing that cannot be told is ever a yes.
 */
export const validateCertificate: ValidateCertificate = async (request, world) => {
  const findings: Findings = { checks: [], attempts: [] };
  const code = await firstRefusal(request, world, findings);
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
  };
};

/** What has been found so far; a refusal keeps it. */
interface Findings {
  readonly checks: ValidationCheck[];
  readonly attempts: CertificateAttempt[];
  certificate?: Certificate;
  kind?: CertificateKind;
  anchor?: TrustAnchor;
  /** From the anchor to the leaf. */
  path?: readonly Certificate[];
  /** What a refusal of the path or of a status is about; else it is the leaf. */
  refused?: Certificate;
  revocation?: RevocationStatus;
}

async function firstRefusal(
  request: ValidationRequest,
  world: ValidationWorld,
  findings: Findings,
): Promise<PkiErrorCode | undefined> {
  return (
    parseLeaf(request, findings) ??
    findPath(request, world, findings) ??
    checkKind(request, world, findings) ??
    checkPossession(request, findings) ??
    (await checkRevocation(request, world, findings))
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
    return note(findings, 'syntax', clause, 'certificate-malformed', error.message);
  }
}

function findPath(
  { intermediates = [], now }: ValidationRequest,
  { profile }: ValidationWorld,
  findings: Findings,
): PkiErrorCode | undefined {
  const result = validatePath({
    leaf: findings.certificate!,
    intermediates: intermediates.flatMap((der) => parsed(der) ?? []),
    anchors: profile.anchors,
    time: now,
    algorithms: profile.algorithms,
    userInitialPolicySet: Object.values(profile.kinds).flatMap(({ policies }) => policies),
    initialExplicitPolicy: true,
  });
  findings.checks.push(...checkOutcomes(result));
  if (result.anchor) findings.path = [result.anchor.certificate, ...result.path.toReversed()];
  if (result.valid) {
    findings.anchor = result.anchor;
    return undefined;
  }
  findings.refused = refusedCertificate(result);
  return result.code;
}

function checkKind(
  { kind: wanted }: ValidationRequest,
  { profile }: ValidationWorld,
  findings: Findings,
): PkiErrorCode | undefined {
  const { certificate, anchor } = findings;
  const decided = decideKind(certificate!, anchor!.kind, wanted, profile.kinds);
  if (decided.kind) findings.kind = decided.kind;
  const code = 'code' in decided ? decided.code : undefined;
  return note(findings, 'certificate-kind', 'JPKI certificate profile', code);
}

function checkPossession(
  { possession }: ValidationRequest,
  findings: Findings,
): PkiErrorCode | undefined {
  if (!possession) return undefined;
  const { certificate, path } = findings;
  const code = possession(certificate!, path!.at(-2)!) ? undefined : 'challenge-signature-invalid';
  return note(findings, 'challenge-signature', 'RFC 8017 §8.2.2, FIPS 186-5 §6.4.2', code);
}

/** Every certificate of the path but its anchor, from the anchor down (RFC 5280 §6.1.3 (a)(3)). */
async function checkRevocation(
  { method, now }: ValidationRequest,
  world: ValidationWorld,
  findings: Findings,
): Promise<PkiErrorCode | undefined> {
  const path = findings.path!;
  for (let i = 1; i < path.length; i++) {
    const question = {
      certificate: path[i]!,
      issuer: path[i - 1]!,
      anchorId: findings.anchor!.id,
      method,
      now,
    };
    const { status, attempts } = await decideRevocation(question, world);
    findings.attempts.push(...attempts.map((attempt) => ({ ...attempt, certificate: path[i]! })));
    findings.revocation = status;
    findings.refused = path[i]!;
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

/** What nobody can tell now may be told later; everything else stays as it is. */
const verdictOf = (code: PkiErrorCode): ValidationReport['verdict'] =>
  code === 'revocation-unknown' ? 'indeterminate' : 'invalid';

function parsed(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
