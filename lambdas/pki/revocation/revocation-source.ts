import type { CertificateName } from '../x509/cert-id.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { RevocationPolicy } from './revocation-policy.ts';
import type { RevocationAttempt, RevocationMethod, RevocationStatus } from './revocation-status.ts';

/**
 * The question whether one certificate is revoked. `Asked` is `CertificateName` where only issuer and
 * serial number are known; the sources must then accept that.
 */
export interface RevocationQuestion<Asked extends CertificateName = Certificate> {
  readonly certificate: Asked;
  /** Certificate of the CA that issued it, from the validated path. */
  readonly issuer: Certificate;
  /** Trust anchor of that path. */
  readonly anchor: {
    readonly certificate: Certificate;
    /** Name of the anchor in the trust profile; selects the responders. */
    readonly id?: string | undefined;
  };
  readonly method: RevocationMethod;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The sources by method, in the order in which they are asked. */
export interface RevocationSources<Asked extends CertificateName = Certificate> {
  readonly ocsp: readonly OcspSource<Asked>[];
  readonly crl: readonly ListSource<Asked>[];
  /** Milliseconds since the request began, monotonic. Without it no time is measured. */
  readonly elapsedMs?: (() => number) | undefined;
}

export interface OcspSource<Asked extends CertificateName = Certificate> {
  /**
   * True for responses given by the caller. All of them are read, "revoked" outweighs "good", and they
   * can prove CRL issuers and delegated responders revoked. Responders of other sources are asked one
   * after another until one proves good or revoked.
   */
  readonly isGiven: boolean;
  /** The responders, or given responses, for the question's trust anchor. */
  respondersFor(question: RevocationQuestion<Asked>): readonly OcspAnswerer<Asked>[];
}

export interface OcspAnswerer<Asked extends CertificateName = Certificate> {
  /** Name in reports; contains nothing from the caller's certificate. */
  readonly source: string;
  /** Never throws because of what the responder sent or failed to send. */
  ask(question: RevocationQuestion<Asked>, terms: OcspTerms): Promise<RevocationStatus>;
}

export interface OcspTerms {
  readonly policy: RevocationPolicy;
  /** Infinity when no time is measured. */
  readonly timeoutMs: number;
  /** A responder that failed a few seconds ago may be skipped, because another source can answer. */
  readonly mayBeSkipped: boolean;
  /** Returns the status of a delegated responder without ocsp-nocheck (RFC 6960 §4.2.2.2.1). */
  readonly responderStatus: (delegate: Certificate) => Promise<RevocationStatus['status']>;
}

export interface ListSource<Asked extends CertificateName = Certificate> {
  /** Name of the source in reports when none of its CRLs covers the certificate; undefined: not reported. */
  readonly name?: string | undefined;
  ask(question: RevocationQuestion<Asked>, terms: ListTerms): Promise<RevocationFinding>;
}

export interface ListTerms {
  readonly policy: RevocationPolicy;
  /** Whether a given OCSP response proves this CRL issuer revoked; undefined when there is no such response. */
  readonly isRevokedSigner?:
    | ((signer: Certificate, issuer: Certificate) => Promise<boolean>)
    | undefined;
}

export interface RevocationFinding {
  readonly status: RevocationStatus;
  /** One for each source that was tried, in order of trial. */
  readonly attempts: readonly RevocationAttempt[];
}
