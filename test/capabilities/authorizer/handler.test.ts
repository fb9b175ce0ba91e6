import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { authorizerHandler } from '../../../lambdas/capabilities/authorizer/handler.ts';
import { baseUrl, now } from '../gateway-event.ts';

const arn = 'arn:aws:execute-api:ap-northeast-1:000000000000:api/dev/GET/v1/status';

function authorizer() {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const handler = authorizerHandler({
    tokenKey: {
      publicKey: async () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
      publicKeys: async () => [generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
      sign: () => Promise.reject(new Error('an authorizer signs nothing')),
    },
    service: async () => undefined,
    client: async () => undefined,
    operatorClientId: 'operator',
    publicBaseUrl: baseUrl,
    stage: 'dev',
    clock: () => now,
    log: (line) => void lines.push(line),
  });
  return { handler, lines };
}

describe('the authorizer', () => {
  it('reads the token from the headers of the request, which a TOKEN authorizer is not given', async () => {
    const { handler } = authorizer();
    const event = { type: 'TOKEN', methodArn: arn, authorizationToken: 'Bearer a.b.c' };
    expect(await handler(event)).toMatchObject({ context: { code: 'token-missing' } });
    const headers = { authorization: 'Bearer a.b.c' };
    expect(await handler({ methodArn: arn, headers })).toMatchObject({
      context: { code: 'token-invalid' },
    });
  });

  it('writes the request id on the line of a refusal', async () => {
    const { handler, lines } = authorizer();
    const headers = { Authorization: 'Bearer a.b.c' };
    await handler({ methodArn: arn, headers, requestContext: { requestId: 'req-1' } });
    expect(lines).toEqual([
      expect.objectContaining({
        requestId: 'req-1',
        operation: 'authorize',
        code: 'token-invalid',
      }),
    ]);
  });
});
