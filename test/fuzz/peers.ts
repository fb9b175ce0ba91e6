import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { authority, fuzzTime, type Kind, leaf, root } from './material.ts';
import type { Verdict } from './own-verdict.ts';

export interface Mutant {
  readonly kind: Kind;
  readonly bytes: Buffer;
}

/** A program under peers/ that asks another engine: each line that it reads, it answers with one. */
interface Program {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly command: string;
  readonly source: string;
}

const programs: readonly Program[] = [
  {
    name: 'OpenSSL',
    kinds: ['certificate', 'crl', 'ocsp'],
    command: 'python3',
    source: 'libcrypto.py',
  },
  {
    name: 'pyca/cryptography',
    kinds: ['certificate', 'crl', 'ocsp'],
    command: 'python3',
    source: 'pyca.py',
  },
  { name: 'JDK', kinds: ['certificate', 'crl'], command: 'java', source: 'Check.java' },
];

/** Another engine, asked for a whole batch at once. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
  /** A verdict for each mutant; where one ends the process, another is started for those behind it. */
  ask(mutants: readonly Mutant[]): Promise<readonly Verdict[]>;
  close(): void;
}

/** The engines that are present on this machine, and the names of those that are not. */
export async function startPeers(): Promise<{
  readonly present: readonly Peer[];
  readonly absent: readonly string[];
}> {
  const started = await Promise.all(programs.map(startPeer));
  return {
    present: started.filter((peer) => peer !== undefined),
    absent: programs.filter((_, index) => started[index] === undefined).map(({ name }) => name),
  };
}

/** A batch takes half a second; whoever is silent for so long has lost its way in a mutant. */
const longestSilenceMs = 60_000;

async function startPeer(program: Program): Promise<Peer | undefined> {
  let running = await startProgram(program);
  if (running === undefined) return undefined;
  const { name, kinds } = program;
  return {
    name,
    kinds,
    version: running.version,
    async ask(mutants) {
      const verdicts: Verdict[] = [];
      while (verdicts.length < mutants.length) {
        running ??= await startProgram(program);
        if (running === undefined) throw new Error(`${name} does not start again`);
        const rest = mutants.slice(verdicts.length);
        const answered = await running.ask(rest);
        verdicts.push(...answered);
        if (answered.length === rest.length) continue;
        running = undefined;
        verdicts.push({ answer: 'ended', why: '' });
      }
      return verdicts;
    },
    close: () => running?.close(),
  };
}

interface Running {
  readonly version: string;
  /** Fewer verdicts than mutants where the process ended: at the first that has none. */
  ask(mutants: readonly Mutant[]): Promise<readonly Verdict[]>;
  close(): void;
}

/** Undefined where the command, or the library that the program needs, is not installed. */
async function startProgram({ command, source }: Program): Promise<Running | undefined> {
  const path = fileURLToPath(new URL(`peers/${source}`, import.meta.url));
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(command, [path], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // What is written to a process that has ended is lost; that it ended, its output tells.
  child.stdin.on('error', () => undefined);
  try {
    await once(child, 'spawn');
  } catch {
    return undefined;
  }
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const head = [String(fuzzTime / 1000), ...[authority, leaf, root].map(base64)];
  child.stdin.write(`${head.join(' ')}\n`);
  const first = await lines.next();
  if (first.done) return undefined;
  return {
    version: first.value,
    async ask(mutants) {
      const silence = setTimeout(() => child.kill('SIGKILL'), longestSilenceMs);
      child.stdin.write(mutants.map(({ kind, bytes }) => `${kind} ${base64(bytes)}\n`).join(''));
      const verdicts: Verdict[] = [];
      for (let i = 0; i < mutants.length; i++) {
        const line = await lines.next();
        if (line.done) break;
        verdicts.push(verdictOf(line.value));
        silence.refresh();
      }
      clearTimeout(silence);
      return verdicts;
    },
    close: () => child.stdin.end(),
  };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** `answer why`, the reason in any words. */
function verdictOf(line: string): Verdict {
  const space = line.indexOf(' ');
  return { answer: line.slice(0, space) as Verdict['answer'], why: line.slice(space + 1) };
}
