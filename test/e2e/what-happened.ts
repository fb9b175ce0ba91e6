import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { RequestRecord } from '../../sandbox/requests/request-log.ts';
import { prepareCalls } from './route-calls.ts';
import { goodCalls as authentications } from '../capabilities/authentications/good-calls.ts';
import { goodCalls as links } from '../capabilities/links/good-calls.ts';
import { takeToken, type Answer, type PlatformUnderTest } from './platform-under-test.ts';

const mykey = async (...args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, ['cli/mykey.mjs', ...args]);
  return stdout;
};

/** Every answer names its request, and the sandbox tells afterwards what became of it, not of whom. */
export function whatHappened(platform: () => PlatformUnderTest): void {
  const page = async (file: string): Promise<string> => {
    const response = await fetch(`${platform().sandbox.jlis.url}/${file}`);
    expect(response.status).toBe(200);
    return response.text();
  };
  const recordOf = async (requestId: string): Promise<RequestRecord | undefined> => {
    const { requests } = JSON.parse(await page('requests.json')) as { requests: RequestRecord[] };
    return requests.find((record) => record.requestId === requestId);
  };
  const form = 'application/x-www-form-urlencoded';

  describe('what happened', () => {
    it.each<[string, number, string, (p: PlatformUnderTest) => Promise<Answer>]>([
      ['no token', 401, 'token-missing', (p) => p.call('GET', '/v1/services')],
      [
        'a token that the authorizer denies',
        401,
        'token-invalid',
        (p) => p.call('GET', '/v1/services', { token: `${randomUUID()}.a.b` }),
      ],
      [
        'a scope that is not there',
        403,
        'scope-insufficient',
        async (p) =>
          p.call('POST', '/v1/challenges', {
            token: await takeToken(p, p.client, { scope: 'links:read' }),
            json: {},
          }),
      ],
      ['a route that is not there', 404, 'route-not-found', (p) => p.call('GET', '/v1/no/such')],
      [
        'a body that is too large for the gateway',
        413,
        'request-too-large',
        (p) => p.call('POST', '/oauth2/token', { raw: 'a'.repeat(10_000_001), contentType: form }),
      ],
      [
        'a client that is unknown',
        401,
        'client-authentication-failed',
        (p) =>
          p.call('POST', '/oauth2/token', {
            raw: 'grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=a.b.c',
            contentType: form,
          }),
      ],
      [
        'another grant',
        400,
        'grant-type-unsupported',
        (p) => p.call('POST', '/oauth2/token', { raw: 'grant_type=password', contentType: form }),
      ],
    ])('%s: id in header and body, the same in the log', async (_what, status, code, send) => {
      const answer = await send(platform());
      const { instance } = answer.body as { instance: string };
      const requestId = instance.replace('urn:mykey:request:', '');
      expect(answer).toMatchObject({
        status,
        body: { code },
        headers: { 'x-request-id': requestId },
      });
      expect(await recordOf(requestId)).toMatchObject({ status, code, requestId });
      const type = String(answer.body['type'] ?? answer.body['error_uri']);
      expect(type).toBe(`${platform().sandbox.apiUrl}/problems/${code}`);
      expect((await fetch(type)).status).toBe(200);
    });

    it('is told by mykey logs, as lines and as JSON, of a client, a route, a time', async () => {
      const { apiUrl, client } = platform().sandbox;
      const token = await takeToken(platform(), platform().client, { scope: 'links:read' });
      await platform().call('POST', '/v1/challenges', { token, json: {} });
      const logs = (...args: readonly string[]) => mykey('logs', '--url', apiUrl, ...args);
      const of = ['--route', 'POST /v1/challenges', '--client', client.clientId];
      expect((await logs(...of, '--since', '1h')).trim().split('\n').at(-1)).toMatch(
        new RegExp(
          `^\\S+Z 403 scope-insufficient POST /v1/challenges ${client.clientId} \\d+ ms [\\w-]{36}$`,
        ),
      );
      const [line] = (await logs(...of, '--json')).trim().split('\n').slice(-1);
      expect(JSON.parse(line!)).toMatchObject({ status: 403, code: 'scope-insufficient' });
      expect(await logs('--client', 'cli_nobody')).toBe('');
      expect(await logs('--since', '2099-01-01T00:00:00Z')).toBe('');
    });

    it('is told without certificate, name, serial, PPID or user number', async () => {
      const prepared = await prepareCalls(platform());
      const login = await authentications.authenticate.make(prepared);
      const linked = await links['put-link'].make(prepared);
      expect([login.status, linked.status]).toEqual([201, 200]);
      const { card } = prepared;
      const own = card['user-authentication'] as unknown as { certificate: string; serial: string };
      const { name } = (card as unknown as { person: { name: string } }).person;
      const canaries = [own.certificate.slice(0, 40), own.serial, name, String(login.body['ppid'])];
      await platform().call('GET', `/v1/${encodeURIComponent(name)}/${own.serial}?user=1001`);
      for (const text of [await page('requests'), await page('requests.json')]) {
        expect(text).toContain('POST /v1/authentications');
        for (const canary of [...canaries, '"1001"', encodeURIComponent(name)])
          expect(text).not.toContain(canary);
      }
    });
  });
}
