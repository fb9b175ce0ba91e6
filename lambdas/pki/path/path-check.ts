import type { PkiErrorCode } from '../pki-error.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { PathInput } from './path-input.ts';
import type { PathState } from './path-state.ts';

/** One certificate during path validation, from the trust anchor to the leaf. */
export interface PathStep {
  readonly certificate: Certificate;
  /** The last certificate of the path. */
  readonly isFinal: boolean;
  /**
   * The certificate has equal subject and issuer names and is not the last one. (All rules of RFC 5280
   * about self-issued certificates exempt the last one.)
   */
  readonly isSelfIssued: boolean;
  readonly input: PathInput;
  readonly state: PathState;
}

/** One rule. `check` returns an error code or undefined; some rules also update the state (§6.1.2). */
export interface PathCheck {
  /** Stable name, for reports and vectors. */
  readonly id: string;
  /** The clause that states the rule. */
  readonly clause: string;
  /** `certificate`: the outcome is the same on every path that contains this certificate. */
  readonly scope: 'certificate' | 'path';
  check(step: PathStep): PkiErrorCode | undefined;
}

/** A rule that refused the path. */
export interface CheckFailure {
  readonly code: PkiErrorCode;
  readonly check: string;
  readonly clause: string;
  readonly scope: 'certificate' | 'path';
  /** Message of the decoder that failed. */
  readonly detail?: string;
}
