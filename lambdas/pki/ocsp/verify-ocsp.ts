import { type CertificateName, certIdMatches } from '../x509/cert-id.ts';
import type { Certificate } from '../x509/certificate.ts';
import { DerError } from '../x509/der.ts';
import {
  type BasicOcspResponse,
  type OcspResponse,
  parseOcspResponse,
  type SingleResponse,
} from '../x509/ocsp.ts';
import { sameBytes } from '../x509/octets.ts';
import { authorisedResponder, type ResponderRules } from './ocsp-responder.ts';
import type {
  RevocationEvidence,
  RevocationStatus,
  UnknownReason,
} from '../revocation/revocation-status.ts';

/** Conditions for an OCSP response. Times in ms. */
export interface OcspRules extends ResponderRules {
  /** Octets of the request's nonce; undefined when it carried none. */
  readonly nonce: Uint8Array | undefined;
  /** Accept a response without a nonce to a request that carried one; only its age then bounds it. */
  readonly acceptMissingNonce: boolean;
  /** Applied to thisUpdate and producedAt only. */
  readonly clockSkewMs: number;
  readonly maximumAgeMs: number;
}

/**
 * Verifies an OCSP response for `certificate` (RFC 6960 §3.2); `source` names the responder in the
 * evidence. The signer is authorised first. Then every SingleResponse with a matching CertID is read, and
 * "revoked" outweighs the others.
 */
export async function verifyOcspResponse(
  bytes: Uint8Array,
  certificate: CertificateName,
  source: string,
  rules: OcspRules,
): Promise<RevocationStatus> {
  const [status] = await verifyOcspAnswers(bytes, [certificate], source, rules);
  return status!;
}

/** `verifyOcspResponse` for several certificates of one issuer, in order; the signer is authorised once. */
export async function verifyOcspAnswers(
  bytes: Uint8Array,
  certificates: readonly CertificateName[],
  source: string,
  rules: OcspRules,
): Promise<readonly RevocationStatus[]> {
  const ofAll = (status: RevocationStatus) => certificates.map(() => status);
  let response: OcspResponse;
  try {
    response = parseOcspResponse(bytes);
  } catch (error) {
    if (error instanceof DerError) return ofAll(unknown('ocsp-malformed'));
    throw error;
  }
  if (response.status !== 'successful') {
    const { status: responseStatus } = response;
    return ofAll({ status: 'unknown', why: 'ocsp-error-status', responseStatus });
  }
  const { basic } = response;
  const responder = await authorisedResponder(basic, rules);
  if (typeof responder === 'string') return ofAll(unknown(responder));
  const refusal = responseRefusal(basic, rules);
  return certificates.map((certificate) => {
    if (!refusal && isOwnCertificate(responder, certificate, rules)) {
      return unknown('ocsp-responder-untrusted');
    }
    const matching = basic.responses.filter(({ certId }) =>
      certIdMatches(certId, certificate, rules.issuer),
    );
    const status = refusal ? unknown(refusal) : statusOf(matching, basic, source, rules);
    return status.status === 'unknown' ? { ...status, ...latestNegativeOf(matching) } : status;
  });
}

/** Latest thisUpdate of a matching "revoked" or "unknown". An older CRL must not then prove good. */
function latestNegativeOf(matching: readonly SingleResponse[]): {
  readonly negativeThisUpdate?: number;
} {
  const against = matching.filter(({ status }) => status.status !== 'good');
  if (against.length === 0) return {};
  return { negativeThisUpdate: Math.max(...against.map(({ thisUpdate }) => thisUpdate)) };
}

/** A responder cannot vouch for its own key (RFC 6960 §4.2.2.2.1), nor for another certificate of that key. */
function isOwnCertificate(
  responder: Certificate,
  { serial, spki }: CertificateName,
  { issuer }: OcspRules,
): boolean {
  if (sameBytes(responder.spki, issuer.spki)) return false;
  return (
    sameBytes(responder.serial, serial) || (spki !== undefined && sameBytes(responder.spki, spki))
  );
}

/** Checks of the whole response: extensions, nonce, producedAt. */
function responseRefusal(basic: BasicOcspResponse, rules: OcspRules): UnknownReason | undefined {
  if (basic.unknownCritical.length > 0) return 'ocsp-unsupported-critical-extension';
  if (!isNonceAccepted(basic.nonce, rules)) return 'ocsp-nonce-mismatch';
  if (basic.producedAt > rules.now + rules.clockSkewMs) return 'ocsp-not-yet-valid';
  return rules.now - basic.producedAt > rules.maximumAgeMs ? 'ocsp-stale' : undefined;
}

function isNonceAccepted(found: BasicOcspResponse['nonce'], rules: OcspRules): boolean {
  if (!rules.nonce) return true;
  if (found === 'unreadable') return false;
  return found ? sameBytes(found, rules.nonce) : rules.acceptMissingNonce;
}

/** Good only when every matching response is current, understood and good. */
function statusOf(
  matching: readonly SingleResponse[],
  basic: BasicOcspResponse,
  source: string,
  rules: OcspRules,
): RevocationStatus {
  if (matching.length === 0) return unknown('ocsp-no-matching-response');
  const judged = matching.map((single) => ({ single, refusal: singleRefusal(single, rules) }));
  const evidence = (single: SingleResponse): RevocationEvidence => ({
    method: 'ocsp',
    source,
    thisUpdate: single.thisUpdate,
    ...(single.nextUpdate !== undefined && { nextUpdate: single.nextUpdate }),
    producedAt: basic.producedAt,
  });
  for (const { single, refusal } of judged) {
    if (single.status.status !== 'revoked' || refusal) continue;
    const { revokedAt, reason } = single.status;
    return { status: 'revoked', revokedAt, reason, evidence: evidence(single) };
  }
  for (const { single, refusal } of judged) {
    if (single.status.status === 'unknown' && !refusal) {
      return unknown('ocsp-status-unknown', evidence(single));
    }
  }
  for (const { single, refusal } of judged) if (refusal) return unknown(refusal, evidence(single));
  const oldest = matching.reduce((a, b) => (b.thisUpdate < a.thisUpdate ? b : a));
  return { status: 'good', evidence: evidence(oldest) };
}

/** RFC 6960 §4.2.2.1: checks of one SingleResponse. Without nextUpdate, only the maximum age bounds it. */
function singleRefusal(single: SingleResponse, rules: OcspRules): UnknownReason | undefined {
  if (single.unknownCritical.length > 0) return 'ocsp-unsupported-critical-extension';
  const { now } = rules;
  const { thisUpdate, nextUpdate = Infinity } = single;
  if (thisUpdate > now + rules.clockSkewMs) return 'ocsp-not-yet-valid';
  // A nextUpdate before thisUpdate counts as stale.
  if (now > nextUpdate || nextUpdate < thisUpdate) return 'ocsp-stale';
  return now - thisUpdate > rules.maximumAgeMs ? 'ocsp-stale' : undefined;
}

const unknown = (why: UnknownReason, evidence?: RevocationEvidence): RevocationStatus => ({
  status: 'unknown',
  why,
  ...(evidence && { evidence }),
});
