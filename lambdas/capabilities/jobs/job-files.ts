import type { JobRequest } from './job.ts';

/** Object keys of a job's files. All keys begin with the job's id. */
export const jobFiles = {
  upload: (jobId: string) => `uploads/${jobId}`,
  manifest: (jobId: string) => `chunks/${jobId}/manifest.json`,
  /** The generations of all lists, as planning found them; only of a job with a method. */
  lists: (jobId: string) => `chunks/${jobId}/lists.json`,
  /** One chunk of a decompressed upload. */
  piece: (jobId: string, index: number) => `chunks/${jobId}/piece-${padded(index)}`,
  /**
   * Files written by one attempt at a chunk. Each attempt has its own keys, so that a late worker
   * whose attempt was superseded cannot overwrite accepted files.
   */
  part: (jobId: string, index: number, attempt: string, kind: 'result' | 'malformed') =>
    `chunks/${jobId}/${kind}-${padded(index)}-${attempt}`,
  result: (jobId: string) => `results/${jobId}/result`,
  malformed: (jobId: string) => `results/${jobId}/malformed`,
  /** Prefixes of all files except the results, and of the results. */
  work: (jobId: string) => [`uploads/${jobId}`, `chunks/${jobId}/`],
  results: (jobId: string) => [`results/${jobId}/`],
} as const;

/** The file name for downloads. */
export function downloadName(
  job: JobRequest & { readonly jobId: string },
  kind: 'result' | 'malformed',
): string {
  return `${job.jobId}-${kind}.${job.format}${job.compression === 'gzip' ? '.gz' : ''}`;
}

const padded = (index: number): string => String(index).padStart(5, '0');
