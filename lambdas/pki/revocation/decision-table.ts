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
  'ocsp-timeout': { cause: 'no whole answer in the time given', ...responder },
  'ocsp-recently-failed': {
    cause: 'not asked: it did not answer some seconds ago, and another source may',
    ...responder,
  },
  'ocsp-malformed': {
    cause: 'not DER, not a basic response, above 64 KiB, or another media type',
    ...responder,
  },
  'ocsp-error-status': {
    cause: 'malformedRequest, internalError, tryLater, sigRequired or unauthorized',
    ...responder,
  },
  'ocsp-responder-untrusted': {
    cause: 'signed by neither the issuer key nor its current, unrevoked delegate',
    ...responder,
  },
  'ocsp-signature-invalid': {
    cause: 'the signature does not verify, or its algorithm is refused',
    ...responder,
  },
  'ocsp-no-matching-response': {
    cause: 'no CertID names the certificate and its issuer key',
    ...responder,
  },
  'ocsp-nonce-mismatch': { cause: 'another nonce than was sent, or none', ...responder },
  'ocsp-stale': { cause: 'past nextUpdate, or older than the maximum age', ...responder },
  'ocsp-not-yet-valid': { cause: 'thisUpdate or producedAt beyond the clock skew', ...responder },
  'ocsp-unsupported-critical-extension': {
    cause: 'a critical extension that is not understood, in the response or in a matching answer',
    ...responder,
  },
  'ocsp-status-unknown': {
    cause: 'the responder says that it does not know the certificate',
    ocsp: 'next-responder',
    crl: 'never',
    auto: 'next-responder-then-revoked-only',
  },
  'no-applicable-crl': { cause: 'no list covers the certificate', ...list },
  'crl-incomplete-reasons': { cause: 'the lists together leave reasons uncovered', ...list },
  'crl-stale': { cause: 'past nextUpdate, without one, or older than the maximum age', ...list },
  'crl-not-yet-valid': { cause: 'thisUpdate beyond the clock skew', ...list },
  'crl-signature-invalid': { cause: 'the signature does not verify', ...list },
  'crl-issuer-untrusted': {
    cause: 'no signer with the right name, cRLSign and a valid path to the same anchor',
    ...list,
  },
  'crl-unsupported': {
    cause: 'a critical extension that is not understood, or an algorithm that is refused',
    ...list,
  },
  'crl-store-unavailable': { cause: 'the store of lists did not answer', ...list },
  'time-budget-spent': {
    cause: 'the total time of the question is used up',
    ocsp: 'indeterminate',
    crl: 'indeterminate',
    auto: 'indeterminate',
  },
};
