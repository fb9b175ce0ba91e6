import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { control, type CardView } from '../../sandbox/jlis/control-client.ts';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import { takeToken } from '../../sandbox/register-client.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';

jest.setTimeout(180_000);

/** What an attacker looks for in everything that was stored. */
interface Seen {
  readonly ppid: string;
  readonly card: CardView;
}

let sandbox: Sandbox;
const first: Seen[] = [];
const second: Seen[] = [];
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  const tokens = [await tokenOf(sandbox.client), await secondService()];
  for (let person = 0; person < 3; person++) {
    const card = await control(sandbox.jlis.url, 'cards', {});
    first.push({ card, ppid: await logIn(card, tokens[0]!) });
    second.push({ card, ppid: await logIn(card, tokens[1]!, 'retry-me-0001') });
  }
});
afterAll(() => sandbox?.close());

const tokenOf = (client: Parameters<typeof takeToken>[1]): Promise<string> =>
  takeToken({ apiUrl: sandbox.apiUrl, now: sandbox.jlis.clock.now }, client);

async function call(
  path: string,
  token: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
) {
  const answer = await fetch(`${sandbox.apiUrl}${path}`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(JSON.stringify(json));
  return json;
}

async function secondService(): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'second' };
  const registered = await call('/v1/services', await tokenOf(sandbox.operator), {
    organisation: { name: 'Second City' },
    name: 'Second service',
    type: 'type2',
    status: 'active',
    jwks: { keys: [jwk] },
  });
  const [{ clientId }] = registered['clients'] as [{ clientId: string }];
  return tokenOf({ clientId, keyId: 'second', privateKey } as never);
}

async function logIn(card: CardView, token: string, idempotencyKey?: string): Promise<string> {
  const { challenge } = await call('/v1/challenges', token, {});
  const { signature } = await control<{ signature: string }>(
    sandbox.jlis.url,
    `cards/${card.cardId}/sign`,
    { pin: '1234', text: challenge },
  );
  const { certificate } = card['user-authentication'];
  const headers = idempotencyKey ? { 'idempotency-key': `${idempotencyKey}-${card.cardId}` } : {};
  const answer = await call(
    '/v1/authentications',
    token,
    { challenge, certificate, signature },
    headers,
  );
  return answer['ppid'] as string;
}

async function everythingStored(): Promise<ReadonlyMap<string, string>> {
  const environment = serviceEnvironment(sandbox.cloud);
  const client = new DynamoDBClient({
    endpoint: environment['AWS_ENDPOINT_URL_DYNAMODB']!,
    region: environment['AWS_REGION']!,
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY']!,
      ...(environment['AWS_SESSION_TOKEN'] && { sessionToken: environment['AWS_SESSION_TOKEN'] }),
    },
  });
  const tables = new Map<string, string>();
  for (const TableName of (await client.send(new ListTablesCommand({}))).TableNames ?? []) {
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    const text = JSON.stringify(Items, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    tables.set(TableName, text);
  }
  client.destroy();
  return tables;
}

it('finds no PPID, serial, certificate or name in any table, and nothing that two services share', async () => {
  expect(new Set([...first, ...second].map(({ ppid }) => ppid)).size).toBe(6);
  const tables = await everythingStored();
  expect([...tables.keys()].some((name) => name.includes('Identity'))).toBe(true);
  const secrets = [...first, ...second].flatMap(({ ppid, card }) => {
    const { serial, certificate } = card['user-authentication'];
    const der = Buffer.from(certificate, 'base64');
    return [ppid, serial, certificate.slice(40, 80), der.subarray(40, 60).toString('latin1')];
  });
  for (const [name, text] of tables) {
    expect([name, secrets.filter((secret) => text.includes(secret))]).toEqual([name, []]);
  }
});
