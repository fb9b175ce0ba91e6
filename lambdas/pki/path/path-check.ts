import type { PkiErrorCode } from '../pki-error.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { PathInput } from './path-input.ts';
import type { PathState } from './path-state.ts';

/** One certificate's turn on the way from the trust anchor to the leaf. */
export interface PathStep {
  readonly certificate: Certificate;
  /** The last certificate of the path. */
  readonly isFinal: boolean;
  /**
   * Subject and issuer alike, and not the last certificate: it carries a key roll-over, not a new
   * authority. Every rule about self-issued certificates leaves the last one out.
   */
  readonly isSelfIssued: boolean;
  readonly input: PathInput;
  readonly state: PathState;
}

/** One rule. `check` returns the code of its refusal, or undefined; some also move the state on. */
export interface PathCheck {
  /** Stable name, for reports and vectors. */
  readonly id: string;
  /** Where the rule stands. */
  readonly clause: string;
  /** `certificate`: the outcome is the same on every path that holds this certificate. */
  readonly scope: 'certificate' | 'path';
  check(step: PathStep): PkiErrorCode | undefined;
}

/** A rule that said no. */
export interface CheckFailure {
  readonly code: PkiErrorCode;
  readonly check: string;
  readonly clause: string;
  readonly scope: 'certificate' | 'path';
  /** What a decoder could not read. */
  readonly detail?: string;
}
