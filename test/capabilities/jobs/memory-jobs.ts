import { gzipSync, gunzipSync } from 'node:zlib';
import type { Job } from '../../../lambdas/capabilities/jobs/job.ts';
import { JobRejected } from '../../../lambdas/capabilities/jobs/job-rejected.ts';
import type {
  ChunkOutcome,
  JobFiles,
  JobRunner,
  JobStore,
} from '../../../lambdas/capabilities/jobs/ports.ts';

/** A `JobStore` in memory; passes the same contract suite as DynamoDB's. */
export function memoryJobStore(): JobStore {
  const jobs = new Map<string, Job>();
  const outcomes = new Map<string, Map<number, ChunkOutcome>>();
  const of = (jobId: string) => {
    if (!outcomes.has(jobId)) outcomes.set(jobId, new Map());
    return outcomes.get(jobId)!;
  };
  return {
    async create(job) {
      if (jobs.has(job.jobId)) return 'stood';
      jobs.set(job.jobId, job);
      return 'created';
    },
    async find(jobId) {
      return jobs.get(jobId);
    },
    async change(jobId, from, change) {
      const job = jobs.get(jobId);
      if (job === undefined || !from.includes(job.state)) return undefined;
      const changed = { ...job, ...change };
      jobs.set(jobId, changed);
      return changed;
    },
    async keepOutcome({ jobId }, outcome) {
      const kept = of(jobId).get(outcome.index) ?? outcome;
      of(jobId).set(outcome.index, kept);
      return kept;
    },
    async findOutcome(jobId, index) {
      return of(jobId).get(index);
    },
    async outcomes(jobId) {
      return [...of(jobId).values()].sort((a, b) => a.index - b.index);
    },
    async remove(jobId) {
      jobs.delete(jobId);
      outcomes.delete(jobId);
    },
  };
}

export interface MemoryJobFiles extends JobFiles {
  readonly objects: Map<string, Buffer>;
}

/** `JobFiles` in memory. `piece`: how many bytes a stream gives at a time. */
export function memoryJobFiles(piece = 64 * 1024): MemoryJobFiles {
  const objects = new Map<string, Buffer>();
  return {
    objects,
    async presignUpload(key, bytes) {
      return { url: `memory:${key}`, headers: { 'Content-Length': String(bytes) } };
    },
    async presignDownload(key, fileName) {
      return `memory:${key}?${fileName}`;
    },
    async size(key) {
      return objects.get(key)?.length;
    },
    async *stream(key, compression) {
      let bytes = objects.get(key)!;
      if (compression === 'gzip') {
        try {
          bytes = gunzipSync(bytes);
        } catch (cause) {
          const truncated = (cause as { code?: string }).code === 'Z_BUF_ERROR';
          throw new JobRejected(truncated ? 'upload-truncated' : 'upload-compression-wrong');
        }
      }
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    },
    async read(key, start, end) {
      return objects.get(key)!.subarray(start, end);
    },
    async write(key, content, compression) {
      objects.set(key, packed(content, compression));
    },
    async join(key, prefix, parts, compression) {
      const all = Buffer.concat([
        packed(prefix, compression),
        ...parts.map((part) => objects.get(part)!),
      ]);
      objects.set(key, all);
      return all.length;
    },
    async remove(keys) {
      for (const key of keys) objects.delete(key);
    },
  };
}

export function memoryRunner(): JobRunner & {
  readonly started: string[];
  readonly stopped: string[];
} {
  const started: string[] = [];
  const stopped: string[] = [];
  return {
    started,
    stopped,
    async start(jobId) {
      started.push(jobId);
    },
    async stop(jobId) {
      stopped.push(jobId);
    },
  };
}

const packed = (content: Uint8Array | string, compression: 'none' | 'gzip') =>
  compression === 'gzip' ? gzipSync(content) : Buffer.from(content as string);
