import type { JobFailure } from './job.ts';

/** The upload is not what the job takes: the job fails with this reason and no retry helps. */
export class JobRejected extends Error {
  readonly failure: JobFailure;

  constructor(failure: JobFailure, options?: ErrorOptions) {
    super(failure, options);
    this.name = 'JobRejected';
    this.failure = failure;
  }
}
