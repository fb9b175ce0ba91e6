import { randomBytes } from 'node:crypto';
import type { RevocationPolicy } from '../revocation/revocation-policy.ts';
import type { CertificateName } from '../x509/cert-id.ts';
import type { Certificate } from '../x509/certificate.ts';
import { engineLimits } from '../limits.ts';
import { encodeOcspRequest, type OcspRequestSigner } from '../x509/ocsp-request.ts';
import type { OcspResponder } from './responder.ts';
import type { OcspClient, OcspExchange } from './ocsp-client.ts';
import type { RevocationStatus, UnknownReason } from '../revocation/revocation-status.ts';
import { verifyOcspResponse } from './verify-ocsp.ts';

export interface AskingTerms {
  readonly ocsp: OcspClient;
  readonly policy: RevocationPolicy;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Returns the status of a delegated responder without ocsp-nocheck (RFC 6960 §4.2.2.2.1). */
  readonly responderStatus: (responder: Certificate) => Promise<'good' | 'revoked' | 'unknown'>;
  readonly requestSigner?: OcspRequestSigner | undefined;
  readonly mayBeSkipped?: boolean;
}

/** RFC 9654 §2.1: clients use a nonce of 32 octets. */
const nonceOctets = 32;

const failures: Readonly<Record<Exclude<OcspExchange['outcome'], 'answered'>, UnknownReason>> = {
  unreachable: 'ocsp-unreachable',
  timeout: 'ocsp-timeout',
  malformed: 'ocsp-malformed',
  'recently-failed': 'ocsp-recently-failed',
};

/** Asks one responder about one certificate, with a fresh nonce, and verifies the response. */
export async function askResponder(
  responder: OcspResponder,
  certificate: CertificateName,
  issuer: Certificate,
  timeoutMs: number,
  terms: AskingTerms,
): Promise<RevocationStatus> {
  const nonce = responder.nonce === 'none' ? undefined : randomBytes(nonceOctets);
  const request = await encodeOcspRequest({
    certificate,
    issuer,
    hash: responder.certIdHash ?? 'SHA-1',
    nonce,
    signer: terms.requestSigner,
  });
  const { url } = responder;
  const exchange = await terms.ocsp.ask({
    url,
    request,
    sendsNonce: nonce !== undefined,
    mayBeSkipped: terms.mayBeSkipped ?? false,
    timeoutMs,
    maximumBytes: engineLimits.ocspOctets,
  });
  if (exchange.outcome !== 'answered')
    return { status: 'unknown', why: failures[exchange.outcome] };
  const { policy, now, responderStatus } = terms;
  return verifyOcspResponse(exchange.response, certificate, url, {
    issuer,
    knownResponders: responder.certificates ?? [],
    algorithms: policy.algorithms,
    now,
    responderStatus,
    acceptUncheckedResponder: policy.uncheckedResponder === 'accept',
    nonce,
    acceptMissingNonce: responder.nonce === 'optional',
    clockSkewMs: policy.clockSkewMs,
    maximumAgeMs: policy.ocspMaxAgeMs,
  });
}
