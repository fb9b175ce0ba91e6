import type { JobFailure } from './job.ts';

/** The upload is invalid: the job fails with this reason, and retries do not help. */
export class JobRejected extends Error {
  readonly failure: JobFailure;

  constructor(failure: JobFailure, options?: ErrorOptions) {
    super(failure, options);
    this.name = 'JobRejected';
    this.failure = failure;
  }
}
