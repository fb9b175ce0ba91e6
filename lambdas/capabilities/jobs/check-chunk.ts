import type { BulkLists } from '../../crl-store/lookup/bulk-check.ts';
import { severalAtOnce } from '../../several-at-once.ts';
import { packSerials, type PackedSerials } from '../../crl-store/format/packed-serials.ts';
import { reasonName } from '../../crl-store/format/page-codec.ts';
import {
  parseSerials,
  rowState,
  type ParsedSerials,
} from '../../crl-store/lookup/parse-serials.ts';
import { whyMalformed } from '../../crl-store/lookup/malformed-serials.ts';
import type { LogSink } from '../../platform/http/request-log.ts';
import { denseQuestioning } from '../revocation-checks/dense-questioning.ts';
import type { RecentSerials } from '../revocation-checks/recent-serials.ts';
import type { JudgedAttributes } from '../attribute-status/signature-status.ts';
import { answerAttributes, type AttributeDependencies } from './answer-attributes.ts';
import { jobFiles } from './job-files.ts';
import { JobRejected } from './job-rejected.ts';
import type {
  Job,
  JobTotals,
  MalformedCount,
  MalformedRow,
  PinnedIssuer,
  PinnedIssuers,
  RowAnswer,
} from './job.ts';
import type {
  ChunkOutcome,
  FindCertificates,
  JobChunk,
  JobFiles,
  JobStore,
  SerialsSeen,
} from './ports.ts';
import { countMalformedRows } from './malformed-rows.ts';
import { readRows, type Row } from './read-rows.ts';
import { attributeLine, malformedLine, malformedResultLine, resultLine } from './result-lines.ts';
import { jobLimits } from './limits.ts';

export interface ChunkDependencies extends AttributeDependencies {
  readonly store: JobStore;
  readonly files: JobFiles;
  readonly lists: Pick<BulkLists, 'lookupPacked'>;
  readonly findCertificates: FindCertificates;
  /** What each service asked for lately, in jobs that this worker checked. */
  readonly recent: RecentSerials;
  readonly log: LogSink;
  /** Identifies this attempt; each attempt at a chunk has its own id. */
  readonly attempt: string;
}

/**
 * Checks one chunk. The files are written first, under keys of this attempt; then one conditional
 * write stores the outcome that names them. A worker may therefore fail at any point and be
 * retried, or run twice at once, and exactly one outcome counts. If the upload was replaced after
 * planning, the job fails, since no other attempt could read the planned file.
 */
export async function checkChunk(
  jobId: string,
  chunk: JobChunk,
  dependencies: ChunkDependencies,
): Promise<void> {
  try {
    await answerChunk(jobId, chunk, dependencies);
  } catch (error) {
    if (!(error instanceof JobRejected)) throw error;
    const end = { state: 'failed', failure: error.failure, finishedAt: dependencies.now } as const;
    await dependencies.store.change(jobId, ['checking'], end);
  }
}

async function answerChunk(
  jobId: string,
  chunk: JobChunk,
  dependencies: ChunkDependencies,
): Promise<void> {
  const { store, files, attempt } = dependencies;
  const job = await store.find(jobId);
  if (job?.state !== 'checking' || job.pinned === undefined || job.columns === undefined) return;
  if ((await store.findOutcome(jobId, chunk.index)) !== undefined) return;

  const etag = chunk.key === jobFiles.upload(jobId) ? job.uploadEtag : undefined;
  const bytes = await files.read(chunk.key, chunk.start, chunk.end, etag);
  const { rows, malformed } = readRows(bytes, chunk.firstLine, job, job.columns);
  const { answers, serials } =
    job.by === 'serial'
      ? await answerSerials(job, job.pinned, rows, dependencies)
      : { answers: await answersByPpid(job, job.pinned, rows, dependencies), serials: undefined };
  const { resultText, malformedText, totals, counts } = report(job, rows, answers, malformed);

  const keep = async (kind: 'result' | 'malformed', text: string) => {
    if (text === '') return undefined;
    const key = jobFiles.part(jobId, chunk.index, attempt, kind);
    await files.write(key, text, job.compression);
    return key;
  };
  const [resultKey, malformedKey] = await Promise.all([
    keep('result', resultText),
    keep('malformed', malformedText),
  ]);
  // The job was cancelled or deleted and cleaned up before these files were written: nothing else
  // would remove them.
  if ((await store.find(jobId))?.state !== 'checking') {
    await files.remove([resultKey, malformedKey].filter((key) => key !== undefined));
    return;
  }
  const outcome: ChunkOutcome = {
    index: chunk.index,
    totals,
    ...(counts.length === 0 ? {} : { malformed: counts }),
    ...(serials === undefined ? {} : { serials }),
    ...(resultKey === undefined ? {} : { resultKey }),
    ...(malformedKey === undefined ? {} : { malformedKey }),
  };
  await store.keepOutcome(job, outcome);
}

/** Parallel to the rows; a row that names an unknown issuer has its error code instead. */
type Answers = readonly (
  | RowAnswer
  | JudgedAttributes
  | { readonly status: 'malformed'; readonly why: MalformedRow }
)[];

const countedAs = {
  good: 'good',
  unchanged: 'good',
  revoked: 'revoked',
  changed: 'revoked',
  unknown: 'unknown',
} as const;

const lineOf = (
  job: Job,
  line: number,
  identifier: string,
  answer: RowAnswer | JudgedAttributes,
): string =>
  job.ask === 'attributes'
    ? attributeLine(job, line, identifier, answer as JudgedAttributes)
    : resultLine(job, line, identifier, answer as RowAnswer);

function report(
  job: Job,
  rows: readonly Row[],
  answers: Answers,
  unread: readonly { readonly line: number; readonly why: MalformedRow }[],
): {
  resultText: string;
  malformedText: string;
  totals: JobTotals;
  counts: readonly MalformedCount[];
} {
  const totals = { rows: rows.length + unread.length, good: 0, revoked: 0, unknown: 0 };
  const malformed = [...unread];
  let resultText = '';
  // If good rows are omitted, malformed rows are included among the rest, in file order.
  const tellMalformed = job.rows === 'not-good';
  let told = tellMalformed ? 0 : unread.length;
  const tellUntil = (line: number) => {
    for (; told < unread.length && unread[told]!.line < line; told += 1) {
      resultText += malformedResultLine(job, unread[told]!.line, unread[told]!.why);
    }
  };
  for (const [index, { line, identifier }] of rows.entries()) {
    tellUntil(line);
    const answer = answers[index]!;
    if (answer.status === 'malformed') {
      malformed.push({ line, why: answer.why });
      if (tellMalformed) resultText += malformedResultLine(job, line, answer.why);
      continue;
    }
    const counted = countedAs[answer.status];
    totals[counted] += 1;
    if (job.rows === 'all' || counted !== 'good') {
      resultText += lineOf(job, line, identifier, answer);
    }
  }
  tellUntil(Number.POSITIVE_INFINITY);
  const malformedText = malformed
    .sort((a, b) => a.line - b.line)
    .map(({ line, why }) => malformedLine(job.format, line, why))
    .join('');
  return {
    resultText,
    malformedText,
    totals: { ...totals, malformed: malformed.length },
    counts: countMalformedRows(malformed),
  };
}

async function answerSerials(
  job: Job,
  { issuers }: PinnedIssuers,
  rows: readonly Row[],
  { lists, recent, log, attempt }: ChunkDependencies,
): Promise<{ readonly answers: Answers; readonly serials: SerialsSeen }> {
  const known = new Map(
    issuers.flatMap((i) => [[i.name, i] as const, [i.issuerKeyId, i] as const]),
  );
  const answers: Answers[number][] = Array.from({ length: rows.length });
  const byIssuer = new Map<PinnedIssuer, number[]>();
  for (const [index, { issuer }] of rows.entries()) {
    const named = issuer ?? job.issuerKeyId;
    const pinned =
      named === undefined ? undefined : (known.get(named) ?? known.get(named.toLowerCase()));
    if (pinned === undefined) {
      const why = named === undefined ? 'issuer-missing' : 'issuer-unknown';
      answers[index] = { status: 'malformed', why };
      continue;
    }
    const asked = byIssuer.get(pinned);
    if (asked === undefined) byIssuer.set(pinned, [index]);
    else asked.push(index);
  }
  const seen = { distinct: 0, letters: 0 };
  let closeSerials = 0;
  for (const [{ issuerKeyId, list }, asked] of byIssuer) {
    const texts = asked.map((index) => rows[index]!.identifier);
    const serials = parseSerials(texts, job.serialFormat);
    seen.distinct += serials.packed.count;
    seen.letters += serials.letters;
    closeSerials += denseQuestioning(job.owner, issuerKeyId, serials.packed, recent) ?? 0;
    const found = await answersOf(list, serials.packed, lists);
    for (const [at, index] of asked.entries()) {
      answers[index] = answerAt(serials, at, texts[at]!, found);
    }
  }
  if (closeSerials > 0) {
    const { jobId, owner: serviceId } = job;
    log({
      event: 'dense-questioning',
      requestId: attempt,
      jobId,
      serviceId,
      dense: true,
      closeSerials,
    });
  }
  return { answers, serials: seen };
}

/** A repeated serial number is looked up once and answered for each row. */
function answerAt(
  { states, positions }: ParsedSerials,
  row: number,
  text: string,
  found: (position: number) => RowAnswer,
): Answers[number] {
  const position = positions[row]!;
  switch (states[row]) {
    case rowState.sound:
      return found(position);
    case rowState.duplicate:
      // A duplicate names the first row with the same serial.
      return found(positions[position]!);
    default:
      return { status: 'malformed', why: whyMalformed(text) };
  }
}

const good: RowAnswer = { status: 'good' };

/**
 * The status of each packed serial on one list.
 * @throws MyKeyError `dependency-unavailable`
 */
async function answersOf(
  list: PinnedIssuer['list'],
  serials: PackedSerials,
  lists: ChunkDependencies['lists'],
): Promise<(position: number) => RowAnswer> {
  if ('why' in list) {
    const unknown: RowAnswer = { status: 'unknown', why: list.why };
    return () => unknown;
  }
  const { seconds, reasons } = await lists.lookupPacked(list, serials);
  return (position) => {
    const revokedAt = seconds[position]!;
    if (Number.isNaN(revokedAt)) return good;
    return {
      status: 'revoked',
      revokedAt: revokedAt * 1000,
      reason: reasonName(reasons[position]!),
    };
  };
}

const answersByPpid = (
  job: Job,
  pinned: PinnedIssuers,
  rows: readonly Row[],
  dependencies: ChunkDependencies,
): Promise<Answers> =>
  job.ask === 'attributes'
    ? answerAttributes(job, pinned, rows, dependencies)
    : answerPpids(job, pinned, rows, dependencies);

/**
 * A person may hold several certificates (card and phone): good if any is good; revoked if all are,
 * with the latest date; otherwise unknown.
 */
async function answerPpids(
  job: Job,
  { issuers }: PinnedIssuers,
  rows: readonly Row[],
  { findCertificates, lists }: ChunkDependencies,
): Promise<Answers> {
  const byKey = new Map(issuers.map((issuer) => [issuer.issuerKeyId, issuer]));
  const held = await severalAtOnce(rows, jobLimits.concurrentFinds, ({ identifier }) =>
    findCertificates(job.owner, identifier),
  );

  const asked = new Map<PinnedIssuer, { serials: Uint8Array[]; rows: number[] }>();
  const found: RowAnswer[][] = rows.map(() => []);
  for (const [row, references] of held.entries()) {
    for (const { issuerKeyId, serial } of references) {
      const pinned = byKey.get(issuerKeyId);
      if (pinned === undefined) {
        found[row]!.push({ status: 'unknown', why: 'no-applicable-crl' });
        continue;
      }
      if (!asked.has(pinned)) asked.set(pinned, { serials: [], rows: [] });
      asked.get(pinned)!.serials.push(serial);
      asked.get(pinned)!.rows.push(row);
    }
  }
  for (const [{ list }, { serials, rows: askers }] of asked) {
    const answer = await answersOf(list, packSerials(serials), lists);
    for (const [position, row] of askers.entries()) found[row]!.push(answer(position));
  }
  return found.map(answerForPerson);
}

/**
 * One good certificate makes the person good; if all are revoked, the latest revocation is
 * reported.
 */
function answerForPerson(answers: readonly RowAnswer[]): RowAnswer {
  if (answers.length === 0) return { status: 'unknown', why: 'ppid-unknown' };
  const best =
    answers.find(({ status }) => status === 'good') ??
    answers.find(({ status }) => status === 'unknown');
  if (best !== undefined) return best;
  return answers.reduce((last, answer) =>
    last.status === 'revoked' && answer.status === 'revoked' && answer.revokedAt > last.revokedAt
      ? answer
      : last,
  );
}
