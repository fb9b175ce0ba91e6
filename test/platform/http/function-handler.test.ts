import { describe, expect, it } from '@jest/globals';
import { functionHandler } from '../../../lambdas/platform/http/function-handler.ts';
import type { OperationContract } from '../../../lambdas/platform/http/operation-contract.ts';
import { operationHandler } from '../../../lambdas/platform/http/operation-handler.ts';
import { eventOn } from '../../capabilities/gateway-event.ts';

const samples = { name: 'samples:read', description: 'Samples', grantedTo: ['type2'] } as const;
const contract = (
  method: OperationContract['method'],
  path: string,
  scope: OperationContract['scope'],
): OperationContract => ({
  id: `${method} ${path}`,
  method,
  path,
  scope,
  maxBodyBytes: 0,
  summary: 'Sample',
  responses: { 200: { description: 'Sample' } },
  problems: [],
});

const settings = { publicBaseUrl: 'https://platform.example', log: () => undefined };
const sample = async () => ({ status: 200, body: { ok: true }, headers: { 'X-Sample': '1' } });
const handler = functionHandler(
  operationHandler(contract('GET', '/open', 'public'), sample, settings),
  operationHandler(contract('GET', '/kept', samples), sample, settings),
  operationHandler(contract('PUT', '/kept', samples), sample, settings),
);

async function ask(httpMethod: string, resource: string) {
  const event = { ...eventOn(contract('GET', resource, 'public')), httpMethod, resource };
  const { statusCode, headers, body } = await handler(event, {});
  const code = body === '' ? undefined : (JSON.parse(body) as { code?: string }).code;
  return { statusCode, headers: headers!, body, code };
}

describe('a path of a function', () => {
  it('answers HEAD of what is public as GET, without its body', async () => {
    const head = await ask('HEAD', '/open');
    expect([head.statusCode, head.body, head.headers['X-Sample']]).toEqual([200, '', '1']);
    expect((await ask('GET', '/open')).body).toBe('{"ok":true}');
  });

  it.each([
    ['POST', '/open', 'GET, HEAD'],
    ['DELETE', '/open', 'GET, HEAD'],
    ['OPTIONS', '/kept', 'GET, PUT'],
    // Past the authorizer nobody is vouched for: no reading of what is not public.
    ['HEAD', '/kept', 'GET, PUT'],
  ])('answers %s of %s with 405 and what is allowed: %s', async (method, path, allowed) => {
    const refused = await ask(method, path);
    expect([refused.statusCode, refused.code, refused.headers['Allow']]).toEqual([
      405,
      'method-not-allowed',
      allowed,
    ]);
    expect(refused.headers['X-Request-Id']).toBe('r-1');
  });

  it('that it does not serve is not found', async () => {
    expect(await ask('GET', '/elsewhere')).toMatchObject({
      statusCode: 404,
      code: 'route-not-found',
    });
  });

  it.each([
    '//open',
    '/v1//open',
    '/v1/./open',
    '/v1/../open',
    '/..',
    '/v1%2Fopen',
    '/%6fpen',
    '\\open',
  ])('has one spelling: %s', async (path) => {
    const event = { ...eventOn(contract('GET', '/open', 'public')), path };
    const { statusCode, body } = await handler(event, {});
    expect([statusCode, JSON.parse(body)]).toMatchObject([
      404,
      { code: 'route-not-found', detail: expect.stringMatching(/^write the path as/) },
    ]);
  });

  it.each(['/open', '/open/', '/v1/.well-known/a.b', '/v1/svc_A-b~'])('takes %s', async (path) => {
    const event = { ...eventOn(contract('GET', '/open', 'public')), path };
    expect((await handler(event, {})).statusCode).toBe(200);
  });

  it('asks for a caller where it is not public', async () => {
    expect(await ask('GET', '/kept')).toMatchObject({ statusCode: 401, code: 'token-missing' });
  });
});
