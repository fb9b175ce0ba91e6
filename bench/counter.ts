import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runReading } from '../reader/agent/run-reading.ts';
import { InProcessReader } from '../sandbox/card/in-process-port.ts';
import { VirtualCard } from '../sandbox/card/virtual-card.ts';
import { platformAt } from '../reader/agent/platform-client.ts';
import { personalise } from '../sandbox/card/personalise.ts';
import { registerReadingService } from '../sandbox/demo/reading-service.ts';
import { createNarrator } from '../sandbox/demo/narrator.ts';
import { openSession } from '../sandbox/demo/platform-session.ts';
import { issueCard } from '../sandbox/jlis/card-life.ts';
import { startSandbox } from '../sandbox/sandbox.ts';

/** The card's own command times take the larger part: the rest may add half of them. */
const allowance = 1.5;

/**
 * A hold from tap to answer, with a card whose commands take time, beside the sum of those times plus
 * the network steps of the same reading with a card that takes none.
 */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      holds: { type: 'string', default: '20' },
      'command-ms': { type: 'string', default: '20' },
      'signing-ms': { type: 'string', default: '150' },
    },
  });
  const commandMs = Number(values['command-ms']);
  const signingMs = Number(values['signing-ms']);
  const holds = Number(values.holds);
  const sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'my-key-bench-'));
  try {
    const silent = createNarrator({ write: () => undefined, colour: false, width: 80 });
    const { clientId, keyId, privateKey } = sandbox.operator;
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const key = privateKey.toCryptoKey(algorithm, false, ['sign']);
    const identity = { clientId, keyId, privateKey: key };
    const operator = await openSession(sandbox.apiUrl, identity, silent, 'operator');
    const { service } = await registerReadingService(silent, sandbox, operator, 'type1', folder);
    const made = await service.call('POST', '/v1/terminals', { name: 'Bench' });
    const { token } = await platformAt(sandbox.apiUrl).pair(String(made.body['pairingCode']));
    const agent = platformAt(sandbox.apiUrl, token);
    const issued = await issueCard(sandbox.jlis, { pin: '1234', signatureCertificate: false });
    const contents = await personalise(sandbox.jlis, issued, sandbox.jlis.chipAuthority);
    const read = async (
      mode: 'hold' | 'pin',
      behaviour: object,
    ): Promise<{ total: number; card: number; network: number }> => {
      const enrolChip = mode === 'pin';
      const { body } = await service.call('POST', '/v1/reading-sessions', { mode, enrolChip });
      const ticket = String(body['ticket']);
      const spent = { card: 0, network: 0 };
      const reader = new InProcessReader(timed(new VirtualCard(contents, behaviour), spent));
      const steps = {
        claim: (given: string) => timing(spent, 'network', agent.claim(given)),
        report: (...given: Parameters<typeof agent.report>) =>
          timing(spent, 'network', agent.report(...given)),
      };
      const begun = performance.now();
      await runReading('bench', ticket, undefined, {
        platform: steps,
        waitForCard: async () => reader,
        tell: (event) => {
          if (event.event === 'failed') throw new Error(event.code);
        },
        nextEntry: async () => ({
          readingId: 'bench',
          credentials: {
            userAuthenticationPin: '1234',
            birthDate: contents.surface!.birthDate.value,
          },
          useLastTry: [],
        }),
        cancelled: new AbortController().signal,
      });
      return { total: performance.now() - begun, ...spent };
    };
    await read('pin', {});
    for (let warm = 0; warm < 3; warm++) await read('hold', {});
    const measured = [];
    for (let i = 0; i < holds; i++) measured.push(await read('hold', { commandMs, signingMs }));
    const total = median(measured.map((each) => each.total));
    const card = median(measured.map((each) => each.card));
    const network = median(measured.map((each) => each.network));
    const ratio = total / (allowance * card + network);
    console.log(
      `holds                       ${holds}, commands ${commandMs} ms, signing ${signingMs} ms`,
    );
    console.log(`tap to answer, median       ${total.toFixed(0)} ms`);
    console.log(`the card's commands         ${card.toFixed(0)} ms`);
    console.log(`claim and report            ${network.toFixed(0)} ms`);
    console.log(
      `of what is allowed          ${(100 * ratio).toFixed(0)} % of 1.5 × card + network`,
    );
    if (ratio > 1) process.exitCode = 1;
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timing<T>(
  spent: { card: number; network: number },
  part: 'card' | 'network',
  call: Promise<T>,
): Promise<T> {
  const begun = performance.now();
  try {
    return await call;
  } finally {
    spent[part] += performance.now() - begun;
  }
}

/** Only the time that the card itself takes for each command. */
function timed(card: VirtualCard, spent: { card: number; network: number }): VirtualCard {
  const transmit = card.transmit.bind(card);
  card.transmit = (command) => timing(spent, 'card', transmit(command));
  return card;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
