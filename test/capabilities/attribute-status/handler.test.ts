import { expect, it } from '@jest/globals';
import { attributesHandler } from '../../../lambdas/capabilities/attribute-status/handler.ts';
import { baseUrl, eventFor, type1Caller, type2Caller } from '../gateway-event.ts';

it.each([
  ['Type 1 by list', type1Caller, 'crl', 403, false],
  ['Type 1 by OCSP', type1Caller, 'ocsp', 500, true],
  ['Type 2 by list', type2Caller, 'crl', 500, true],
] as const)('%s: refused before anything is read, or asked', async (...given) => {
  const [, caller, method, status, isAsked] = given;
  let asked = false;
  const ports = (): never => {
    asked = true;
    throw new Error('as far as this test goes');
  };
  const handler = attributesHandler(ports, { publicBaseUrl: baseUrl, log: () => undefined });
  const body = { ppid: 'a'.repeat(32), method };
  const answer = await handler(eventFor('check-attributes', { caller, body }), {});
  expect([answer.statusCode, asked]).toEqual([status, isAsked]);
  if (!isAsked)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'revocation-method-not-permitted' });
});
