import { describe, expect, it } from '@jest/globals';
import { expectRefusal, type BadInputScene } from './bad-input-scene.ts';
import { goodCallOf } from './route-calls.ts';

export function badPaths(scene: BadInputScene): void {
  describe('a path that is not there', () => {
    it.each(['/v1', '/v1/nothing', '/v1/services/a/b', '/.env', '/v1//status', '/v1/st%61tus'])(
      '%s',
      async (path) => {
        const answer = await scene.prepared.platform.call('GET', path, {
          token: scene.prepared.clientToken,
        });
        expectRefusal(answer, 404, 'route-not-found');
        await scene.nextWorks(goodCallOf('get-status'));
      },
    );

    it.each([
      ['GET', '/v1/challenges', 'POST'],
      ['GET', '/v1/challenges/', 'POST'],
      ['PATCH', '/v1/services', 'GET, POST'],
      ['DELETE', '/v1/status', 'GET, HEAD'],
    ])('for this method alone: %s %s', async (method, path, allowed) => {
      const answer = await fetch(`${scene.prepared.platform.sandbox.apiUrl}${path}`, { method });
      const { code } = (await answer.json()) as { code: string };
      expect([answer.status, code, answer.headers.get('allow')]).toEqual([
        405,
        'method-not-allowed',
        allowed,
      ]);
    });

    it('somebody else’s service and job', async () => {
      const { platform, operatorToken, clientToken } = scene.prepared;
      const service = await platform.call('GET', '/v1/services/svc_0', { token: operatorToken });
      expectRefusal(service, 404, 'service-not-found');
      const created = await goodCallOf('create-job').make(scene.prepared);
      const path = `/v1/revocations/jobs/${String(created.body['jobId'])}`;
      const job = await platform.call('GET', path, { token: operatorToken });
      expectRefusal(job, 404, 'job-not-found');
      expect((await platform.call('GET', path, { token: clientToken })).status).toBe(200);
    });
  });
}
