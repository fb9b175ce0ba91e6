import { askResponder } from '../ocsp/ask-responder.ts';
import type { OcspClient } from '../ocsp/ocsp-client.ts';
import type { OcspResponder } from '../ocsp/responder.ts';
import type { CertificateName } from '../x509/cert-id.ts';
import type { OcspRequestSigner } from '../x509/ocsp-request.ts';
import type { OcspSource } from './revocation-source.ts';

/** The source "live OCSP": asks the responders of the question's trust anchor in order, each with a fresh nonce. */
export const liveOcsp = (
  client: OcspClient,
  responders: readonly OcspResponder[],
  requestSigner?: OcspRequestSigner,
): OcspSource<CertificateName> => ({
  isGiven: false,
  respondersFor: ({ anchor }) =>
    responders
      .filter(({ anchorId }) => anchorId === anchor.id)
      .map((responder) => ({
        source: responder.url,
        ask: ({ certificate, issuer, now }, { policy, timeoutMs, mayBeSkipped, responderStatus }) =>
          askResponder(responder, certificate, issuer, timeoutMs, {
            ocsp: client,
            policy,
            now,
            mayBeSkipped,
            responderStatus,
            requestSigner,
          }),
      })),
});
