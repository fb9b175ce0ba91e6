import type { Credential } from './card-profile.ts';
import { cures, type Cure, type ReaderCode } from './codes.ts';

/**
 * Data that may accompany a code: numbers and names of this program, never data read or entered.
 */
export interface ReaderErrorDetails {
  readonly credential?: Credential;
  readonly triesLeft?: number;
  /** The card's status word, e.g. `6a82`. */
  readonly statusWord?: string;
  /** The PC/SC return code, e.g. `80100069`. */
  readonly pcscCode?: string;
  /** Names of readers, as reported by their drivers. */
  readonly devices?: readonly string[];
  /** The step of this program, e.g. `read attributes`. */
  readonly step?: string;
  /** The platform's error code, if it refused. */
  readonly platformCode?: string;
}

/** Ends a reading. The message is the cure and never contains a secret. */
export class ReaderError extends Error {
  readonly code: ReaderCode;
  readonly details: ReaderErrorDetails;

  constructor(code: ReaderCode, details: ReaderErrorDetails = {}, options?: ErrorOptions) {
    super(cures[code].en, options);
    this.name = 'ReaderError';
    this.code = code;
    this.details = details;
  }

  get cure(): Cure {
    return cures[this.code];
  }
}
