/**
 * Port: sends one OCSP request to one responder over HTTP (RFC 6960 appendix A). The caller verifies the
 * response. The client tries at most twice and follows no redirect. `timeoutMs` bounds both tries
 * together; each try may use all the time that is left.
 */
export interface OcspClient {
  ask(question: OcspQuestion): Promise<OcspExchange>;
}

export interface OcspQuestion {
  /** From the trust profile, never from a certificate. */
  readonly url: string;
  /** OCSPRequest, DER. */
  readonly request: Uint8Array;
  /** The request carries a nonce, so no cache can answer it. */
  readonly sendsNonce?: boolean;
  /** A responder that failed a few seconds ago may be skipped, because another source can answer. */
  readonly mayBeSkipped?: boolean;
  readonly timeoutMs: number;
  /** Maximum octets of the response body; a longer one is `malformed`. */
  readonly maximumBytes: number;
}

/** Result of the exchange. Failures are values: the decision table continues with the next source. */
export type OcspExchange =
  | { readonly outcome: 'answered'; readonly response: Uint8Array }
  | { readonly outcome: 'unreachable' | 'timeout' | 'malformed' }
  /** Skipped, as `mayBeSkipped` allows. */
  | { readonly outcome: 'recently-failed' };
