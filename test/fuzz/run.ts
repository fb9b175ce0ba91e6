import { parseArgs } from 'node:util';
import { explanationOf, mayBeRevokedElsewhere } from './explained.ts';
import { type Kind, seeds } from './material.ts';
import { mutate, randomFrom } from './mutate.ts';
import { ownVerdict, type Verdict } from './own-verdict.ts';
import { type Mutant, type Peer, startPeers } from './peers.ts';

const usage = `npm run fuzz -- [--minutes N] [--seed N] [--examples]

Mutates certificates, lists and OCSP responses, half of them signed anew, and compares this engine with
OpenSSL, Python's cryptography and the JDK, as far as they are present. Ends with 1 on a crash, on a
verdict that took over a second, on an acceptance that no peer shares and docs/divergences.md does not
explain, and on a revocation that a peer found and this engine did not.

  --minutes N   how long (1)
  --seed N      which mutants; the same seed makes the same ones (1)
  --examples    print a mutant of each kind of disagreement, base64`;

const { minutes, seed, examples } = options();

function options(): { minutes: number; seed: number; examples: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
        examples: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return leave(0, usage);
    const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
    if (!(minutes > 0)) throw new RangeError('--minutes is a number above 0');
    if (!Number.isSafeInteger(seed)) throw new RangeError('--seed is a whole number');
    return { minutes, seed, examples: values.examples };
  } catch (error) {
    return leave(64, `fuzz: ${(error as Error).message}\n\n${usage}`);
  }
}

function leave(exitCode: number, text: string): never {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(exitCode);
}

const batchSize = 300;
const kinds: readonly Kind[] = ['certificate', 'crl', 'ocsp'];
const slowestAllowedMs = 1000;
const tellsEveryMs = 10_000;

const random = randomFrom(seed);
const { present: peers, absent } = await startPeers();
const counts = { mutants: 0, accepted: 0, crashes: 0, slow: 0, unexplained: 0, missed: 0 };
/** Acceptances that no peer shares, by their explanation. */
const explained = new Map<string, number>();
const disagreements = new Map<string, { count: number; example: string }>();
/** How often each peer gave each answer, by `peer, kind` and answer. */
const answers = new Map<string, Map<string, number>>();
let slowestMs = 0;

for (const { name, version, kinds } of peers) {
  console.log(`peer: ${name} ${version}, asked about ${kinds.join(', ')}`);
}
for (const name of absent) console.log(`peer: ${name} is absent`);
const endsAt = performance.now() + minutes * 60_000;
let tellsAt = performance.now() + tellsEveryMs;
while (performance.now() < endsAt) {
  await fuzzBatch();
  if (performance.now() < tellsAt) continue;
  tellsAt += tellsEveryMs;
  const secondsLeft = Math.max(0, Math.round((endsAt - performance.now()) / 1000));
  console.error(`${counts.mutants} mutants, ${secondsLeft} s left`);
}
for (const peer of peers) peer.close();
report();
process.exitCode = counts.crashes + counts.slow + counts.unexplained + counts.missed > 0 ? 1 : 0;

async function fuzzBatch(): Promise<void> {
  const mutants = Array.from({ length: batchSize }, nextMutant);
  const asking = Promise.all(peers.map((peer) => askPeer(peer, mutants)));
  const own: Verdict[] = [];
  for (const mutant of mutants) own.push(await timedVerdict(mutant));
  const asked = await asking;
  for (const [index, mutant] of mutants.entries()) {
    const verdict = own[index]!;
    counts.mutants++;
    if (verdict.answer === 'good') counts.accepted++;
    const theirs = peers.flatMap(({ name }, k) => {
      const said = asked[k]!.get(index);
      if (said === undefined) return [];
      count(name, mutant, said);
      return said.answer === 'abstains' || said.answer === 'ended' ? [] : [{ name, said }];
    });
    for (const { name, said } of theirs) {
      if (said.answer !== verdict.answer) note(mutant, verdict, name, said);
    }
    if (verdict.answer !== 'good') continue;
    if (theirs.some(({ said }) => said.answer === 'revoked') && !mayBeRevokedElsewhere(mutant)) {
      counts.missed++;
      console.log(`revoked elsewhere: ${mutant.kind} ${mutant.bytes.toString('base64')}`);
    }
    const alone = theirs.length > 0 && theirs.every(({ said }) => said.answer !== 'good');
    if (alone) explain(mutant);
  }
}

function explain(mutant: Mutant): void {
  const why = explanationOf(mutant);
  if (why !== undefined) {
    explained.set(why, (explained.get(why) ?? 0) + 1);
    return;
  }
  counts.unexplained++;
  console.log(`accepted here alone: ${mutant.kind} ${mutant.bytes.toString('base64')}`);
}

function nextMutant(): Mutant {
  const ofKind = seeds[kinds[random(kinds.length)]!];
  const whole = ofKind[random(ofKind.length)]!;
  const bytes =
    random(2) === 0 ? mutate(whole.bytes, random) : whole.resign(mutate(whole.tbs, random));
  return { kind: whole.kind, bytes };
}

async function timedVerdict({ kind, bytes }: Mutant): Promise<Verdict> {
  const startedAt = performance.now();
  try {
    return await ownVerdict(kind, bytes);
  } catch (error) {
    counts.crashes++;
    console.log(`crash: ${String(error)}: ${kind} ${bytes.toString('base64')}`);
    return { answer: 'refused', why: 'crash' };
  } finally {
    const tookMs = performance.now() - startedAt;
    slowestMs = Math.max(slowestMs, tookMs);
    if (tookMs > slowestAllowedMs) {
      counts.slow++;
      console.log(`slow, ${tookMs.toFixed(0)} ms: ${kind} ${bytes.toString('base64')}`);
    }
  }
}

/** A peer's verdicts by the mutant's index; only of the kinds that it reads. */
async function askPeer(
  peer: Peer,
  mutants: readonly Mutant[],
): Promise<ReadonlyMap<number, Verdict>> {
  const indices = mutants.flatMap(({ kind }, index) => (peer.kinds.includes(kind) ? [index] : []));
  const verdicts = await peer.ask(indices.map((index) => mutants[index]!));
  return new Map(indices.map((index, k) => [index, verdicts[k]!]));
}

function count(peer: string, { kind, bytes }: Mutant, { answer }: Verdict): void {
  const key = `${peer}, ${kind}`;
  const known = answers.get(key) ?? new Map<string, number>();
  answers.set(key, known.set(answer, (known.get(answer) ?? 0) + 1));
  if (answer === 'ended') console.log(`${peer} ended over ${kind} ${bytes.toString('base64')}`);
}

function note(mutant: Mutant, own: Verdict, peer: string, said: Verdict): void {
  const here = own.answer === 'refused' ? own.why : own.answer;
  const there = said.answer === 'refused' ? `refused ${said.why}`.trim() : said.answer;
  const key = `${mutant.kind.padEnd(11)} here ${here}, ${peer} ${there}`;
  const known = disagreements.get(key);
  if (known !== undefined) known.count++;
  else disagreements.set(key, { count: 1, example: mutant.bytes.toString('base64') });
}

function report(): void {
  console.log(`${counts.mutants} mutants, ${counts.accepted} accepted here, seed ${seed}`);
  console.log(`slowest verdict ${slowestMs.toFixed(1)} ms; over a second: ${counts.slow}`);
  console.log(`crashes: ${counts.crashes}; accepted here alone: ${counts.unexplained}`);
  console.log(`good here and revoked elsewhere: ${counts.missed}`);
  console.log('accepted here alone with a reason (docs/divergences.md):');
  for (const [why, count] of explained) console.log(`${String(count).padStart(7)}  ${why}`);
  for (const [asked, byAnswer] of [...answers].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const total = [...byAnswer.values()].reduce((sum, part) => sum + part, 0);
    const parts = [...byAnswer].map(([answer, part]) => `${part} ${answer}`);
    console.log(`asked: ${asked}: ${total} (${parts.join(', ')})`);
  }
  console.log('disagreements (docs/divergences.md explains each class):');
  for (const [key, { count, example }] of [...disagreements].sort(
    (a, b) => b[1].count - a[1].count,
  )) {
    console.log(`${String(count).padStart(7)}  ${key}`);
    if (examples) console.log(`         ${example}`);
  }
}
