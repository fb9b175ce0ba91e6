import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { authority, fuzzTime, type Kind, leaf, root } from './material.ts';
import type { Verdict } from './own-verdict.ts';

export interface Mutant {
  readonly kind: Kind;
  readonly bytes: Buffer;
}

/** Another engine, asked for a whole batch at once. */
export interface Peer {
  readonly name: string;
  readonly kinds: readonly Kind[];
  ask(mutants: readonly Mutant[]): Promise<readonly Verdict[]>;
  close(): void;
}

const source = (name: string): string => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

/** The engines that are present on this machine. */
export function presentPeers(): readonly Peer[] {
  const python = spawnSync('python3', ['-c', 'import cryptography']).status === 0;
  const java = spawnSync('java', ['-version']).status === 0;
  const openssl = spawnSync('openssl', ['version']).status === 0;
  return [
    ...(openssl ? [opensslVerify()] : []),
    ...(python
      ? [
          lineByLine(
            'pyca/cryptography',
            ['certificate', 'crl', 'ocsp'],
            'python3',
            source('check.py'),
          ),
        ]
      : []),
    ...(java ? [lineByLine('JDK', ['certificate', 'crl'], 'java', source('Check.java'))] : []),
  ];
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A program that answers each line with one. */
function lineByLine(name: string, kinds: readonly Kind[], command: string, source: string): Peer {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(command, [source], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const head = [String(fuzzTime / 1000), base64(authority), base64(leaf), base64(root)];
  child.stdin.write(`${head.join(' ')}\n`);
  return {
    name,
    kinds,
    async ask(mutants) {
      child.stdin.write(mutants.map(({ kind, bytes }) => `${kind} ${base64(bytes)}\n`).join(''));
      const verdicts: Verdict[] = [];
      for (let i = 0; i < mutants.length; i++) {
        const line = await answers.next();
        if (line.done) throw new Error(`${name} ended early`);
        const [answer = 'refused', why = ''] = line.value.split(' ');
        verdicts.push({ answer: answer as Verdict['answer'], why });
      }
      return verdicts;
    },
    close: () => child.stdin.end(),
  };
}

const pem = (bytes: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${base64(bytes).replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

/** `openssl verify` over a folder of mutants. */
function opensslVerify(): Peer {
  const folder = mkdtempSync(join(tmpdir(), 'mykey-fuzz-'));
  writeFileSync(join(folder, 'root.pem'), pem(root));
  writeFileSync(join(folder, 'authority.pem'), pem(authority));
  return {
    name: 'OpenSSL',
    kinds: ['certificate'],
    ask(mutants) {
      const files = mutants.map(({ bytes }, index) => {
        writeFileSync(join(folder, `${index}.pem`), pem(bytes));
        return `${index}.pem`;
      });
      const time = ['-attime', String(fuzzTime / 1000)];
      const trust = ['-CAfile', 'root.pem', '-untrusted', 'authority.pem'];
      const { stdout, stderr } = spawnSync('openssl', ['verify', ...trust, ...time, ...files], {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      const accepted = new Set(stdout.split('\n').flatMap((line) => line.split(': OK')[0] ?? []));
      const reasons = reasonsByFile(stderr);
      return Promise.resolve(
        files.map((file): Verdict =>
          accepted.has(file)
            ? { answer: 'good', why: '' }
            : { answer: 'refused', why: reasons.get(file) ?? 'cannot read it' },
        ),
      );
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** `error N at D depth lookup: REASON` stands before `error FILE: verification failed`. */
function reasonsByFile(output: string): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  let reason: string | undefined;
  for (const line of output.split('\n')) {
    reason = /^error \d+ at \d+ depth lookup: (.*)$/.exec(line)?.[1] ?? reason;
    const file = /^error (\S+): verification failed$/.exec(line)?.[1];
    if (file === undefined) continue;
    if (reason !== undefined) reasons.set(file, reason);
    reason = undefined;
  }
  return reasons;
}
