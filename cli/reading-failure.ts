import { ReaderError } from '../reader/core/reader-error.ts';
import { PlatformProblem, PlatformUnreachable } from './platform-client.ts';

/** The code of a reading that reader or platform ended; undefined for any other error. */
export function failureCode(error: unknown): string | undefined {
  if (error instanceof ReaderError || error instanceof PlatformProblem) return error.code;
  return error instanceof PlatformUnreachable ? 'platform-unreachable' : undefined;
}
