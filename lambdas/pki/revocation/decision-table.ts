import type { RevocationMethod, UnknownReason } from './revocation-status.ts';

/**
 * The step after a source gave no answer.
 * - `next-responder`: ask the next responder of the trust profile; after the last one, read the CRLs
 *   (`auto`) or return indeterminate (`ocsp`).
 * - `next-responder-then-revoked-only`: as `next-responder`, but CRLs may then only prove "revoked". The
 *   CA's responder does not know the certificate, and absence from a CRL does not outweigh that.
 * - `next-list`: read the next CRL whose scope includes the certificate; after the last one, indeterminate.
 * - `indeterminate`: ask no further source.
 * - `never`: this failure does not occur under the method.
 */
export type NextStep =
  | 'next-responder'
  | 'next-responder-then-revoked-only'
  | 'next-list'
  | 'indeterminate'
  | 'never';

export interface DecisionRow extends Readonly<Record<RevocationMethod, NextStep>> {
  /** Cause in plain words, for docs and reports. */
  readonly cause: string;
}

const responder = { ocsp: 'next-responder', crl: 'never', auto: 'next-responder' } as const;
const list = { ocsp: 'never', crl: 'next-list', auto: 'next-list' } as const;

/**
 * Failure of a source × method → next step. No row leads to "valid"; that needs a source that proves
 * good, with evidence. docs/decision-table.md shows this table, and a test compares both.
 */
export const decisionTable: Readonly<Record<UnknownReason, DecisionRow>> = {
  'no-ocsp-responder': {
    cause: 'the trust profile names no responder for the anchor',
    ...responder,
  },
  'ocsp-unreachable': {
    cause: 'no connection, or an HTTP status other than 200, twice',
    ...responder,
  },
  'ocsp-timeout': { cause: 'no complete response within the timeout', ...responder },
  'ocsp-recently-failed': {
    cause: 'skipped: its last request failed a few seconds ago',
    ...responder,
  },
  'ocsp-malformed': {
    cause: 'not DER, not a BasicOCSPResponse, above 64 KiB, or another media type',
    ...responder,
  },
  'ocsp-error-status': {
    cause: 'malformedRequest, internalError, tryLater, sigRequired or unauthorized',
    ...responder,
  },
  'ocsp-responder-untrusted': {
    cause: 'not signed by the issuer key or by an authorised, unrevoked delegate',
    ...responder,
  },
  'ocsp-signature-invalid': {
    cause: 'the signature does not verify, or its algorithm is refused',
    ...responder,
  },
  'ocsp-no-matching-response': {
    cause: 'no CertID matches the certificate and its issuer key',
    ...responder,
  },
  'ocsp-nonce-mismatch': {
    cause: 'the nonce differs from that of the request, or is missing',
    ...responder,
  },
  'ocsp-stale': { cause: 'past nextUpdate, or older than the maximum age', ...responder },
  'ocsp-not-yet-valid': { cause: 'thisUpdate or producedAt beyond the clock skew', ...responder },
  'ocsp-unsupported-critical-extension': {
    cause: 'an unknown critical extension of the response or of a matching SingleResponse',
    ...responder,
  },
  'ocsp-status-unknown': {
    cause: 'the certStatus is unknown',
    ocsp: 'next-responder',
    crl: 'never',
    auto: 'next-responder-then-revoked-only',
  },
  'no-applicable-crl': { cause: 'no CRL has the certificate in its scope', ...list },
  'crl-incomplete-reasons': { cause: 'the CRLs together do not cover all reasons', ...list },
  'crl-stale': {
    cause: 'past nextUpdate, without nextUpdate, or older than the maximum age',
    ...list,
  },
  'crl-not-yet-valid': { cause: 'thisUpdate beyond the clock skew', ...list },
  'crl-signature-invalid': { cause: 'the signature does not verify', ...list },
  'crl-issuer-untrusted': {
    cause: 'no CRL issuer with the right name, cRLSign and a valid path to the same trust anchor',
    ...list,
  },
  'crl-unsupported': {
    cause: 'an unknown critical extension, or a refused algorithm',
    ...list,
  },
  'crl-store-unavailable': { cause: 'the store of CRLs is unavailable', ...list },
  'time-budget-spent': {
    cause: 'the total time budget is spent',
    ocsp: 'indeterminate',
    crl: 'indeterminate',
    auto: 'indeterminate',
  },
};
