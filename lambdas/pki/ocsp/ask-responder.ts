import { randomBytes } from 'node:crypto';
import type { OcspResponder, TrustProfile } from '../trust-profile.ts';
import type { Certificate } from '../x509/certificate.ts';
import { maximumOcspBytes } from '../x509/ocsp.ts';
import { encodeOcspRequest, type OcspRequestSigner } from '../x509/ocsp-request.ts';
import type { OcspClient, OcspExchange } from './ocsp-client.ts';
import type { RevocationStatus, UnknownReason } from '../revocation/revocation-status.ts';
import { verifyOcspResponse } from './verify-ocsp.ts';

export interface AskingWorld {
  readonly ocsp: OcspClient;
  readonly profile: Pick<TrustProfile, 'algorithms' | 'clockSkewMs' | 'ocspMaxAgeMs'>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Of a delegated responder that carries no ocsp-nocheck. */
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

/** One question to one responder: fresh nonce, one certificate, an answer that is verified. */
export async function askResponder(
  responder: OcspResponder,
  certificate: Certificate,
  issuer: Certificate,
  timeoutMs: number,
  world: AskingWorld,
): Promise<RevocationStatus> {
  const nonce = responder.nonce === 'none' ? undefined : randomBytes(nonceOctets);
  const request = await encodeOcspRequest({
    certificate,
    issuer,
    hash: responder.certIdHash ?? 'SHA-1',
    nonce,
    signer: world.requestSigner,
  });
  const { url } = responder;
  const exchange = await world.ocsp.ask({
    url,
    request,
    sendsNonce: nonce !== undefined,
    mayBeSkipped: world.mayBeSkipped ?? false,
    timeoutMs,
    maximumBytes: maximumOcspBytes,
  });
  if (exchange.outcome !== 'answered')
    return { status: 'unknown', why: failures[exchange.outcome] };
  const { profile, now, responderStatus } = world;
  return verifyOcspResponse(exchange.response, certificate, url, {
    issuer,
    knownResponders: responder.certificates ?? [],
    algorithms: profile.algorithms,
    now,
    responderStatus,
    acceptUncheckedResponder: false,
    nonce,
    acceptMissingNonce: responder.nonce === 'optional',
    clockSkewMs: profile.clockSkewMs,
    maximumAgeMs: profile.ocspMaxAgeMs,
  });
}
