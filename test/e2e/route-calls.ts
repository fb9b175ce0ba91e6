import { randomUUID } from 'node:crypto';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { createPrepared } from '../capabilities/services/good-calls.ts';
import { importFromTests } from '../capabilities/import-from-tests.ts';
import { platformAt } from '../../reader/agent/platform-client.ts';
import { sampleServiceName } from './good-call.ts';
import type { PreparedCalls, GoodCall, GoodCalls } from './good-call.ts';
import {
  newClientKey,
  provedJwks,
  takeToken,
  type OauthIdentity,
  type PlatformUnderTest,
} from './platform-under-test.ts';

export async function prepareCalls(platform: PlatformUnderTest): Promise<PreparedCalls> {
  const [operatorToken, secondOperatorToken, clientToken, card, pair] = await Promise.all([
    takeToken(platform, platform.operator),
    takeToken(platform, platform.secondOperator),
    takeToken(platform, platform.client),
    platform.jlis('cards', {}),
    newClientKey(),
  ]);
  const { counter, terminal } = await counterOf(platform, operatorToken);
  const counterToken = await takeToken(platform, counter);
  const { counterServiceId } = counter;
  const jwks = await provedJwks(platform, pair, sampleServiceName);
  const tokens = {
    operatorToken,
    secondOperatorToken,
    clientToken,
    counterToken,
    counterServiceId,
    terminal,
  };
  const prepared = { platform, ...tokens, card, jwk: pair.jwk, jwks, serviceId: '' };
  const { status, body } = await createPrepared.make(prepared);
  if (status !== 201) throw new Error(`no service: ${status} ${String(body['code'])}`);
  return { ...prepared, serviceId: String(body['serviceId']) };
}

/** @returns the token of the terminal's reader program */
async function pairTerminal(platform: PlatformUnderTest, token: string): Promise<string> {
  const json = { name: 'Counter 1' };
  const { body } = await platform.call('POST', '/v1/terminals', { token, json });
  return (await platformAt(platform.sandbox.apiUrl).pair(String(body['pairingCode']))).token;
}

const counters = new WeakMap<Sandbox, ReturnType<typeof openCounter>>();

/** One for each sandbox: every registration takes an API key of the pool. */
async function counterOf(
  platform: PlatformUnderTest,
  token: string,
): ReturnType<typeof openCounter> {
  const { sandbox } = platform;
  const counter = counters.get(sandbox) ?? openCounter(platform, token);
  counters.set(sandbox, counter);
  return counter.catch((cause: unknown) => {
    counters.delete(sandbox);
    throw cause;
  });
}

async function openCounter(platform: PlatformUnderTest, operatorToken: string) {
  const counter = await registerCounter(platform, operatorToken);
  return { counter, terminal: await pairTerminal(platform, await takeToken(platform, counter)) };
}

/** A Type 1 service of its own, pledge and all. */
async function registerCounter(
  platform: PlatformUnderTest,
  token: string,
): Promise<OauthIdentity & { readonly counterServiceId: string }> {
  const pair = await newClientKey();
  const { status, body } = await platform.call('POST', '/v1/services', {
    token,
    json: {
      organisation: { name: `City ${randomUUID()}` },
      name: 'Counter',
      type: 'type1',
      status: 'active',
      pledge: {
        documentSha256: 'ab'.repeat(32),
        version: '1',
        signerRole: 'Mayor',
        signedOn: '2026-04-01',
      },
      counter: { minimumAssurance: 'chip-presence', supervised: true },
      jwks: await provedJwks(platform, pair, 'Counter'),
    },
  });
  if (status !== 201) throw new Error(`no counter: ${status} ${String(body['code'])}`);
  const [client] = body['clients'] as readonly { readonly clientId: string }[];
  return {
    clientId: client!.clientId,
    keyId: 'first',
    privateKey: pair.privateKey,
    counterServiceId: String(body['serviceId']),
  };
}

/** What the `good-calls.ts` of every capability's tests export. */
const goodCalls: GoodCalls = Object.assign(
  {},
  ...(await importFromTests<{ goodCalls: GoodCalls }>('good-calls.ts')).map(
    (module) => module.goodCalls,
  ),
);

/** @throws Error where a route has no good call: its capability's tests lack it */
export function goodCallOf(operationId: string): GoodCall {
  const found = goodCalls[operationId];
  if (found === undefined) throw new Error(`no good-calls.ts has a call for ${operationId}`);
  return found;
}
