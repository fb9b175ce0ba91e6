import { describe, expect, it } from '@jest/globals';
import type * as oauth from 'oauth4webapi';
import { expectRefusal, type BadInputScene } from './bad-input-scene.ts';
import { takeToken } from './platform-under-test.ts';
import { goodCallOf } from './route-calls.ts';

const refused = async (attempt: Promise<string>): Promise<Record<string, unknown>> => {
  const error = await attempt.then(
    () => undefined,
    (cause: oauth.ResponseBodyError) => cause,
  );
  return { status: error?.status, ...(error?.cause as object) };
};

export function badAssertions(scene: BadInputScene): void {
  describe('the token endpoint', () => {
    it('refuses a scope that does not exist, and one of the operator’s', async () => {
      const { platform } = scene.prepared;
      for (const scope of ['everything', 'services:write', 'challenges:write everything']) {
        expect(await refused(takeToken(platform, platform.client, { scope }))).toMatchObject({
          status: 400,
          error: 'invalid_scope',
          code: 'scope-unknown',
        });
      }
      await scene.nextWorks(goodCallOf('get-token'));
    });

    it.each([
      ['for another audience', { aud: 'https://elsewhere.invalid' }],
      ['that has expired', { exp: 1_000_000_000 }],
      ['that would live for an hour', { exp: 4_000_000_000 }],
      ['of another client', { sub: 'operator' }],
      ['without an identifier', { jti: undefined }],
    ])('refuses an assertion %s', async (_which, claims) => {
      const { platform } = scene.prepared;
      const spoil = (_header: object, payload: Record<string, unknown>): void => {
        Object.assign(payload, claims);
      };
      expect(await refused(takeToken(platform, platform.client, { spoil }))).toMatchObject({
        code: 'client-authentication-failed',
        error: 'invalid_client',
      });
      await scene.nextWorks(goodCallOf('get-token'));
    });

    it.each([
      ['no body', undefined, 'request-invalid', 400],
      ['another grant', 'grant_type=password', 'grant-type-unsupported', 400],
      ['a repeated parameter', 'grant_type=a&grant_type=b', 'request-invalid', 400],
    ] as const)('refuses %s', async (_which, raw, code, status) => {
      const answer = await scene.prepared.platform.call('POST', '/oauth2/token', {
        contentType: 'application/x-www-form-urlencoded',
        ...(raw !== undefined && { raw }),
      });
      expectRefusal(answer, status, code);
      await scene.nextWorks(goodCallOf('get-token'));
    });
  });
}
