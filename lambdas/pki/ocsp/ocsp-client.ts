/**
 * Port: carries one OCSP request to one responder (RFC 6960 appendix A). It moves bytes and decides
 * nothing: the answer is verified by the caller. It tries at most twice by itself, follows no
 * redirect, and stops at `timeoutMs` over all tries, none of which is given less than what is left.
 */
export interface OcspClient {
  ask(question: OcspQuestion): Promise<OcspExchange>;
}

export interface OcspQuestion {
  /** From the trust profile, never from a certificate. */
  readonly url: string;
  /** OCSPRequest, DER. */
  readonly request: Uint8Array;
  /** The request holds a nonce: no cache can answer it. */
  readonly sendsNonce?: boolean;
  /** Another source can answer: a responder that just failed need not be waited for again. */
  readonly mayBeSkipped?: boolean;
  readonly timeoutMs: number;
  /** Octets of response body that are read at most; more is `malformed`. */
  readonly maximumBytes: number;
}

/** How the exchange ended; failure is a value, since it leads to the next source. */
export type OcspExchange =
  | { readonly outcome: 'answered'; readonly response: Uint8Array }
  | { readonly outcome: 'unreachable' | 'timeout' | 'malformed' }
  /** Not asked, as `mayBeSkipped` allows. */
  | { readonly outcome: 'recently-failed' };
