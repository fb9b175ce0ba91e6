import { ReaderError } from '../reader/core/reader-error.ts';
import { PlatformProblem, PlatformUnreachable } from './platform-client.ts';

/** The code of a reading that reader or platform ended; undefined for any other error. */
export function failureCode(error: unknown): string | undefined {
  if (error instanceof PlatformUnreachable) return 'platform-unreachable';
  // A 5xx without a code is of something before the platform.
  if (error instanceof PlatformProblem && error.status >= 500 && error.code.startsWith('HTTP ')) {
    return 'platform-unreachable';
  }
  return error instanceof ReaderError || error instanceof PlatformProblem ? error.code : undefined;
}
