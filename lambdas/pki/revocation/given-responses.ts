import { verifyOcspResponse } from '../ocsp/verify-ocsp.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { OcspSource, OcspTerms, RevocationQuestion } from './revocation-source.ts';

/** An OCSP response given by the caller, with its name in reports. */
export interface GivenResponse {
  readonly source: string;
  /** OCSPResponse, DER. */
  readonly bytes: Uint8Array;
}

export interface GivenResponseTerms {
  /** Configured responder certificates, for responses that embed none. */
  readonly knownResponders?: readonly Certificate[];
  /** Octets of the request's nonce; undefined when the request carried none or is not known. */
  readonly nonce?: Uint8Array | undefined;
  /** Accept a response without a nonce to a request that carried one. Default: no. */
  readonly acceptMissingNonce?: boolean;
}

/** The source "given responses": verifies each response for the certificate in question (RFC 6960 §3.2). */
export function givenResponses(
  responses: readonly GivenResponse[],
  { knownResponders = [], nonce, acceptMissingNonce = false }: GivenResponseTerms = {},
): OcspSource {
  const answerers = responses.map(({ source, bytes }) => ({
    source,
    ask: ({ certificate, issuer, now }: RevocationQuestion, terms: OcspTerms) =>
      verifyOcspResponse(bytes, certificate, source, {
        issuer,
        knownResponders,
        algorithms: terms.policy.algorithms,
        now,
        responderStatus: terms.responderStatus,
        acceptUncheckedResponder: terms.policy.uncheckedResponder === 'accept',
        nonce,
        acceptMissingNonce,
        clockSkewMs: terms.policy.clockSkewMs,
        maximumAgeMs: terms.policy.ocspMaxAgeMs,
      }),
  }));
  return { isGiven: true, respondersFor: () => answerers };
}
