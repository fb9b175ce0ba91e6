import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { PlatformUnderTest } from '../../e2e/platform-under-test.ts';
import { publicCall, type GoodCalls } from '../../e2e/good-call.ts';

/** RFC 7523 §3, by the clock of the sandbox. */
async function assertionOf({ client, sandbox }: PlatformUnderTest): Promise<string> {
  const now = Math.floor(sandbox.jlis.clock.now() / 1000);
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: client.keyId })
    .setIssuer(client.clientId)
    .setSubject(client.clientId)
    .setAudience(sandbox.apiUrl)
    .setIssuedAt(now)
    .setExpirationTime(now + 60)
    .sign(client.privateKey);
}

export const goodCalls = {
  'get-token': {
    status: 200,
    path: () => '/oauth2/token',
    make: async ({ platform }) => {
      const assertion = await assertionOf(platform);
      const form = exampleRequest('get-token', { [example.jwt]: assertion });
      return platform.call('POST', '/oauth2/token', {
        raw: new URLSearchParams(form as Record<string, string>).toString(),
        contentType: 'application/x-www-form-urlencoded',
      });
    },
  },
  'get-token-keys': publicCall('/.well-known/jwks.json'),
  'get-server-metadata': publicCall('/.well-known/oauth-authorization-server'),
} as const satisfies GoodCalls;
