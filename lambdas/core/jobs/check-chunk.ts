import type { CertificateReference } from '../identifiers/certificate-reference.ts';
import type { StoredLists } from '../revocation/stored-lists.ts';
import { MyKeyError } from '../errors.ts';
import { jobFiles } from './job-files.ts';
import type {
  Job,
  JobTotals,
  MalformedRow,
  PinnedIssuer,
  PinnedIssuers,
  RowAnswer,
} from './job.ts';
import type { ChunkOutcome, FindCertificates, JobChunk, JobFiles, JobStore } from './ports.ts';
import { readRows, type Row } from './read-rows.ts';
import { malformedLine, resultLine } from './result-lines.ts';

export interface ChunkWorld {
  readonly store: JobStore;
  readonly files: JobFiles;
  readonly lists: Pick<StoredLists, 'lookup'>;
  readonly findCertificates: FindCertificates;
  /** Names this attempt; another attempt at the same chunk has another. */
  readonly attempt: string;
}

/**
 * Answers one chunk. The files are written first, under this attempt's own keys, and the outcome that
 * names them is kept by one conditional write: a worker may die at any point and be run again, or two
 * may run at once, and exactly one outcome counts.
 */
export async function checkChunk(jobId: string, chunk: JobChunk, world: ChunkWorld): Promise<void> {
  const { store, files, attempt } = world;
  const job = await store.find(jobId);
  if (job?.state !== 'checking' || job.pinned === undefined || job.columns === undefined) return;
  if ((await store.findOutcome(jobId, chunk.index)) !== undefined) return;

  const bytes = await files.read(chunk.key, chunk.start, chunk.end);
  const { rows, malformed } = readRows(bytes, chunk.firstLine, job, job.columns);
  const answers =
    job.by === 'serial'
      ? await answerSerials(job, job.pinned, rows, world.lists)
      : await answerPpids(job, job.pinned, rows, world);
  const { resultText, malformedText, totals } = report(job, rows, answers, malformed);

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
  const outcome: ChunkOutcome = {
    index: chunk.index,
    totals,
    ...(resultKey === undefined ? {} : { resultKey }),
    ...(malformedKey === undefined ? {} : { malformedKey }),
  };
  await store.keepOutcome(job, outcome);
}

/** Parallel to the rows; a row that names no issuer that we know has its code instead. */
type Answers = readonly (
  | RowAnswer
  | { readonly status: 'malformed'; readonly why: MalformedRow }
)[];

function report(
  job: Job,
  rows: readonly Row[],
  answers: Answers,
  unread: readonly { readonly line: number; readonly why: MalformedRow }[],
): { resultText: string; malformedText: string; totals: JobTotals } {
  const totals = { rows: rows.length + unread.length, good: 0, revoked: 0, unknown: 0 };
  const malformed = [...unread];
  let resultText = '';
  for (const [index, { line, identifier }] of rows.entries()) {
    const answer = answers[index]!;
    if (answer.status === 'malformed') {
      malformed.push({ line, why: answer.why });
      continue;
    }
    totals[answer.status] += 1;
    if (job.rows === 'all' || answer.status !== 'good') {
      resultText += resultLine(job, line, identifier, answer);
    }
  }
  const malformedText = malformed
    .sort((a, b) => a.line - b.line)
    .map(({ line, why }) => malformedLine(job.format, line, why))
    .join('');
  return { resultText, malformedText, totals: { ...totals, malformed: malformed.length } };
}

async function answerSerials(
  job: Job,
  { issuers }: PinnedIssuers,
  rows: readonly Row[],
  lists: ChunkWorld['lists'],
): Promise<Answers> {
  const known = new Map(
    issuers.flatMap((i) => [[i.name, i] as const, [i.issuerKeyId, i] as const]),
  );
  const answers: Answers[number][] = Array.from({ length: rows.length });
  const asked = new Questions();
  for (const [index, { identifier, issuer }] of rows.entries()) {
    const named = issuer ?? job.issuerKeyId;
    const pinned =
      named === undefined ? undefined : (known.get(named) ?? known.get(named.toLowerCase()));
    if (pinned === undefined) {
      const why = named === undefined ? 'issuer-missing' : 'issuer-unknown';
      answers[index] = { status: 'malformed', why };
    } else asked.add(pinned, Buffer.from(identifier, 'hex'), index);
  }
  await asked.answer(lists, (index, answer) => {
    answers[index] = answer;
  });
  return answers;
}

/** Reads at once for one chunk: keeps a worker busy without flooding the table. */
const concurrentFinds = 64;

/**
 * A person may hold several certificates (a card's, a phone's): good when one of them is, revoked
 * when all are, with the last date; else unknown.
 */
async function answerPpids(
  job: Job,
  { issuers }: PinnedIssuers,
  rows: readonly Row[],
  { findCertificates, lists }: ChunkWorld,
): Promise<Answers> {
  const byKey = new Map(issuers.map((issuer) => [issuer.issuerKeyId, issuer]));
  const held: (readonly CertificateReference[])[] = Array.from({ length: rows.length });
  let next = 0;
  const find = async () => {
    for (let index = next++; index < rows.length; index = next++) {
      held[index] = await findCertificates(job.owner, rows[index]!.identifier);
    }
  };
  await Promise.all(Array.from({ length: concurrentFinds }, find));

  const asked = new Questions();
  const found: RowAnswer[][] = rows.map(() => []);
  for (const [index, references] of held.entries()) {
    for (const { issuerKeyId, serial } of references) {
      const pinned = byKey.get(issuerKeyId);
      if (pinned === undefined) found[index]!.push({ status: 'unknown', why: 'no-applicable-crl' });
      else asked.add(pinned, serial, index);
    }
  }
  await asked.answer(lists, (index, answer) => found[index]!.push(answer));
  return found.map(together);
}

function together(answers: readonly RowAnswer[]): RowAnswer {
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

/** Serials by the list that answers them, each with the row that asked. */
class Questions {
  readonly #byIssuer = new Map<PinnedIssuer, { serials: Uint8Array[]; rows: number[] }>();

  add(issuer: PinnedIssuer, serial: Uint8Array, row: number): void {
    let asked = this.#byIssuer.get(issuer);
    if (asked === undefined) this.#byIssuer.set(issuer, (asked = { serials: [], rows: [] }));
    asked.serials.push(serial);
    asked.rows.push(row);
  }

  /** @throws MyKeyError `dependency-unavailable` */
  async answer(
    lists: ChunkWorld['lists'],
    give: (row: number, answer: RowAnswer) => void,
  ): Promise<void> {
    for (const [{ list }, { serials, rows }] of this.#byIssuer) {
      if ('why' in list) {
        for (const row of rows) give(row, { status: 'unknown', why: list.why });
        continue;
      }
      const entries = await lists.lookup(list, serials);
      if (entries.length !== serials.length) {
        throw new MyKeyError('internal-error', 'the lists answered other questions');
      }
      for (const [index, row] of rows.entries()) {
        const entry = entries[index];
        give(row, entry === undefined ? { status: 'good' } : { status: 'revoked', ...entry });
      }
    }
  }
}
