import type { Certificate } from '../x509/certificate.ts';
import type { RevocationPolicy } from './revocation-policy.ts';
import type { RevocationAttempt, RevocationMethod, RevocationStatus } from './revocation-status.ts';

/** Is this certificate revoked? */
export interface RevocationQuestion {
  readonly certificate: Certificate;
  /** The authority that signed it, as the validated path has it. */
  readonly issuer: Certificate;
  /** Where that path starts. */
  readonly anchor: {
    readonly certificate: Certificate;
    /** Name of the anchor in the trust profile: its responders are asked. */
    readonly id?: string | undefined;
  };
  readonly method: RevocationMethod;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Who may answer, by method and in this order. Sources at hand and sources that are asked mix freely. */
export interface RevocationSources {
  readonly ocsp: readonly OcspSource[];
  readonly crl: readonly ListSource[];
  /** Milliseconds since the request began, monotonic. Without it no time is measured. */
  readonly elapsedMs?: (() => number) | undefined;
}

export interface OcspSource {
  /**
   * Answers at hand cost nothing: every one is read, a revoked outweighs a good, and they may accuse the
   * signers of lists and responses. Others are asked one after the other until one can say.
   */
  readonly isAtHand: boolean;
  /** Those that may know the certificates of this anchor. */
  respondersFor(question: RevocationQuestion): readonly OcspAnswerer[];
}

export interface OcspAnswerer {
  /** How reports name it; nothing from the caller's certificate. */
  readonly source: string;
  /** Never throws for what the responder sent or failed to send. */
  ask(question: RevocationQuestion, terms: OcspTerms): Promise<RevocationStatus>;
}

export interface OcspTerms {
  readonly policy: RevocationPolicy;
  /** Infinity where no time is measured. */
  readonly timeoutMs: number;
  /** Another source can answer: a responder that just failed need not be waited for again. */
  readonly mayBeSkipped: boolean;
  /** Status of a delegated responder without ocsp-nocheck, where the question comes to that. */
  readonly responderStatus: (delegate: Certificate) => Promise<RevocationStatus['status']>;
}

export interface ListSource {
  /** How reports name the whole source where no list of it covers the certificate; else it is not named. */
  readonly name?: string | undefined;
  ask(question: RevocationQuestion, terms: ListTerms): Promise<RevocationFinding>;
}

export interface ListTerms {
  readonly policy: RevocationPolicy;
  /** Does an OCSP answer at hand prove this signer revoked? Undefined where none is to be asked. */
  readonly isAccused?: ((signer: Certificate, issuer: Certificate) => Promise<boolean>) | undefined;
}

export interface RevocationFinding {
  readonly status: RevocationStatus;
  /** One for each source that was tried, in order. */
  readonly attempts: readonly RevocationAttempt[];
}
