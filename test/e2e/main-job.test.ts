import { execFile } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CardView } from '../../sandbox/jlis/control-client.ts';
import { untilTold } from './until-told.ts';
import { badInput } from './bad-input.ts';
import { whatHappened } from './what-happened.ts';
import {
  discover,
  newClientKey,
  provedJwks,
  signedChallenge,
  startPlatform,
  takeToken,
  type Answer,
  type OauthIdentity,
  type PlatformUnderTest,
} from './platform-under-test.ts';

let platform: PlatformUnderTest;

beforeAll(async () => {
  platform = await startPlatform();
}, 90_000);
afterAll(() => platform?.sandbox.close());

/** A programme of the project, to its end. */
const run = (...args: readonly string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });

/** A Type 2 service of its own organisation, registered and active. */
async function registerService(name: string): Promise<OauthIdentity> {
  const pair = await newClientKey();
  const token = await takeToken(platform, platform.operator);
  const { body } = await platform.call('POST', '/v1/services', {
    token,
    json: {
      organisation: { name: `${name} City` },
      name,
      type: 'type2',
      status: 'active',
      jwks: await provedJwks(platform, pair, name),
    },
  });
  const [client] = body['clients'] as { clientId: string }[];
  return { clientId: client!.clientId, keyId: 'first', privateKey: pair.privateKey };
}

async function logIn(identity: OauthIdentity, card: CardView, method = 'auto'): Promise<Answer> {
  const token = await takeToken(platform, identity);
  const signed = await signedChallenge(platform, token, card);
  return platform.call('POST', '/v1/authentications', { token, json: { ...signed, method } });
}

async function validate(card: CardView, method: string): Promise<Answer> {
  const token = await takeToken(platform, platform.client);
  const { certificate } = card['user-authentication'];
  return platform.call('POST', '/v1/certificates/validate', {
    token,
    json: { certificate, method },
  });
}

/** Tonight's ingestion now; a warm function keeps a list's pointer for 5 s of the sandbox's clock. */
async function ingest(): Promise<void> {
  await platform.sandbox.ingest();
  await platform.jlis('clock', { by: 'PT6S' });
}

const revocationOf = ({ body }: Answer): Record<string, unknown> =>
  (body['validation'] as { revocation: Record<string, unknown> }).revocation;

// First: the stories after it move the clock by days, and lists with it.
badInput(() => platform);

describe('the main job', () => {
  it('services are registered, shown, suspended and get new keys from a terminal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mykey-service-'));
    const at = (name: string): string => join(folder, name);
    const operatorKey = platform.sandbox.operator.keyFile;
    const mykey = (...args: readonly string[]) =>
      run('cli/mykey.mjs', ...args, '--url', platform.sandbox.apiUrl);
    const service = (key: string, ...args: readonly string[]) =>
      mykey('service', ...args, '--key', key);
    try {
      const wish = ['--organisation', 'Terminal City', '--type', 'type2', '--status', 'active'];
      const named = ['register', '--name', 'Terminal portal', ...wish];
      const made = await service(operatorKey, ...named, '--out', at('one.jwk'), '--json');
      expect(made.code).toBe(0);
      const { serviceId: id } = JSON.parse(made.output) as { serviceId: string };
      expect(statSync(at('one.jwk')).mode & 0o777).toBe(0o600);

      const own = await service(at('one.jwk'), 'show');
      expect(own).toMatchObject({ code: 0, output: expect.stringContaining('Terminal portal') });
      const listed = await service(at('one.jwk'), 'list');
      expect(listed.output.trim().split('\n')).toEqual([expect.stringContaining(id)]);
      const foreign = await service(at('one.jwk'), 'show', platform.sandbox.client.serviceId);
      expect(foreign).toMatchObject({ code: 1, output: expect.stringMatching(/not-found/) });

      const taken = await service(at('one.jwk'), 'rotate-keys', '--out', at('one.jwk'));
      expect(taken).toMatchObject({ code: 1, output: expect.stringMatching(/is not overwritten/) });
      expect((await service(at('one.jwk'), 'rotate-keys', '--out', at('two.jwk'))).code).toBe(0);
      expect((await service(at('two.jwk'), 'rotate-keys', '--only')).code).toBe(0);
      expect((await mykey('token', '--key', at('one.jwk'))).code).toBe(1);
      expect((await mykey('token', '--key', at('two.jwk'))).code).toBe(0);

      const forbidden = await service(at('two.jwk'), 'suspend', id);
      expect(forbidden.output).toContain('scope-insufficient');
      const suspended = await service(operatorKey, 'suspend', id);
      expect(suspended.output).toMatch(/^status +suspended$/m);
      const active = await service(operatorKey, 'activate', id);
      expect(active.output).toMatch(/^status +active$/m);

      const set = await mykey('jwks', '--key', at('two.jwk'), '--for', 'Terminal desk');
      expect(set.code).toBe(0);
      writeFileSync(at('set.json'), set.output);
      const desk = (name: string) =>
        service(operatorKey, 'register', '--name', name, ...wish, '--jwks', at('set.json'));
      expect((await desk('Another desk')).output).toContain('jwks-invalid');
      const same = await desk('Terminal desk');
      expect(same.output).toContain('organisation-exists');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  it('an independent OAuth client finds the server, gets a token and uses it', async () => {
    const server = await discover(platform);
    expect(server.token_endpoint).toBe(`${platform.sandbox.apiUrl}/oauth2/token`);
    expect(server.token_endpoint_auth_methods_supported).toContain('private_key_jwt');
    const token = await takeToken(platform, platform.client, { scope: 'lists:read' });
    const sources = await platform.call('GET', '/v1/revocations/sources', { token });
    expect(sources.status).toBe(200);
    expect(sources.body['sources']).not.toHaveLength(0);
  });

  it('a card logs its holder in; the service gets a PPID that stays over logins', async () => {
    const card = await platform.jlis('cards', {});
    const first = await logIn(platform.client, card);
    expect(first).toMatchObject({
      status: 201,
      body: { ppid: expect.stringMatching(/^[a-z2-7]{32}$/) },
    });
    expect(revocationOf(first)).toMatchObject({
      status: 'good',
      method: 'ocsp',
      ageSeconds: expect.any(Number),
    });
    const second = await logIn(platform.client, card);
    expect(second.body['ppid']).toBe(first.body['ppid']);
  });

  it.each([
    ['the generation without a key identifier', { generation: '2019' }],
    ['the next generation, P-384', { medium: 'next-generation-card' }],
    ['a phone, P-256', { medium: 'phone' }],
  ])('a card of %s does too, by either method', async (_which, request) => {
    const card = await platform.jlis('cards', request);
    const byOcsp = await logIn(platform.client, card, 'ocsp');
    const byCrl = await logIn(platform.client, card, 'crl');
    expect(byOcsp.status).toBe(201);
    expect(revocationOf(byCrl)).toMatchObject({ status: 'good', method: 'crl' });
    expect(byCrl.body['ppid']).toBe(byOcsp.body['ppid']);
  });

  it('another service gets another PPID for the same person', async () => {
    const card = await platform.jlis('cards', {});
    const other = await registerService('Elsewhere');
    const here = await logIn(platform.client, card);
    const there = await logIn(other, card);
    expect(there.status).toBe(201);
    expect(there.body['ppid']).not.toBe(here.body['ppid']);
  });

  it('a renewed and a replaced card keep the PPID; one without a link gets a new one', async () => {
    const card = await platform.jlis('cards', {});
    const { ppid } = (await logIn(platform.client, card)).body;
    const renewed = await platform.jlis(`cards/${card.cardId}/renew`, {});
    expect((await logIn(platform.client, renewed)).body['ppid']).toBe(ppid);
    const replaced = await platform.jlis(`cards/${card.cardId}/replace`, {});
    expect((await logIn(platform.client, replaced)).body['ppid']).toBe(ppid);
    const anew = await platform.jlis(`cards/${replaced.cardId}/replace`, { linked: false });
    expect((await logIn(platform.client, anew)).body['ppid']).not.toBe(ppid);
  });

  it('a card renewed twice between two logins is still the same person', async () => {
    const card = await platform.jlis('cards', {});
    const { ppid } = (await logIn(platform.client, card)).body;
    await platform.jlis(`cards/${card.cardId}/renew`, {});
    const renewed = await platform.jlis(`cards/${card.cardId}/renew`, {});
    expect((await logIn(platform.client, renewed)).body['ppid']).toBe(ppid);
  });

  it('moving house leaves the login as it was', async () => {
    const card = await platform.jlis('cards', {});
    const { ppid } = (await logIn(platform.client, card)).body;
    const moved = await platform.jlis(`cards/${card.cardId}/move`, {});
    expect((await logIn(platform.client, moved)).body['ppid']).toBe(ppid);
  });

  it('the service learns that attributes changed by OCSP at once, by the list once it tells', async () => {
    const card = await platform.jlis('cards', {});
    const { ppid } = (await logIn(platform.client, card)).body;
    const ask = async (confirmed: boolean, method = 'crl'): Promise<Answer> => {
      const token = await takeToken(platform, platform.client);
      const json = { ppid, confirmed, method };
      return platform.call('POST', '/v1/attribute-status', { token, json });
    };
    expect((await ask(false)).body).toMatchObject({ status: 'unchanged', sinceSetBy: 'login' });
    await ask(true);
    expect((await ask(false)).body).toMatchObject({
      status: 'unchanged',
      sinceSetBy: 'service',
      method: 'crl',
    });
    await platform.jlis(`cards/${card.cardId}/move`, {});
    expect((await ask(false)).body).toMatchObject({ status: 'unknown' });
    expect((await ask(false, 'auto')).body).toMatchObject({
      status: 'changed',
      method: 'ocsp',
      producedAt: expect.any(String),
    });
    await platform.jlis('crl/publish', {});
    await ingest();
    expect((await ask(false)).body).toMatchObject({
      status: 'changed',
      changedAt: expect.any(String),
    });
    await ask(true);
    expect((await ask(false)).body).toMatchObject({ status: 'unchanged' });
  });

  it('without the linkage service no new PPID is issued, and a known person logs in', async () => {
    const known = await platform.jlis('cards', {});
    await logIn(platform.client, known);
    const fresh = await platform.jlis('cards', {});
    await platform.jlis('services', { linkage: 'stopped' });
    const refused = await logIn(platform.client, fresh);
    const again = await logIn(platform.client, known);
    await platform.jlis('services', { linkage: 'running' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'linkage-unavailable' } });
    expect(again.status).toBe(201);
    expect((await logIn(platform.client, fresh)).status).toBe(201);
  });

  it('a slow linkage service is no server error, however often the card was renewed', async () => {
    let card = await platform.jlis('cards', {});
    for (let n = 0; n < 8; n++) card = await platform.jlis(`cards/${card.cardId}/renew`, {});
    await platform.jlis('services', { linkage: 'slow' });
    const refused = await logIn(platform.client, card);
    await platform.jlis('services', { linkage: 'running' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'linkage-unavailable' } });
    expect((await logIn(platform.client, card)).status).toBe(201);
  }, 20_000);
});

describe('revocation', () => {
  it('is known by OCSP at once, by the list once it is published and ingested', async () => {
    const card = await platform.jlis('cards', {});
    await platform.jlis(`cards/${card.cardId}/lose`, {});
    const byOcsp = await logIn(platform.client, card, 'ocsp');
    expect(byOcsp).toMatchObject({ status: 422, body: { code: 'certificate-revoked' } });
    expect((await validate(card, 'crl')).body['verdict']).toBe('valid');
    await platform.jlis('crl/publish', {});
    await ingest();
    expect(revocationOf(await validate(card, 'crl'))).toMatchObject({
      status: 'revoked',
      reason: 'certificateHold',
    });
  });

  it('of a card and changed attributes reach the service as events, in the next hour', async () => {
    const [lost, moved] = [await platform.jlis('cards', {}), await platform.jlis('cards', {})];
    const holder = (await logIn(platform.client, lost)).body['ppid'];
    const mover = (await logIn(platform.client, moved)).body['ppid'];
    const token = await takeToken(platform, platform.client);
    const json = { ppid: mover, confirmed: true };
    await platform.call('POST', '/v1/attribute-status', { token, json });
    await platform.jlis(`cards/${lost.cardId}/lose`, {});
    await platform.jlis(`cards/${moved.cardId}/move`, {});
    await platform.jlis('crl/publish', {});
    await ingest();
    const told = await untilTold(platform, 2, [holder, mover]);
    expect(told).toContainEqual({
      id: expect.stringMatching(/^evt_/),
      type: 'person.certificate-revoked',
      timestamp: expect.stringMatching(/T00:00:00Z$/),
      data: { ppid: holder, reason: 'certificateHold', source: 'crl' },
    });
    expect(told.map(({ type, data }) => [type, data.ppid])).toContainEqual([
      'person.attributes-changed',
      mover,
    ]);
    expect(told).toHaveLength(2);
  }, 60_000);

  it('a service is told that events wait by a notice that its keys verify', async () => {
    const received: { headers: IncomingHttpHeaders; body: string }[] = [];
    const receiver = createServer((request, response) => {
      void request.toArray().then((parts) => {
        received.push({ headers: request.headers, body: parts.join('') });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
      const token = await takeToken(platform, platform.client);
      const put = await platform.call('PUT', '/v1/webhook', { token, json: { url } });
      expect(put).toMatchObject({ status: 200, body: { url, state: 'active' } });
      const card = await platform.jlis('cards', {});
      await logIn(platform.client, card);
      await logIn(platform.client, await platform.jlis(`cards/${card.cardId}/renew`, {}));
      for (let looks = 0; received.length === 0 && looks < 10; looks++) {
        // Delivers the announcement in this hour, and sends the notice in the next.
        platform.sandbox.cloud.runSchedules();
        await platform.sandbox.cloud.settled();
        await platform.jlis('clock', { by: 'PT1H' });
        platform.sandbox.cloud.runSchedules();
        await delay(2_000);
      }
      const [{ headers, body }] = received as [(typeof received)[number]];
      expect(JSON.parse(body)).toMatchObject({ type: 'events.available', data: {} });
      const [publicKey = ''] = put.body['publicKeys'] as string[];
      const raw = Buffer.from(publicKey.replace('whpk_', ''), 'base64');
      const key = createPublicKey({
        key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
        format: 'der',
        type: 'spki',
      });
      const [, signature = ''] = String(headers['webhook-signature']).split(',');
      const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      expect(verify(null, Buffer.from(content), key, Buffer.from(signature, 'base64'))).toBe(true);
    } finally {
      receiver.close();
    }
  }, 90_000);

  it('is answered by the list when the responder is down, and the answer says so', async () => {
    const card = await platform.jlis('cards', {});
    await ingest();
    await platform.jlis('services', { ocsp: 'stopped' });
    const auto = await validate(card, 'auto');
    const only = await validate(card, 'ocsp');
    await platform.jlis('services', { ocsp: 'running' });
    expect(revocationOf(auto)).toMatchObject({
      status: 'good',
      method: 'crl',
      source: card['user-authentication'].list,
      attempts: [{ method: 'ocsp' }, { method: 'crl', outcome: 'good' }],
    });
    expect(only.body).toMatchObject({ verdict: 'indeterminate', code: 'revocation-unknown' });
  });

  it('of 100,000 certificates goes through the ingestion and is exact in a bulk check', async () => {
    const issuer = 'user-authentication-2019';
    const { firstSerial } = await platform.jlis<{ firstSerial: string }>('crl/synthetic', {
      issuer,
      count: 100_000,
    });
    await ingest();
    const first = Number.parseInt(firstSerial, 16);
    const last = first + 99_999 * 3;
    const serials = [first, first + 1, first + 3, last, last + 3].map((serial) =>
      serial.toString(16),
    );
    const token = await takeToken(platform, platform.client);
    const { body } = await platform.call('POST', '/v1/revocations/check', {
      token,
      json: { issuer, serials },
    });
    expect(body['counts']).toMatchObject({ total: 5, good: 2, revoked: 3 });
    expect(body['notGood']).toMatchObject({ revoked: { row: [0, 2, 3] }, unknown: [] });
  });

  it('is unknown by the list once the list is too old, never good', async () => {
    const card = await platform.jlis('cards', {});
    await platform.jlis('services', { crl: 'stopped' });
    await platform.jlis('clock', { by: 'P3D' });
    const verdict = await validate(card, 'crl');
    await platform.jlis('services', { crl: 'running' });
    await ingest();
    expect(verdict.body).toMatchObject({ verdict: 'indeterminate', code: 'revocation-unknown' });
  });
});

whatHappened(() => platform);

// Last: it leaves the clock days ahead.
describe('the guided demo', () => {
  it('plays on a sandbox that runs, and every proof holds', async () => {
    // Later than every list that a story before has loaded.
    await platform.jlis('clock', { by: 'P4D' });
    const at = ['--url', platform.sandbox.apiUrl, '--move-clock'];
    const { code, output } = await run('sandbox/demo/demo.ts', ...at);
    expect({ code, end: output.slice(-4_000) }).toMatchObject({
      code: 0,
      end: expect.stringContaining('All 26 proofs hold'),
    });
    expect(output).toContain('found running');
    for (const chapter of [
      'The holder renews the card',
      'The holder moves house',
      'The reading room renumbers its register',
      'The health desk has numbers',
      'the reading room is told what happened',
      'The person asks to be deleted',
      'the time of grace passes',
      '猶予期間が過ぎる',
      '26 件の確認がすべて成立しました',
    ])
      expect(output).toContain(chapter);
  }, 180_000);
});
