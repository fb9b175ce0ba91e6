/** Step Functions' quota for the input and the output of a task, a state and an execution: 256 KiB of UTF-8. */
export const stateBytes = 256 * 1024;

/** `States.DataLimitExceeded` ends an execution: neither States.ALL nor States.TaskFailed matches it. */
export class DataLimitExceeded extends Error {
  override readonly name = 'States.DataLimitExceeded';
  readonly isRetryable = false;
  readonly isCatchable = false;
}

export const isTooLarge = (value: unknown): boolean =>
  Buffer.byteLength(JSON.stringify(value ?? null)) > stateBytes;

/** @throws DataLimitExceeded */
export function limitResult(state: string, result: unknown): void {
  if (isTooLarge(result))
    throw new DataLimitExceeded(
      `The state/task '${state}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    );
}

/** @throws DataLimitExceeded */
export function limitInput(state: string, input: unknown): void {
  if (isTooLarge(input))
    throw new DataLimitExceeded(
      `The state/task '${state}' was given an input with a size exceeding the maximum number of bytes service limit.`,
    );
}
