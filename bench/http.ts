import { type ChildProcess, fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { signWithCard } from '../sandbox/jlis/card-signing.ts';
import { issueCard } from '../sandbox/jlis/card-life.ts';
import { cardView } from '../sandbox/jlis/card-view.ts';
import type { CardView } from '../sandbox/jlis/control-client.ts';
import { takeToken } from '../sandbox/register-client.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import type { Load, LoadResult } from './http/load-generator.ts';

/** The warm CRL answer must reach at least this share of the bare route's rate. */
const target = 1 / 3;

const usage = `npm run bench -- http [--seconds N] [--rounds N] [--connections N] [--authentications N]`;

/**
 * Requests per second and latency through the sandbox's gateway, compared with GET /v1/status
 * through the same gateway.
 */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '8' },
      authentications: { type: 'string', default: '600' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  const generator = fork(new URL('./http/load-generator.ts', import.meta.url), {
    execArgv: ['--no-warnings'],
  });
  try {
    await compare(sandbox, generator, {
      seconds: Number(values.seconds),
      rounds: Number(values.rounds),
      connections: Number(values.connections),
      authentications: Number(values.authentications),
    });
  } finally {
    generator.kill();
    await sandbox.close();
  }
}

interface Sizes {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly authentications: number;
}

async function compare(sandbox: Sandbox, generator: ChildProcess, sizes: Sizes): Promise<void> {
  const { connections, seconds, rounds } = sizes;
  const port = Number(new URL(sandbox.apiUrl).port);
  const load = (requests: readonly string[], once = false) =>
    generated(generator, { port, connections, seconds, requests, once });
  const caller = await prepare(sandbox);
  const bare = [requestOf('GET', '/v1/status')];
  const { certificate } = caller.card['user-authentication'];
  const validate = [
    requestOf('POST', '/v1/certificates/validate', caller.token, { certificate, method: 'crl' }),
  ];
  await load(bare);
  await load(validate);
  const measured: { bare: LoadResult[]; validate: LoadResult[] } = { bare: [], validate: [] };
  for (let round = 0; round < rounds; round++) {
    measured.bare.push(await load(bare));
    measured.validate.push(await load(validate));
  }

  console.log(
    `\nThrough the gateway, ${connections} connections, ${rounds} rounds of ${seconds} s`,
  );
  console.log(`target: validate by CRL at no less than ${target.toFixed(2)} of the bare route\n`);
  console.log('  route                              req/s    p50 ms    p99 ms    of bare');
  const base = middle(measured.bare);
  show('GET /v1/status (bare)', base, base);
  const warm = middle(measured.validate);
  show('POST /v1/certificates/validate, crl', warm, base);
  for (const method of ['crl', 'auto'] as const) {
    const requests = await authenticationRequests(sandbox, caller, method, sizes.authentications);
    const warmUp = Math.floor(requests.length / 4);
    await load(requests.slice(0, warmUp), true);
    const name = method === 'auto' ? 'ocsp' : 'crl';
    show(`POST /v1/authentications, ${name}`, await load(requests.slice(warmUp), true), base);
  }
  const ratio = warm.perSecond / base.perSecond;
  console.log(`\n  ${ratio >= target ? 'target held' : 'BELOW TARGET'}: ${ratio.toFixed(2)}`);
}

interface Caller {
  readonly token: string;
  readonly card: CardView;
}

async function prepare({ jlis, client, apiUrl }: Sandbox): Promise<Caller> {
  const card = await issueCard(jlis, {});
  const token = await takeToken({ apiUrl, now: jlis.clock.now }, client);
  return { token, card: cardView(jlis, card) as unknown as CardView };
}

/** A challenge can be used once, so each request has its own, signed by the card. */
async function authenticationRequests(
  { jlis, apiUrl }: Sandbox,
  { token, card: view }: Caller,
  method: string,
  count: number,
): Promise<string[]> {
  const card = jlis.registry.cards.find(({ cardId }) => cardId === view.cardId);
  if (card === undefined) throw new Error('the card has gone');
  const requests: string[] = [];
  while (requests.length < count) {
    const answer = await fetch(`${apiUrl}/v1/challenges`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    const { challenge } = (await answer.json()) as { readonly challenge: string };
    const octets = Buffer.from(challenge);
    requests.push(
      requestOf('POST', '/v1/authentications', token, {
        challenge,
        certificate: view['user-authentication'].certificate,
        signature: signWithCard(card, 'user-authentication', '1234', octets).toString('base64'),
        method,
      }),
    );
  }
  return requests;
}

function requestOf(method: string, path: string, token?: string, body?: object): string {
  const content = body === undefined ? '' : JSON.stringify(body);
  return [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(content)}`]),
    '',
    content,
  ].join('\r\n');
}

function generated(generator: ChildProcess, load: Load): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    generator.once('exit', () => reject(new Error('the load generator ended')));
    generator.once('message', (result) => {
      generator.removeAllListeners('exit');
      resolve(result as LoadResult);
    });
    generator.send(load);
  });
}

const middle = (results: readonly LoadResult[]): LoadResult =>
  results.toSorted((a, b) => a.perSecond - b.perSecond)[
    Math.floor(results.length / 2)
  ] as LoadResult;

function show(name: string, result: LoadResult, base: LoadResult): void {
  const unexpected = Object.entries(result.statuses).filter(([status]) => !status.startsWith('2'));
  console.log(
    `  ${name.padEnd(36)}${result.perSecond.toFixed(0).padStart(4)}` +
      `${result.p50.toFixed(2).padStart(10)}${result.p99.toFixed(2).padStart(10)}` +
      (result.perSecond / base.perSecond).toFixed(2).padStart(11) +
      unexpected.map(([status, count]) => `   ${count} × ${status}`).join(''),
  );
}
