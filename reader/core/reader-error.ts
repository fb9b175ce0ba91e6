import type { Credential } from './card-profile.ts';
import { cures, type Cure, type ReaderCode } from './codes.ts';

/** What may stand beside a code: numbers and names of this program, never what was read or entered. */
export interface ReaderErrorDetails {
  readonly credential?: Credential;
  readonly triesLeft?: number;
  /** The card's status word, e.g. `6a82`. */
  readonly statusWord?: string;
  /** The PC/SC return code, e.g. `80100069`. */
  readonly pcscCode?: string;
  /** Names of readers, as their makers print them. */
  readonly devices?: readonly string[];
  /** Which of this program's steps it was, e.g. `read attributes`. */
  readonly step?: string;
  /** The platform's own code, where it refused. */
  readonly platformCode?: string;
}

/** Ends a reading. The message is the cure; no secret ever stands in it. */
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
