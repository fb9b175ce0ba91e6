import { hash } from 'node:crypto';
import { gzipSync, gunzipSync } from 'node:zlib';
import type { Job } from '../../../lambdas/capabilities/jobs/job.ts';
import { JobRejected } from '../../../lambdas/capabilities/jobs/job-rejected.ts';
import type {
  ChunkOutcome,
  JobFiles,
  JobRunner,
  JobShare,
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
  const shares = new Map<string, JobShare>();
  return {
    async takeShare(share, limits, now) {
      if (shares.has(share.jobId)) return undefined;
      for (const { jobId, until } of shares.values()) if (until <= now) shares.delete(jobId);
      const all = [share, ...[...shares.values()].filter(({ owner }) => owner === share.owner)];
      if (all.filter(({ active }) => active).length > limits.activeJobs) return 'activeJobs';
      if (all.length > limits.keptJobs) return 'keptJobs';
      const stored = all.reduce((sum, { bytes }) => sum + bytes, 0);
      if (stored > limits.storedBytes) return 'storedBytes';
      shares.set(share.jobId, share);
      return undefined;
    },
    async changeShare(share) {
      if (shares.has(share.jobId)) shares.set(share.jobId, share);
    },
    async giveBackShare(_owner, jobId) {
      shares.delete(jobId);
    },
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
  const pinned = (key: string, etag: string | undefined): Buffer => {
    const object = objects.get(key);
    if (etag !== undefined && (object === undefined || etagOf(object) !== etag)) {
      throw new JobRejected('upload-changed');
    }
    return object!;
  };
  return {
    objects,
    async presignUpload(key, bytes) {
      return { url: `memory:${key}`, headers: { 'Content-Length': String(bytes) } };
    },
    async presignDownload(key, fileName) {
      return `memory:${key}?${fileName}`;
    },
    async stat(key) {
      const object = objects.get(key);
      return object && { bytes: object.length, etag: etagOf(object) };
    },
    async *stream(key, compression, etag) {
      let bytes = pinned(key, etag);
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
    async read(key, start, end, etag) {
      return pinned(key, etag).subarray(start, end);
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
    async removeAll(prefixes) {
      for (const key of objects.keys()) {
        if (prefixes.some((prefix) => key.startsWith(prefix))) objects.delete(key);
      }
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

const etagOf = (object: Buffer): string => hash('sha256', object);

const packed = (content: Uint8Array | string, compression: 'none' | 'gzip') =>
  compression === 'gzip' ? gzipSync(content) : Buffer.from(content as string);
