import type { JobFailure } from './job.ts';

/** The upload is invalid: the job fails with this reason, and retries do not help. */
export class JobRejected extends Error {
  readonly failure: JobFailure;
  /** What to do, where this file needs other words than `failureCures`. */
  readonly detail: string | undefined;

  constructor(
    failure: JobFailure,
    { detail, ...options }: ErrorOptions & { readonly detail?: string } = {},
  ) {
    super(failure, options);
    this.name = 'JobRejected';
    this.failure = failure;
    this.detail = detail;
  }
}
