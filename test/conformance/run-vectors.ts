import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CommandFailure, exitCodes } from '../../cli/run-command.ts';
import { listAnswer, ocspAnswer, pathAnswer } from '../vectors/own-answer.ts';
import { readVectors, vectorKinds } from '../vectors/vector-data.ts';

/** What is compared: `refused` stands for every verdict that lets nobody in. */
export type PeerAnswer = 'good' | 'revoked' | 'refused' | 'abstains';

interface Asked {
  /** File and case, `paths/serial/zero`. */
  readonly name: string;
  readonly kind: (typeof vectorKinds)[number];
  readonly expected: 'good' | 'revoked' | 'refused';
  readonly fields: Readonly<Record<string, unknown>>;
}

interface PeerProgram {
  readonly title: string;
  readonly command: string;
  readonly source: string;
  readonly line: (fields: Asked['fields']) => string;
}

/** Programs beside this file: each line that they read, they answer with one, after their version. */
export const peerPrograms = {
  openssl: {
    title: 'OpenSSL',
    command: 'python3',
    source: 'openssl.py',
    line: (fields) => JSON.stringify(fields),
  },
  python: {
    title: 'pyca/cryptography',
    command: 'python3',
    source: 'pyca.py',
    line: (fields) => JSON.stringify(fields),
  },
  jdk: { title: 'JDK', command: 'java', source: 'Vectors.java', line: asTokens },
} as const satisfies Readonly<Record<string, PeerProgram>>;
export type PeerName = keyof typeof peerPrograms;
export const peerNames = Object.keys(peerPrograms) as readonly PeerName[];

/** Differences that are understood: by peer and reason, the cases. */
type Differences = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * Runs the project's vectors through this engine and through others, and prints how far they agree.
 * @param wanted one peer, which must be present; all that are present when undefined
 * @returns the exit code: 1 where a case does not come out here, or a difference is not classified
 */
export async function runVectors(wanted: PeerName | undefined): Promise<number> {
  const wrong = await ownFailures();
  const asked = questions();
  const total = vectorKinds.reduce((sum, kind) => sum + readVectors(kind).cases.length, 0);
  console.log(`${total} cases; here ${total - wrong.length} as expected, ${wrong.length} not`);
  for (const name of wrong) console.log(`  not as expected: ${name}`);
  let unclassified = 0;
  for (const name of wanted === undefined ? peerNames : [wanted]) {
    const said = await askPeer(name, asked);
    if (said === undefined) {
      const absent = `${peerPrograms[name].title} is absent (${peerPrograms[name].command})`;
      if (wanted !== undefined) throw new CommandFailure(absent, exitCodes.unavailable);
      console.log(absent);
      continue;
    }
    unclassified += report(name, asked, said);
  }
  return wrong.length + unclassified > 0 ? exitCodes.failed : exitCodes.ok;
}

const holds = (expected: object, found: object): boolean =>
  Object.entries(expected).every(
    ([key, value]) =>
      JSON.stringify(value) === JSON.stringify((found as Record<string, unknown>)[key]),
  );

/** Cases that this engine answers otherwise than the data says. */
async function ownFailures(): Promise<readonly string[]> {
  const [paths, lists, ocsp] = [readVectors('paths'), readVectors('lists'), readVectors('ocsp')];
  const wrong: string[] = [];
  for (const one of paths.cases) {
    if (!holds(one.expected, pathAnswer(one, paths.defaults))) wrong.push(`paths/${one.id}`);
  }
  for (const one of lists.cases) {
    if (!holds(one.expected, await listAnswer(one, lists.defaults))) wrong.push(`lists/${one.id}`);
  }
  for (const one of ocsp.cases) {
    if (!holds(one.expected, await ocspAnswer(one, ocsp.defaults))) wrong.push(`ocsp/${one.id}`);
  }
  return wrong;
}

/** Every case but those that bound this engine's search, which are nobody else's. */
export function questions(): readonly Asked[] {
  return vectorKinds.flatMap((kind) => {
    const { defaults, cases } = readVectors(kind);
    return cases.flatMap((one): readonly Asked[] => {
      const { id, sentence: _, clause: __, expected, ...given } = one;
      const { input = {}, ...values } = given as { readonly input?: object };
      if ('budgets' in input) return [];
      const fields = { kind, ...defaults, ...values, ...input };
      const time = Math.floor(Date.parse(fields.time) / 1000);
      const outcome = 'verdict' in expected ? expected.verdict : expected.status;
      return [
        {
          name: `${kind}/${id}`,
          kind,
          expected:
            outcome === 'valid' || outcome === 'good'
              ? 'good'
              : outcome === 'revoked'
                ? 'revoked'
                : 'refused',
          fields: { ...fields, time },
        },
      ];
    });
  });
}

/** `name=value`, values of a list with commas; what is false or an object is left out. */
function asTokens(fields: Asked['fields']): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => {
      if (Array.isArray(value)) return [`${name}=${value.join(',')}`];
      return typeof value === 'string' || typeof value === 'number' || value === true
        ? [`${name}=${value}`]
        : [];
    })
    .join(' ');
}

interface PeerReply {
  readonly version: string;
  readonly answers: readonly PeerAnswer[];
}

/** A peer reads all cases in a few seconds; one that is silent for so long has lost its way. */
const longestSilenceMs = 60_000;

/** Undefined where the command, or the library that the program needs, is not installed. */
async function askPeer(name: PeerName, asked: readonly Asked[]): Promise<PeerReply | undefined> {
  const { command, source, line } = peerPrograms[name];
  const path = fileURLToPath(new URL(`peers/${source}`, import.meta.url));
  const child = spawn(command, [path], { stdio: ['pipe', 'pipe', 'ignore'] });
  // What is written to a process that has ended is lost; that it ended, its output tells.
  child.stdin.on('error', () => undefined);
  try {
    await once(child, 'spawn');
  } catch {
    return undefined;
  }
  child.stdin.end(asked.map(({ fields }) => `${line(fields)}\n`).join(''));
  const silence = setTimeout(() => child.kill('SIGKILL'), longestSilenceMs);
  const said: string[] = [];
  for await (const one of createInterface({ input: child.stdout })) {
    said.push(one);
    silence.refresh();
  }
  clearTimeout(silence);
  const [version, ...answers] = said;
  if (version === undefined) return undefined;
  if (answers.length < asked.length) {
    throw new CommandFailure(
      `${peerPrograms[name].title} ended over ${asked[answers.length]!.name}`,
      exitCodes.software,
    );
  }
  return { version, answers: answers.map((one) => one.split(' ', 1)[0] as PeerAnswer) };
}

/** Prints agreement and differences; the number of those that are not classified. */
function report(name: PeerName, asked: readonly Asked[], { version, answers }: PeerReply): number {
  const known = new Map(
    Object.entries(readDifferences()[name] ?? {}).flatMap(([reason, cases]) =>
      cases.map((one) => [one, reason] as const),
    ),
  );
  console.log(`\n${peerPrograms[name].title} ${version}`);
  const byReason = new Map<string, number>();
  const unclassified: string[] = [];
  for (const kind of vectorKinds) {
    const counts = { agree: 0, differ: 0, abstain: 0 };
    for (const [index, one] of asked.entries()) {
      if (one.kind !== kind) continue;
      const answer = answers[index]!;
      if (answer === 'abstains') counts.abstain++;
      else if (answer === one.expected) counts.agree++;
      else {
        counts.differ++;
        const reason = known.get(one.name);
        if (reason === undefined) {
          unclassified.push(`${one.name}: ${one.expected} here, ${answer} there`);
        } else byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
      }
    }
    const answered = counts.agree + counts.differ;
    const share = answered === 0 ? '' : ` (${((100 * counts.agree) / answered).toFixed(1)} %)`;
    console.log(
      `  ${kind}: ${counts.agree} of ${answered} alike${share}, ${counts.abstain} not asked`,
    );
  }
  for (const [reason, count] of [...byReason].sort(([, a], [, b]) => b - a)) {
    console.log(`${String(count).padStart(6)}  ${reason}`);
  }
  for (const one of unclassified) console.log(`  not classified: ${one}`);
  return unclassified.length;
}

export const readDifferences = (): Differences =>
  JSON.parse(
    readFileSync(new URL('peer-differences.json', import.meta.url), 'utf8'),
  ) as Differences;
