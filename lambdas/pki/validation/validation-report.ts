import { rfc3339 } from '../rfc3339.ts';
import { createHash } from 'node:crypto';
import { refusalCure } from '../diagnosis/refusal-cure.ts';
import type { PkiErrorCode } from '../pki-error.ts';
import type { Indication, SubIndication } from './etsi-indication.ts';
import type {
  RevocationAttempt,
  RevocationEvidence,
  RevocationStatus,
} from '../revocation/revocation-status.ts';
import type { CertificateKind } from './certificate-kind.ts';
import type { Certificate } from '../x509/certificate.ts';
import { isAuthority } from '../x509/extensions.ts';
import { sameBytes } from '../x509/octets.ts';

/** Result of `validateCertificate`, with its evidence. */
export interface ValidationReport {
  /** `indeterminate`: the revocation status is unknown; callers must refuse it like `invalid`. */
  readonly verdict: 'valid' | 'invalid' | 'indeterminate';
  /** Undefined if and only if the verdict is `valid`. */
  readonly code: PkiErrorCode | undefined;
  readonly indication: Indication;
  readonly subIndication: SubIndication | undefined;
  /** Undefined when the octets are not a certificate. */
  readonly certificate: Certificate | undefined;
  /** Undefined when the certificate matches the rules of no kind. */
  readonly kind: CertificateKind | undefined;
  /** Undefined when there is no valid path. */
  readonly anchorId: string | undefined;
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex; undefined when no path was complete. */
  readonly issuerKeyId: string | undefined;
  /** From the anchor to the leaf, valid or refused; empty when no path reached an anchor. */
  readonly path: readonly Certificate[];
  /** The certificate that failed; undefined when valid, or when the octets are not a certificate. */
  readonly refused: Certificate | undefined;
  /** In order of execution; after a refusal, the last one has the outcome `failed`. */
  readonly checks: readonly ValidationCheck[];
  /** Undefined when validation ended before the revocation check. */
  readonly revocation: RevocationStatus | undefined;
  readonly attempts: readonly CertificateAttempt[];
  /** Sorted OIDs (RFC 5280 §6.1.6); empty when there is no valid path or no policy is left. */
  readonly userConstrainedPolicySet: readonly string[];
}

/** A revocation source that was tried for one certificate of the path. */
export interface CertificateAttempt extends RevocationAttempt {
  readonly certificate: Certificate;
}

export interface ValidationCheck {
  /** Stable name, e.g. `validity`. */
  readonly id: string;
  /** The clause that states the rule, e.g. `RFC 5280 §6.1.3 (a)(2)`. */
  readonly clause: string;
  readonly outcome: 'passed' | 'failed';
  /** Decoder error or advice in words, if there is more to say than the rule. */
  readonly detail?: string | undefined;
}

/** The report as JSON: times RFC 3339 UTC, no personal data. */
export interface ValidationReportJson {
  readonly verdict: ValidationReport['verdict'];
  readonly code?: PkiErrorCode;
  /** Advice for a verdict that is not `valid`. */
  readonly cure?: string;
  readonly indication: Indication;
  readonly subIndication?: SubIndication;
  readonly kind?: CertificateKind;
  readonly anchorId?: string;
  readonly issuerKeyId?: string;
  readonly path: readonly PathStepJson[];
  readonly refused?: PathStepJson;
  readonly checks: readonly ValidationCheck[];
  readonly revocation?: RevocationStatusJson;
  readonly attempts: readonly AttemptJson[];
}

/** CA certificates are identified by fingerprint; other certificates, which may be personal, by role only. */
export type PathStepJson =
  | { readonly role: 'anchor' | 'intermediate'; readonly sha256?: string }
  | { readonly role: 'leaf' };

export interface EvidenceJson {
  readonly method: 'ocsp' | 'crl';
  readonly source: string;
  readonly thisUpdate: string;
  readonly nextUpdate?: string;
  readonly producedAt?: string;
  readonly crlNumber?: string;
}

export type RevocationStatusJson =
  | { readonly status: 'good'; readonly evidence: EvidenceJson }
  | {
      readonly status: 'revoked';
      readonly revokedAt: string;
      readonly reason: string;
      readonly evidence: EvidenceJson;
    }
  | {
      readonly status: 'unknown';
      readonly why: string;
      readonly responseStatus?: string;
      readonly evidence?: EvidenceJson;
    };

export interface AttemptJson {
  /** The certificate whose status was checked, unless it is the leaf. */
  readonly certificate?: PathStepJson;
  readonly method: 'ocsp' | 'crl';
  readonly source: string;
  readonly outcome: string;
  readonly responseStatus?: string;
  readonly evidence?: EvidenceJson;
  /** Seconds from the evidence's thisUpdate to the time of validation. */
  readonly ageSeconds?: number;
  readonly durationMs?: number;
}

/** Serialises a report, without subject, serial number and certificate; `now` in ms is used for ages. */
export function validationReportJson(report: ValidationReport, now: number): ValidationReportJson {
  const cure = refusalCure(report);
  return {
    verdict: report.verdict,
    ...(report.code && { code: report.code }),
    ...(cure !== undefined && { cure }),
    indication: report.indication,
    ...(report.subIndication && { subIndication: report.subIndication }),
    ...(report.kind && { kind: report.kind }),
    ...(report.anchorId !== undefined && { anchorId: report.anchorId }),
    ...(report.issuerKeyId !== undefined && { issuerKeyId: report.issuerKeyId }),
    path: pathSteps(report),
    ...(report.refused && { refused: pathStep(report.refused, report) }),
    checks: report.checks.map(({ id, clause, outcome, detail }) => ({
      id,
      clause,
      outcome,
      ...(detail !== undefined && { detail }),
    })),
    ...(report.revocation && { revocation: revocationStatusJson(report.revocation) }),
    attempts: report.attempts.map((attempt) => attemptJson(attempt, report, now)),
  };
}

export function revocationStatusJson(status: RevocationStatus): RevocationStatusJson {
  if (status.status === 'good') return { status: 'good', evidence: evidenceJson(status.evidence) };
  if (status.status === 'unknown') {
    return {
      status: 'unknown',
      why: status.why,
      ...(status.responseStatus !== undefined && { responseStatus: status.responseStatus }),
      ...(status.evidence && { evidence: evidenceJson(status.evidence) }),
    };
  }
  return {
    status: 'revoked',
    revokedAt: rfc3339(status.revokedAt),
    reason: status.reason,
    evidence: evidenceJson(status.evidence),
  };
}

export function evidenceJson(evidence: RevocationEvidence): EvidenceJson {
  return {
    method: evidence.method,
    source: evidence.source,
    thisUpdate: rfc3339(evidence.thisUpdate),
    ...(evidence.nextUpdate !== undefined && { nextUpdate: rfc3339(evidence.nextUpdate) }),
    ...(evidence.producedAt !== undefined && { producedAt: rfc3339(evidence.producedAt) }),
    ...(evidence.crlNumber !== undefined && { crlNumber: evidence.crlNumber }),
  };
}

function attemptJson(
  attempt: CertificateAttempt,
  report: ValidationReport,
  now: number,
): AttemptJson {
  const step = pathStep(attempt.certificate, report);
  return {
    ...(step.role !== 'leaf' && { certificate: step }),
    method: attempt.method,
    source: attempt.source,
    outcome: attempt.outcome,
    ...(attempt.responseStatus !== undefined && { responseStatus: attempt.responseStatus }),
    ...(attempt.evidence && {
      evidence: evidenceJson(attempt.evidence),
      ageSeconds: Math.round((now - attempt.evidence.thisUpdate) / 1000),
    }),
    ...(attempt.durationMs !== undefined && { durationMs: attempt.durationMs }),
  };
}

/** The path of a report. */
export const pathSteps = (report: ValidationReport): readonly PathStepJson[] =>
  report.path.map((one, index) => (index === 0 ? anchorStep(one, report) : pathStep(one, report)));

/** Role, and fingerprint of a CA certificate, for a refused certificate or one whose status was checked. */
export function pathStep(certificate: Certificate, report: ValidationReport): PathStepJson {
  if (isSame(certificate, report.certificate)) return { role: 'leaf' };
  if (isSame(certificate, report.path[0])) return anchorStep(certificate, report);
  // A caller may give a personal certificate as an intermediate; no fingerprint of it is reported.
  return { role: 'intermediate', ...(isAuthority(certificate) && fingerprint(certificate)) };
}

const anchorStep = (certificate: Certificate, report: ValidationReport): PathStepJson => ({
  role: 'anchor',
  ...(!isSame(certificate, report.certificate) && fingerprint(certificate)),
});

const isSame = (one: Certificate, other: Certificate | undefined): boolean =>
  other !== undefined && sameBytes(one.der, other.der);

const fingerprint = ({ der }: Certificate): { readonly sha256: string } => ({
  sha256: createHash('sha256').update(der).digest('hex'),
});
