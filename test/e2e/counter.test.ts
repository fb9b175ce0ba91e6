import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { compactDecrypt } from 'jose';
import { platformAt } from '../../reader/agent/platform-client.ts';
import { readMyKeyId } from '../../lambdas/people/my-key-id.ts';
import { userNumberOfHeldCard } from '../../reader/library/held-card.ts';
import { loanLine } from '../../reader/library/loan-line.ts';
import { runReading } from '../../reader/agent/run-reading.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import type { ChipContents } from '../../sandbox/card/personalise.ts';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { newCard, type IssuedCard } from '../reader/support/cards.ts';
import { counterInBrowser } from './counter-in-browser.ts';
import { escapes, findLeaks, findPin, octetsOf } from './canary-search.ts';
import type { PreparedCalls } from './good-call.ts';
import { startPlatform, type PlatformUnderTest } from './platform-under-test.ts';
import { prepareCalls } from './route-calls.ts';
import { whatAnAttackerReads } from './what-an-attacker-reads.ts';

/** Found nowhere but here: if the platform keeps or logs them, a search finds them. */
const canary = { name: '河童　金糸雀', address: '遠野市カナリア町九丁目八番', pin: '7391' };

let folder: string;
let platform: PlatformUnderTest;
let prepared: PreparedCalls;
let card: IssuedCard;
const serviceKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'my-key-counter-'));
  platform = await startPlatform(folder, { webhookTargets: 'loopback' });
  prepared = await prepareCalls(platform);
  const { jlis } = platform.sandbox;
  card = await newCard(
    { office: jlis, cv: jlis.chipAuthority, roots: [] },
    { pin: canary.pin, person: { birthDate: '1980-11-21' } },
    { ...canary, inputAssistancePin: canary.pin },
  );
  const { kty, crv, x, y } = serviceKey.publicKey.export({ format: 'jwk' });
  const path = `/v1/services/${prepared.counterServiceId}/encryption-key`;
  const json = { kty, crv, x, y };
  await platform.call('PUT', path, { token: prepared.counterToken, json });
}, 180_000);
afterAll(async () => {
  await platform?.sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

type Result = Readonly<Record<string, string>>;

/** A reading as a counter makes it: the deployed API, the agent's own client, a card on the reader. */
async function read(
  mode: string,
  {
    contents = card.contents,
    at = 'counter',
    machine: chosen,
    ...more
  }: {
    enrolChip?: boolean;
    myKeyId?: object;
    contents?: ChipContents;
    at?: 'counter' | 'library';
    /** Another terminal than that of the form. */
    machine?: string;
  } = {},
): Promise<Result> {
  const { counterToken, libraryToken, terminal, libraryTerminal } = prepared;
  const [token, machine] =
    at === 'counter' ? [counterToken, terminal] : [libraryToken, libraryTerminal];
  const json = { mode, ...more };
  const { body } = await platform.call('POST', '/v1/reading-sessions', { token, json });
  const reader = new InProcessReader(new VirtualCard(contents));
  let refusedClaim: string | undefined;
  await runReading('reading', String(body['ticket']), undefined, {
    platform: platformAt(platform.sandbox.apiUrl, chosen ?? machine),
    waitForCard: async () => reader,
    tell: (event) => {
      if (event.event === 'failed') refusedClaim = event.details.platformCode;
    },
    nextEntry: async () => ({
      readingId: 'reading',
      credentials: {
        userAuthenticationPin: canary.pin,
        birthDate: '551121',
        ...(mode === 'pin+attributes' && { inputAssistancePin: canary.pin }),
      },
      useLastTry: [],
    }),
    cancelled: new AbortController().signal,
  });
  const path = `/v1/reading-sessions/${String(body['sessionId'])}`;
  const { result } = (await platform.call('GET', path, { token })).body;
  // A claim that is refused leaves the session as it was.
  return (result ?? { refusedClaim }) as Result;
}

/** @returns the token of a terminal without staff */
async function pairUnattended(token: string): Promise<string> {
  const json = { name: 'Kiosk', unattended: true };
  const { body } = await platform.call('POST', '/v1/terminals', { token, json });
  return (await platformAt(platform.sandbox.apiUrl).pair(String(body['pairingCode']))).token;
}

/** The same card, online: a challenge that it signs. */
async function logIn(token: string) {
  const asked = await platform.call('POST', '/v1/challenges', { token, json: {} });
  const { challenge } = asked.body;
  const path = `cards/${card.issued.cardId}/sign`;
  const { signature } = await platform.jlis<{ signature: string }>(path, {
    pin: canary.pin,
    text: challenge,
  });
  const certificate = card.contents.jpki.certificate.toString('base64');
  const json = { challenge, certificate, signature };
  return platform.call('POST', '/v1/authentications', { token, json });
}

const validate = (certificate: Buffer, method: string, token = prepared.counterToken) =>
  platform.call('POST', '/v1/certificates/validate', {
    token,
    json: { certificate: certificate.toString('base64'), method },
  });

async function withoutResponder(use: () => Promise<void>): Promise<void> {
  await platform.jlis('services', { ocsp: 'stopped' });
  try {
    await use();
  } finally {
    await platform.jlis('services', { ocsp: 'running' });
  }
}

const signatureCertificate = async (): Promise<Buffer> => {
  const issued = await platform.jlis('cards', {});
  return Buffer.from(issued['digital-signature']!.certificate, 'base64');
};

/**
 * Each test has the name of a row of docs/jpki.md's table of the three forms, and of its cell;
 * `test/docs/three-forms.test.ts` holds that every cell has one.
 */
describe('Type 1', () => {
  it('hold the card over a reader, no PIN (かざし利用): yes, from the second use', async () => {
    expect(await read('hold')).toEqual({ outcome: 'refused', code: 'enrolment-required' });
    const login = await read('pin', { enrolChip: true });
    expect(login).toMatchObject({ assurance: 'card-signature', chipEnrolled: true });
    expect(await read('hold')).toMatchObject({
      outcome: 'read',
      assurance: 'chip-presence',
      ppid: login['ppid'],
    });
  }, 60_000);

  it('scenario: mainly counters, face to face; without staff nobody is read without the PIN', async () => {
    const machine = await pairUnattended(prepared.counterToken);
    const refused = { refusedClaim: 'hold-not-permitted' };
    expect(await read('hold', { machine })).toEqual(refused);
    expect(await read('pin', { machine })).toMatchObject({ assurance: 'card-signature' });
  }, 60_000);

  it('PPID issued per service: yes', async () => {
    const { ppid } = await read('pin');
    expect(ppid).toMatch(/^[a-z2-7]{32}$/);
    expect((await read('pin'))['ppid']).toBe(ppid);
    const elsewhere = await logIn(prepared.clientToken);
    expect(elsewhere.body['ppid']).toMatch(/^[a-z2-7]{32}$/);
    expect(elsewhere.body['ppid']).not.toBe(ppid);
  }, 60_000);

  it('a card whose chip is another’s is refused', async () => {
    const { jlis } = platform.sandbox;
    const other = await newCard({ office: jlis, cv: jlis.chipAuthority, roots: [] });
    const swapped = { ...card.contents, surface: other.contents.surface! };
    expect(await read('hold', { contents: swapped })).toEqual({
      outcome: 'refused',
      code: 'chip-proof-invalid',
    });
  }, 60_000);

  it('hands over the four basic attributes for input assistance: yes, to the service alone', async () => {
    const { attributes } = await read('pin+attributes');
    const { plaintext } = await compactDecrypt(attributes!, serviceKey.privateKey);
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toMatchObject({
      name: canary.name,
      address: canary.address,
      birthDate: '19801121',
    });
  }, 60_000);

  it('works without changing the municipal system: no, its server opens each reading and fetches the outcome', async () => {
    const json = { mode: 'pin' };
    const unopened = await platform.call('POST', '/v1/reading-sessions', { json });
    expect([unopened.status, unopened.body['code']]).toEqual([401, 'token-missing']);
    const token = prepared.counterToken;
    const { body } = await platform.call('POST', '/v1/reading-sessions', { token, json });
    const path = `/v1/reading-sessions/${String(body['sessionId'])}`;
    const unfetched = await platform.call('GET', path);
    expect([unfetched.status, unfetched.body['code']]).toEqual([401, 'token-missing']);
    expect((await platform.call('GET', path, { token })).status).toBe(200);
  });

  it('platform supplies the reading screen and reading function: yes', async () => {
    const screen = await platform.call('GET', `/counter/${prepared.counterServiceId}`);
    expect([screen.status, screen.type]).toEqual([200, 'text/html; charset=utf-8']);
    expect(screen.text).toContain('マイナンバーカードの読み取り');
    expect(screen.headers['content-security-policy']).toMatch(/frame-ancestors /);
  });

  it('user-authentication certificate accepted: yes', async () => {
    const good = await validate(card.contents.jpki.certificate, 'auto');
    expect([good.status, good.body['verdict']]).toEqual([200, 'valid']);
  });

  it('OCSP method: yes', async () => {
    expect((await validate(card.contents.jpki.certificate, 'ocsp')).body).toMatchObject({
      verdict: 'valid',
      validation: { revocation: { method: 'ocsp', status: 'good' } },
    });
  });

  it('CRL method: only as fallback when OCSP is out of service', async () => {
    const refused = await validate(card.contents.jpki.certificate, 'crl');
    expect([refused.status, refused.body['code']]).toEqual([
      403,
      'revocation-method-not-permitted',
    ]);
    await withoutResponder(async () => {
      expect((await validate(card.contents.jpki.certificate, 'ocsp')).body).toMatchObject({
        verdict: 'indeterminate',
      });
      expect((await validate(card.contents.jpki.certificate, 'auto')).body).toMatchObject({
        verdict: 'valid',
        validation: { revocation: { method: 'crl', status: 'good' } },
      });
    });
  });

  it('online use: yes, by challenge and signature', async () => {
    const { status, body } = await logIn(prepared.counterToken);
    expect([status, body['ppid']]).toEqual([201, (await read('pin'))['ppid']]);
  }, 60_000);

  it('signature certificate accepted for validation: no', async () => {
    const { body } = await validate(await signatureCertificate(), 'ocsp');
    expect([body['verdict'], body['code']]).toEqual(['invalid', 'certificate-kind-wrong']);
  });
});

describe('My Key Platform (library)', () => {
  const at = 'library';
  let myKeyId: string;

  it('PPID issued per service: no (one My Key ID)', async () => {
    const refused = { outcome: 'refused', code: 'my-key-id-not-found' };
    expect(await read('pin', { at })).toEqual(refused);
    const issued = await read('pin', { at, enrolChip: true, myKeyId: {} });
    expect(issued).toMatchObject({ outcome: 'read', assurance: 'card-signature' });
    expect(issued).not.toHaveProperty('ppid');
    myKeyId = issued['myKeyId']!;
    expect(readMyKeyId(myKeyId)).toEqual({ myKeyId });
    for (const path of ['/v1/links/lookup', '/v1/events']) {
      const method = path === '/v1/events' ? 'GET' : 'POST';
      const json = method === 'POST' ? { json: { userNumber: 'L-1' } } : {};
      const { body } = await platform.call(method, path, { token: prepared.libraryToken, ...json });
      expect([path, body['code']]).toEqual([path, 'scope-insufficient']);
    }
  }, 60_000);

  it('hold the card over a reader, no PIN (かざし利用): yes', async () => {
    expect(await read('hold', { at })).toMatchObject({ myKeyId, assurance: 'chip-presence' });
  }, 60_000);

  it('works without changing the municipal system: yes, a keyboard line with its user number', async () => {
    const token = prepared.libraryToken;
    const post = (path: string, json: Record<string, unknown>) =>
      platform.call('POST', path, { token, json });
    const link = await post('/v1/library-links', { myKeyId, userNumber: 'L-0042' });
    expect([link.status, link.body['outcome']]).toEqual([200, 'linked']);
    const agent = platformAt(platform.sandbox.apiUrl, prepared.libraryTerminal);
    const reader = new InProcessReader(new VirtualCard(card.contents));
    const held = await userNumberOfHeldCard(reader, agent, {
      open: async () => (await post('/v1/reading-sessions', { mode: 'hold' })).body as never,
      outcome: async (sessionId) =>
        (await platform.call('GET', `/v1/reading-sessions/${sessionId}`, { token })).body[
          'result'
        ] as never,
      userNumber: async (person) =>
        String((await post('/v1/library-links/lookup', { ...person })).body['userNumber']),
    });
    expect(held).toEqual({ userNumber: 'L-0042' });
    const line = { output: 'line', suffix: 'enter', encoding: 'shift_jis' } as const;
    expect(Buffer.from(loanLine('L-0042', 0, line)).toString('latin1')).toBe('L-0042\r\n');
  }, 60_000);

  it('platform supplies the reading screen and reading function: yes', async () => {
    const screen = await platform.call('GET', `/counter/${prepared.libraryServiceId}`);
    expect([screen.status, screen.type]).toEqual([200, 'text/html; charset=utf-8']);
  });

  it('scenario: libraries, also a kiosk without staff, where the PIN is needed', async () => {
    const machine = await pairUnattended(prepared.libraryToken);
    const refused = { refusedClaim: 'hold-not-permitted' };
    expect(await read('hold', { at, machine })).toEqual(refused);
    expect(await read('pin', { at, machine })).toMatchObject({ myKeyId });
  }, 60_000);

  it('online use: no', async () => {
    const token = prepared.libraryToken;
    const challenge = await platform.call('POST', '/v1/challenges', { token, json: {} });
    expect([challenge.status, challenge.body['code']]).toEqual([403, 'scope-insufficient']);
  });

  it('hands over the four basic attributes for input assistance: no', async () => {
    const token = prepared.libraryToken;
    const json = { mode: 'pin+attributes' };
    const session = await platform.call('POST', '/v1/reading-sessions', { token, json });
    expect([session.status, session.body['code']]).toEqual([409, 'service-form-wrong']);
  });

  it('user-authentication certificate accepted: yes', async () => {
    const good = await validate(card.contents.jpki.certificate, 'ocsp', prepared.libraryToken);
    expect([good.status, good.body['verdict']]).toEqual([200, 'valid']);
  });

  it('OCSP method: yes', async () => {
    const token = prepared.libraryToken;
    expect((await validate(card.contents.jpki.certificate, 'ocsp', token)).body).toMatchObject({
      validation: { revocation: { method: 'ocsp', status: 'good' } },
    });
  });

  it('signature certificate accepted for validation: no', async () => {
    const token = prepared.libraryToken;
    const { body } = await validate(await signatureCertificate(), 'ocsp', token);
    expect([body['verdict'], body['code']]).toEqual(['invalid', 'certificate-kind-wrong']);
  });

  it('CRL method: only for holders of a valid My Key ID', async () => {
    const { jlis } = platform.sandbox;
    const issuer = { office: jlis, cv: jlis.chipAuthority, roots: [] };
    const pin = { pin: canary.pin };
    const { contents } = await newCard(issuer, { ...pin, person: { birthDate: '1980-11-21' } });
    await withoutResponder(async () => {
      expect(await read('hold', { at })).toMatchObject({ outcome: 'read', myKeyId });
      expect(await read('pin', { at, contents, myKeyId: {} })).toEqual({
        outcome: 'refused',
        code: 'revocation-method-not-permitted',
      });
      // Type 1: by the list, as fallback, whoever it is.
      expect(await read('pin', { contents })).toMatchObject({ outcome: 'read' });
    });
  }, 60_000);
});

describe('Type 2', () => {
  it('hold the card, reading screen, four attributes: no', async () => {
    const { clientToken: token } = prepared;
    for (const mode of ['hold', 'pin+attributes']) {
      const { status, body } = await platform.call('POST', '/v1/reading-sessions', {
        token,
        json: { mode },
      });
      expect([mode, status, body['code']]).toEqual([mode, 403, 'scope-insufficient']);
    }
    const screen = await platform.call('GET', `/counter/${prepared.serviceId}`);
    expect(screen.body['code']).toBe('service-not-found');
  });
});

counterInBrowser(
  () => prepared,
  () => ({ contents: card.contents, pin: canary.pin }),
);

whatAnAttackerReads(
  () => platform,
  () => folder,
  () => ({
    cardId: card.issued.cardId,
    pin: canary.pin,
    certificate: card.contents.jpki.certificate.toString('base64'),
    name: canary.name,
  }),
);

/** Put by the test itself where things are kept: whatever the search does not find there, it misses. */
const planted = '潜水艦　燈台守';

describe('everything that the platform kept and logged', () => {
  it('contains the session and the terminal, and neither attributes nor PIN', async () => {
    const ways = await plant();
    await platform.sandbox.close();
    const files = filesIn(folder).map(
      (path) => [relative(folder, path), readFileSync(path)] as const,
    );
    const kept = Buffer.concat(files.map(([, octets]) => octets));
    expect(kept.includes('READING#rse_')).toBe(true);
    expect(kept.includes('Counter 1')).toBe(true);
    expect(kept.includes('"operation":"report-reading"')).toBe(true);
    const { verificationNumberB } = card.contents.inputAssistance!;
    const secrets = [canary.name, canary.address, '19801121', verificationNumberB.value];
    const found = files.flatMap(([, octets]) => findLeaks(octets, [planted, ...secrets]));
    expect(found.filter(({ secret }) => secret !== planted)).toEqual([]);
    // What is kept in a table, in an object and in a log is found, in each way to write it.
    const times = ways.map(
      (way) => [way, found.filter(({ encoding }) => encoding === way).length] as const,
    );
    expect(times.filter(([, often]) => often < 3)).toEqual([]);
    // The simulated J-LIS keeps the cards it issued: the cards' own memory, not the platform's.
    const withPin = files.filter(([, octets]) => findPin(octets, canary.pin).length > 0);
    expect(withPin.map(([path]) => path)).toEqual(['jlis/jlis.json']);
  }, 60_000);
});

/** @returns the ways in which it was written */
async function plant(): Promise<readonly string[]> {
  const { cloud } = platform.sandbox;
  const anything = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
  const credentials = cloud.iam.issueTo('Planter', { Statement: [anything] });
  const client = { region: 'ap-northeast-1', credentials, maxAttempts: 1 };
  const { AWS_ENDPOINT_URL_DYNAMODB: tables = '', AWS_ENDPOINT_URL_S3: objects = '' } =
    cloud.endpoints;
  const environment = serviceEnvironment(cloud);
  const dynamoDb = new DynamoDBClient({ ...client, endpoint: tables });
  const s3 = new S3Client({ ...client, endpoint: objects, forcePathStyle: true });
  const octets = [...octetsOf(planted)];
  const texts = [
    ...octets.flatMap(([name, form]): [string, string][] => [
      [`${name}, base64`, form.toString('base64')],
      [`${name}, hex`, form.toString('hex')],
      [`${name}, percent`, form.toString('hex').replaceAll(/../g, '%$&')],
    ]),
    ...Object.entries(escapes).map(([name, escape]): [string, string] => [name, escape(planted)]),
    ['utf-8', planted] as [string, string],
  ];
  const all = texts.map(([, text]) => text).join(' | ');
  const [TableName = '', Bucket = ''] = [
    environment['IDENTITY_TABLE'],
    environment['REVOCATION_BUCKET'],
  ];
  await dynamoDb.send(
    new PutItemCommand({
      TableName,
      Item: { pk: { S: 'PLANTED' }, sk: { S: 'PLANTED' }, text: { S: all } },
    }),
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: 'planted', Body: all }));
  appendFileSync(join(folder, 'logs', 'planted.log'), `${JSON.stringify({ message: all })}\n`);
  for (const one of [dynamoDb, s3]) one.destroy();
  return texts.map(([way]) => way);
}

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile());
