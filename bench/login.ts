import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { authenticate } from '../lambdas/capabilities/authentications/operation.ts';
import { createChallenge } from '../lambdas/capabilities/challenges/operation.ts';
import type { StoredLists } from '../lambdas/crl-store/lookup/stored-lists.ts';
import { parseTrustProfile } from '../lambdas/platform/trust-profile-json.ts';
import type { OcspClient } from '../lambdas/pki/ocsp/ocsp-client.ts';
import { validateUnderProfile } from '../lambdas/pki/validation/validate-under-profile.ts';
import { dynamoIdentityStore } from '../lambdas/platform/adapters/dynamodb/identity-store.ts';
import { dynamoUsedChallenges } from '../lambdas/platform/adapters/dynamodb/used-challenges.ts';
import { kmsChallengeKey } from '../lambdas/platform/adapters/kms/challenge-key.ts';
import { kmsIdentityKeys } from '../lambdas/platform/adapters/kms/identity-keys.ts';
import { kmsPpidMac } from '../lambdas/platform/adapters/kms/ppid-mac.ts';
import { httpLinkage } from '../lambdas/platform/adapters/linkage/http-linkage.ts';
import { httpOcspClient } from '../lambdas/platform/adapters/ocsp/http-ocsp-client.ts';
import { stopwatch } from '../lambdas/platform/adapters/stopwatch.ts';
import { startKms } from '../sandbox/cloud/start-kms.ts';
import { issueCard } from '../sandbox/jlis/card-life.ts';
import { signWithCard } from '../sandbox/jlis/card-signing.ts';
import { cardView } from '../sandbox/jlis/card-view.ts';
import { control, type CardView } from '../sandbox/jlis/control-client.ts';
import { takeToken } from '../sandbox/register-client.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { startTables } from '../sandbox/cloud/start-tables.ts';
import type { Load, LoadResult } from './http/load-generator.ts';
import type { JlisStarted } from './login/jlis-process.ts';

const added = 5;
const steps = 2;
const allowance = 3;
const leastShare = 0.8;

const usage = `npm run bench -- login [--logins N] [--connections N]`;

/**
 * A known person's login: its latency with 5 ms on every table and KMS call, and its rate in the
 * sandbox.
 */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      logins: { type: 'string', default: '400' },
      connections: { type: 'string', default: '8' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  await measureWay(Number(values.logins));
  await measureRate(Number(values.logins), Number(values.connections));
}

const local = {
  region: 'ap-northeast-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** Of its own, so that what is added to its calls is added to no other's. */
const clientOf = ({ client }: Awaited<ReturnType<typeof startTables>>): DynamoDBClient =>
  new DynamoDBClient({ ...local, endpoint: client.config.endpoint! });

const median = (each: readonly number[]): number =>
  each.toSorted((a, b) => a - b)[each.length >> 1]!;

const noLists: StoredLists = {
  current: async () => undefined,
  all: async () => [],
  lookup: async (_, serials) => serials.map(() => undefined),
};

/**
 * In this process, one login after another, over DynamoDB Local, the local KMS and a J-LIS in a
 * process of its own.
 */
async function measureWay(logins: number): Promise<void> {
  const jlisProcess = fork(new URL('./login/jlis-process.ts', import.meta.url), {
    execArgv: ['--no-warnings'],
  });
  const [engine, kms, [jlis]] = await Promise.all([
    startTables('sessions', 'identity'),
    startKms(),
    once(jlisProcess, 'message') as Promise<[JlisStarted]>,
  ]);
  const kmsClient = new KMSClient({ ...local, endpoint: kms.endpoint });
  const tables = clientOf(engine);
  const calls = { table: 0, kms: 0 };
  const slow =
    (kind: 'table' | 'kms') => (next: (args: never) => Promise<never>) => async (args: never) => {
      calls[kind] += 1;
      await delay(added);
      return next(args);
    };
  const parts = new Map<string, number[]>();
  const timed = async <T>(part: string, run: () => Promise<T>): Promise<T> => {
    const elapsedMs = stopwatch();
    try {
      return await run();
    } finally {
      const each = parts.get(part) ?? [];
      each.push(elapsedMs());
      parts.set(part, each);
    }
  };
  /** Innermost: from the sent request to the answer's first octets. */
  const onTheWire =
    (next: (args: never) => Promise<never>) =>
    async (args: never): Promise<never> => {
      const { headers } = (args as { request: { headers: Record<string, string> } }).request;
      const operation = headers['x-amz-target']?.split('.')[1] ?? '';
      return timed(`DynamoDB Local and its socket, ${operation}`, () => next(args));
    };
  const ocsp: OcspClient = {
    ask: (question) => timed('OCSP, asked and answered', () => httpOcspClient.ask(question)),
  };
  try {
    const newKey = async (): Promise<string> => {
      const command = new CreateKeyCommand({
        KeySpec: 'HMAC_256',
        KeyUsage: 'GENERATE_VERIFY_MAC',
      });
      return (await kmsClient.send(command)).KeyMetadata!.KeyId!;
    };
    const ids = { index: await newKey(), service: await newKey(), bucket: await newKey() };
    const [ppidKey, challengeKeyId] = [await newKey(), await newKey()];
    const client = DynamoDBDocumentClient.from(tables);
    const profile = parseTrustProfile(jlis.trustProfile);
    const challengeKey = kmsChallengeKey(kmsClient, challengeKeyId);
    const identity = {
      keys: kmsIdentityKeys(kmsClient, ids, 1),
      store: dynamoIdentityStore(client, 'identity'),
      linkage: httpLinkage(profile.linkageUrl),
      ppidMac: kmsPpidMac(kmsClient, ppidKey),
    };
    const usedChallenges = dynamoUsedChallenges(client, 'sessions');
    const bearer = { clientId: 'cli_bench', serviceId: 'svc_bench' };
    const logIn = async (card: CardView): Promise<number> => {
      const now = Date.now();
      const { text } = await createChallenge(bearer, 'http://localhost', challengeKey, now);
      const signed = await control<{ readonly signature: string }>(
        jlis.url,
        `cards/${card.cardId}/sign`,
        { text, pin: '1234' },
      );
      const signature = Buffer.from(signed.signature, 'base64');
      const { certificate } = card['user-authentication'];
      const elapsedMs = stopwatch();
      await authenticate(
        {
          ...bearer,
          challenge: text,
          certificate: Buffer.from(certificate, 'base64'),
          signature,
          method: 'ocsp',
          serviceType: 'type2',
          sectorId: 'sec_bench',
          requestToken: text,
        },
        {
          challengeKey,
          usedChallenges,
          validate: validateUnderProfile,
          validation: { profile, ocsp, lists: noLists, elapsedMs },
          identity: { ...identity, elapsedMs, now },
        },
      );
      return elapsedMs();
    };
    const card = await control(jlis.url, 'cards', {});
    for (let warmUp = 0; warmUp < logins; warmUp++) await logIn(card);
    tables.middlewareStack.add(slow('table') as never, { step: 'finalizeRequest', name: 'slow' });
    kmsClient.middlewareStack.add(slow('kms') as never, { step: 'finalizeRequest', name: 'slow' });
    tables.middlewareStack.add(onTheWire as never, {
      step: 'deserialize',
      priority: 'low',
      name: 'wire',
    });
    parts.clear();
    const times: number[] = [];
    for (let n = 0; n < logins; n++) times.push(await logIn(card));
    const known = { ...calls };
    const requestsAlone = requestsOfLogin(client);
    const floor: number[] = [];
    for (let n = 0; n < logins; n++) {
      const elapsedMs = stopwatch();
      await requestsAlone();
      floor.push(elapsedMs());
    }
    const own = [...parts].map(([part, each]) => `  p50 of ${part}: ${median(each).toFixed(1)} ms`);
    const fresh = await control(jlis.url, 'cards', {});
    await logIn(fresh);
    const macs = calls.kms;
    const another = await control(jlis.url, 'cards', {});
    await logIn(another);
    const p50 = median(times);
    const limit = steps * added + allowance;
    console.log(
      `\nA known person's login by OCSP, ${added} ms added to every table and KMS call, ${logins} in a row`,
    );
    console.log(`  p50 ${p50.toFixed(1)} ms (limit ${limit}): ${p50 <= limit ? 'held' : 'ABOVE'}`);
    console.log(
      `  floor of the same run ${median(floor).toFixed(1)} ms: the same two steps of table requests, with nothing else; the login adds ${(p50 - median(floor)).toFixed(1)} ms`,
    );
    for (const line of own) console.log(line);
    console.log(
      `  table requests a login: ${known.table / logins}, KMS calls: ${known.kms / logins}`,
    );
    console.log(`  KMS calls of somebody new on a warm function: ${calls.kms - macs}`);
  } finally {
    kmsClient.destroy();
    tables.destroy();
    jlisProcess.disconnect();
    await Promise.all([engine.close(), kms.close(), once(jlisProcess, 'exit')]);
  }
}

/**
 * Through gateway, authorizer and function; then only the same table requests, with the same
 * concurrency.
 */
async function measureRate(logins: number, connections: number): Promise<void> {
  const sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  const generator = fork(new URL('./http/load-generator.ts', import.meta.url), {
    execArgv: ['--no-warnings'],
  });
  try {
    const { jlis, client, apiUrl } = sandbox;
    const token = await takeToken({ apiUrl, now: jlis.clock.now }, client);
    const card = await issueCard(jlis, {});
    const requests: string[] = [];
    while (requests.length < logins * 2) requests.push(await loginRequest());
    const port = Number(new URL(apiUrl).port);
    const load = async (some: readonly string[]): Promise<LoadResult> => {
      generator.send({ port, connections, seconds: 0, requests: some, once: true } satisfies Load);
      const [result] = (await once(generator, 'message')) as [LoadResult];
      return result;
    };
    await load(requests.slice(0, logins));
    const through = await load(requests.slice(logins));
    const alone = await tableRequestsAlone(logins, connections);
    const share = through.perSecond / alone;
    console.log(
      `\nKnown logins by OCSP through the sandbox, ${connections} at a time, ${logins} of them`,
    );
    console.log(
      `  ${through.perSecond.toFixed(0)} a second (p50 ${through.p50.toFixed(1)} ms), statuses ${JSON.stringify(through.statuses)}`,
    );
    console.log(`  the same four table requests alone: ${alone.toFixed(0)} a second`);
    console.log(
      `  share ${share.toFixed(2)} (target ${leastShare}): ${share >= leastShare ? 'held' : 'BELOW'}`,
    );

    async function loginRequest(): Promise<string> {
      const answer = await fetch(`${apiUrl}/v1/challenges`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{}',
      });
      const { challenge } = (await answer.json()) as { readonly challenge: string };
      const signature = signWithCard(card, 'user-authentication', '1234', Buffer.from(challenge));
      const { certificate } = (cardView(jlis, card) as unknown as CardView)['user-authentication'];
      const body = JSON.stringify({
        challenge,
        certificate,
        signature: signature.toString('base64'),
        method: 'ocsp',
      });
      return [
        'POST /v1/authentications HTTP/1.1',
        'host: localhost',
        `authorization: Bearer ${token}`,
        'content-type: application/json',
        `content-length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n');
    }
  } finally {
    generator.kill();
    await sandbox.close();
  }
}

/** On a separate engine: the sandbox's accepts writes from its functions only. */
async function tableRequestsAlone(logins: number, connections: number): Promise<number> {
  const engine = await startTables('sessions', 'identity');
  const tables = clientOf(engine);
  const one = requestsOfLogin(DynamoDBDocumentClient.from(tables));
  const many = async (count: number): Promise<void> => {
    let left = count;
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (left-- > 0) await one();
      }),
    );
  };
  await many(logins);
  const began = performance.now();
  await many(logins);
  const perSecond = logins / ((performance.now() - began) / 1000);
  tables.destroy();
  await engine.close();
  return perSecond;
}

/** The table requests of a known person's login, in their two steps. */
function requestsOfLogin(client: DynamoDBDocumentClient): () => Promise<void> {
  const [identity, sessions] = ['identity', 'sessions'];
  const get = (pk: string, sk: string) =>
    client.send(new GetCommand({ TableName: identity, Key: { pk, sk }, ConsistentRead: true }));
  return async () => {
    const nonce = randomBytes(16).toString('base64url');
    const put = new PutCommand({
      TableName: sessions,
      Item: { pk: `CHALLENGE#${nonce}`, sk: 'CHALLENGE', expiresAt: 1, token: nonce },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await Promise.all([client.send(put), get(`C#1#${nonce}`, 'C')]);
    await Promise.all([get(`S#${nonce}`, 'S'), get(`S#${nonce}`, 'E#1')]);
  };
}
