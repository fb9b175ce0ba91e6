import { verifyOcspResponse } from '../ocsp/verify-ocsp.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { OcspSource, OcspTerms, RevocationQuestion } from './revocation-source.ts';

/** An OCSP response at hand, DER, with the name that reports give it. */
export interface GivenResponse {
  readonly source: string;
  readonly bytes: Uint8Array;
}

export interface GivenResponseTerms {
  /** Responder certificates known beforehand, for responses that embed none. */
  readonly knownResponders?: readonly Certificate[];
  /** Octets of the nonce that the request carried; undefined when none was sent or it is not known. */
  readonly nonce?: Uint8Array | undefined;
  /** May an answer without a nonce count though one was sent? Not unless told. */
  readonly acceptMissingNonce?: boolean;
}

/** The source "given responses" (RFC 6960 §3.2): whatever certificate one of them names is answered for. */
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
  return { isAtHand: true, respondersFor: () => answerers };
}
