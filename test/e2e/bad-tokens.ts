import { generateKeyPairSync, sign } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { beforeAll, describe, it } from '@jest/globals';
import { kmsTokenKey } from '../../lambdas/platform/adapters/kms/token-key.ts';
import type { ErrorCode } from '../../lambdas/errors.ts';
import type { Operation } from '../../lib/operations.ts';
import { everyRoute, expectRefusal, type BadInputScene } from './bad-input-scene.ts';
import { takeToken, type PlatformUnderTest } from './platform-under-test.ts';
import type { GoodCall } from './good-call.ts';

const protectedRoutes = everyRoute.filter(([, route]) => route.scope !== 'public');

export function badTokens(scene: BadInputScene): void {
  const refuse = async (
    route: Operation,
    good: GoodCall,
    token: string | undefined,
    status: number,
    code: ErrorCode,
  ): Promise<void> => {
    const json = good.json?.(scene.prepared);
    const answer = await scene.send(route, good, { token, ...(json && { json }) });
    expectRefusal(answer, status, code);
  };

  describe('a token that does not do', () => {
    it.each(protectedRoutes)('none: %s', async (_name, route, good) => {
      await refuse(route, good, undefined, 401, 'token-missing');
      await scene.nextWorks(good);
    });

    it.each(protectedRoutes)('not a token: %s', async (_name, route, good) => {
      await refuse(route, good, 'nonsense', 401, 'token-invalid');
      await scene.nextWorks(good);
    });

    it.each(protectedRoutes)('signed by a stranger: %s', async (_name, route, good) => {
      await refuse(route, good, strangersToken(scene.prepared.clientToken), 401, 'token-invalid');
      await scene.nextWorks(good);
    });

    it.each(protectedRoutes)('for another audience: %s', async (_name, route, good) => {
      const token = await tokenFor(
        scene.prepared.platform,
        'https://elsewhere.invalid',
        scene.prepared.clientToken,
      );
      await refuse(route, good, token, 401, 'token-audience-wrong');
      await scene.nextWorks(good);
    });

    it.each(protectedRoutes)('without the scope: %s', async (_name, route, good) => {
      const { platform } = scene.prepared;
      const needed = route.scope === 'public' ? '' : route.scope.name;
      const scope = ['challenges:write', 'certificates:validate'].find((name) => name !== needed)!;
      const token = await takeToken(platform, platform.client, { scope });
      await refuse(route, good, token, 403, 'scope-insufficient');
      await scene.nextWorks(good);
    });

    describe('once it has expired', () => {
      let old: string;
      beforeAll(async () => {
        // Never used before, so that no decision about it is cached.
        old = await takeToken(scene.prepared.platform, scene.prepared.platform.client);
        await scene.prepared.platform.jlis('clock', { by: 'PT11M' });
        await scene.prepare();
      });

      it.each(protectedRoutes)('%s', async (_name, route, good) => {
        await refuse(route, good, old, 401, 'token-expired');
        await scene.nextWorks(good);
      });
    });
  });
}

/** The claims of a good token under a signature of somebody else's key. */
function strangersToken(good: string): string {
  const signed = good.split('.').slice(0, 2).join('.');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}

/** A token that the platform's own key signs, for an audience of our choice. */
async function tokenFor(
  { sandbox }: PlatformUnderTest,
  audience: string,
  good: string,
): Promise<string> {
  // The key signs for the function that issues tokens, and for no administrator.
  const { environment } = [...sandbox.cloud.functions.values()]
    .map(({ settings }) => settings)
    .find(({ environment: { AWS_LAMBDA_FUNCTION_NAME: name } }) => name?.includes('Tokens'))!;
  const client = new KMSClient({
    endpoint: sandbox.cloud.endpoints['AWS_ENDPOINT_URL_KMS']!,
    region: 'ap-northeast-1',
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY']!,
      sessionToken: environment['AWS_SESSION_TOKEN']!,
    },
  });
  const key = kmsTokenKey(client, environment['TOKEN_KEY_ID']!);
  const [header = '', payload = ''] = good.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const changed = Buffer.from(JSON.stringify({ ...claims, aud: audience })).toString('base64url');
  const signature = await key.sign(Buffer.from(`${header}.${changed}`));
  client.destroy();
  return `${header}.${changed}.${Buffer.from(signature).toString('base64url')}`;
}
