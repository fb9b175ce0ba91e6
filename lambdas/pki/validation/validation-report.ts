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

/** What `validateCertificate` found, with everything that proves it. */
export interface ValidationReport {
  /** `invalid` will stay so; `indeterminate` means that no source could say, and is refused as well. */
  readonly verdict: 'valid' | 'invalid' | 'indeterminate';
  /** Undefined exactly when the verdict is `valid`. */
  readonly code: PkiErrorCode | undefined;
  readonly indication: Indication;
  readonly subIndication: SubIndication | undefined;
  /** Undefined when the bytes are no certificate. */
  readonly certificate: Certificate | undefined;
  /** Undefined when no kind's rules fit. */
  readonly kind: CertificateKind | undefined;
  /** Undefined when no path was found valid. */
  readonly anchorId: string | undefined;
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex; undefined when no path was found valid. */
  readonly issuerKeyId: string | undefined;
  /** From the anchor to the leaf, valid or refused; empty when none reached an anchor. */
  readonly path: readonly Certificate[];
  /** The certificate that the failed check is about; undefined also when the bytes are none. */
  readonly refused: Certificate | undefined;
  /** In the order they ran; the last one of a refused path has the outcome `failed`. */
  readonly checks: readonly ValidationCheck[];
  /** Undefined when validation ended before revocation was asked for. */
  readonly revocation: RevocationStatus | undefined;
  readonly attempts: readonly CertificateAttempt[];
  /** Sorted OIDs (RFC 5280 §6.1.6); empty where no path was found valid, or no policy is left. */
  readonly userConstrainedPolicySet: readonly string[];
}

/** A source that was tried, for this certificate of the path. */
export interface CertificateAttempt extends RevocationAttempt {
  readonly certificate: Certificate;
}

export interface ValidationCheck {
  /** Stable name, e.g. `validity`. */
  readonly id: string;
  /** Where the rule stands, e.g. `RFC 5280 §6.1.3 (a)(2)`. */
  readonly clause: string;
  readonly outcome: 'passed' | 'failed';
  /** What could not be read or what to do about it, in words, where more is known than the rule. */
  readonly detail?: string | undefined;
}

/** The report as JSON: times RFC 3339 UTC, and nothing that tells one person from another. */
export interface ValidationReportJson {
  readonly verdict: ValidationReport['verdict'];
  readonly code?: PkiErrorCode;
  /** What to do about a verdict that is not valid. */
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

/** Authorities are public and shown by fingerprint; whatever else may stand for a person is only named. */
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
  /** Whose status was asked for, where it is not the leaf's. */
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

/** Serialises a report; `now` in ms gives the ages. Subject, serial and certificate stay behind. */
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

/** Where a certificate stands that was refused, or whose status was asked for. */
export function pathStep(certificate: Certificate, report: ValidationReport): PathStepJson {
  if (isSame(certificate, report.certificate)) return { role: 'leaf' };
  if (isSame(certificate, report.path[0])) return anchorStep(certificate, report);
  // Whoever offers a person's certificate as an authority's learns nothing of that person.
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
