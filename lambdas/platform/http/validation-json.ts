import { rfc3339 } from '../../pki/rfc3339.ts';
import { evidenceJson, type ValidationReport } from '../../pki/validation/validation-report.ts';

/**
 * For login responses: a certificate expires on its holder's birthday, so `notAfter` is not
 * disclosed to a service that has not read the certificate.
 */
export function datelessValidationJson(report: ValidationReport, now: number) {
  const { notAfter: _, ...rest } = validationJson(report, now);
  return rest;
}

/**
 * The common part of every validation response: certificate kind, trust anchor, revocation source
 * and its freshness. `now` in ms. No serial number, no subject.
 */
export function validationJson(report: ValidationReport, now: number) {
  return {
    ...(report.kind && { kind: report.kind }),
    ...(report.anchorId !== undefined && { anchor: report.anchorId }),
    ...(report.certificate &&
      report.anchorId !== undefined && { notAfter: rfc3339(report.certificate.notAfter) }),
    ...(report.revocation && { revocation: revocationJson(report, now) }),
  };
}

function revocationJson({ revocation, attempts }: ValidationReport, now: number) {
  const evidence = revocation?.evidence;
  return {
    status: revocation!.status,
    ...(evidence && {
      ...evidenceJson(evidence),
      ageSeconds: Math.max(0, Math.round((now - evidence.thisUpdate) / 1000)),
    }),
    ...(revocation?.status === 'revoked' && {
      revokedAt: rfc3339(revocation.revokedAt),
      reason: revocation.reason,
    }),
    ...(revocation?.status === 'unknown' && { why: revocation.why }),
    attempts: attempts.map(({ method, source, outcome }) => ({ method, source, outcome })),
  };
}

/**
 * Log fields: the decision and its source, without the list's name, which can identify a
 * municipality.
 */
export const validationNote = ({ verdict, code, anchorId, revocation }: ValidationReport) => ({
  verdict,
  ...(code && { verdictCode: code }),
  anchor: anchorId,
  revocationMethod: revocation?.evidence?.method,
  crlNumber: revocation?.evidence?.crlNumber,
});
