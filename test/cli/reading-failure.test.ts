import { describe, expect, it } from '@jest/globals';
import { PlatformProblem, PlatformUnreachable } from '../../cli/platform-client.ts';
import { failureCode } from '../../cli/reading-failure.ts';
import { CommandFailure, exitCodes } from '../../cli/run-command.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';

describe('the code of a reading that failed', () => {
  it.each([
    ['the reader', new ReaderError('reader-none'), 'reader-none'],
    ['the platform', new PlatformProblem('hold-not-permitted', '', 403), 'hold-not-permitted'],
    ['a proxy', new PlatformProblem('HTTP 503', '', 503), 'platform-unreachable'],
    [
      'its outage',
      new PlatformProblem('dependency-unavailable', '', 503),
      'dependency-unavailable',
    ],
    ['no answer', new PlatformUnreachable('no answer', undefined), 'platform-unreachable'],
  ])('is that of %s', (_who, error, code) => {
    expect(failureCode(error)).toBe(code);
  });

  it.each([
    ['a program that does not type', new CommandFailure('xdotool', exitCodes.unavailable)],
    ['a fault of the program', new TypeError('a fault')],
  ])('is none for %s: it is not the platform that is away', (_what, error) => {
    expect(failureCode(error)).toBeUndefined();
  });
});
