import type { JobRequest } from './job.ts';

/** Where the files of a job are. Everything of one job is under its own id. */
export const jobFiles = {
  upload: (jobId: string) => `uploads/${jobId}`,
  manifest: (jobId: string) => `chunks/${jobId}/manifest.json`,
  /** A piece of an unpacked upload. */
  piece: (jobId: string, index: number) => `chunks/${jobId}/piece-${padded(index)}`,
  /**
   * What one attempt at a chunk wrote. Each attempt has its own key, so that a worker that was given
   * up on and comes back late writes over nothing that counts.
   */
  part: (jobId: string, index: number, attempt: string, kind: 'result' | 'malformed') =>
    `chunks/${jobId}/${kind}-${padded(index)}-${attempt}`,
  result: (jobId: string) => `results/${jobId}/result`,
  malformed: (jobId: string) => `results/${jobId}/malformed`,
  /** Prefixes of everything but the results, and of the results. */
  work: (jobId: string) => [`uploads/${jobId}`, `chunks/${jobId}/`],
  results: (jobId: string) => [`results/${jobId}/`],
} as const;

/** The name under which a person saves it. */
export function downloadName(
  job: JobRequest & { readonly jobId: string },
  kind: 'result' | 'malformed',
): string {
  return `${job.jobId}-${kind}.${job.format}${job.compression === 'gzip' ? '.gz' : ''}`;
}

const padded = (index: number): string => String(index).padStart(5, '0');
