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
  const library = await counterOf(platform, operatorToken, 'library');
  const jwks = await provedJwks(platform, pair, sampleServiceName);
  const tokens = {
    operatorToken,
    secondOperatorToken,
    clientToken,
    counterToken,
    counterServiceId,
    terminal,
    libraryToken: await takeToken(platform, library.counter),
    libraryTerminal: library.terminal,
    libraryServiceId: library.counter.counterServiceId,
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

type CounterForm = 'type1' | 'library';

const counters = {
  type1: new WeakMap<Sandbox, ReturnType<typeof openCounter>>(),
  library: new WeakMap<Sandbox, ReturnType<typeof openCounter>>(),
};

/** One for each sandbox: every registration takes an API key of the pool. */
async function counterOf(
  platform: PlatformUnderTest,
  token: string,
  form: CounterForm = 'type1',
): ReturnType<typeof openCounter> {
  const { sandbox } = platform;
  const opened = counters[form];
  const counter = opened.get(sandbox) ?? openCounter(platform, token, form);
  opened.set(sandbox, counter);
  return counter.catch((cause: unknown) => {
    opened.delete(sandbox);
    throw cause;
  });
}

async function openCounter(platform: PlatformUnderTest, operatorToken: string, form: CounterForm) {
  const counter = await registerCounter(platform, operatorToken, form);
  return { counter, terminal: await pairTerminal(platform, await takeToken(platform, counter)) };
}

/** A service of its own at which cards are read; Type 1 with its pledge. */
async function registerCounter(
  platform: PlatformUnderTest,
  token: string,
  type: CounterForm,
): Promise<OauthIdentity & { readonly counterServiceId: string }> {
  const pair = await newClientKey();
  const { status, body } = await platform.call('POST', '/v1/services', {
    token,
    json: {
      organisation: { name: `City ${randomUUID()}` },
      name: 'Counter',
      type,
      status: 'active',
      ...(type === 'type1' && {
        pledge: {
          documentSha256: 'ab'.repeat(32),
          version: '1',
          signerRole: 'Mayor',
          signedOn: '2026-04-01',
        },
      }),
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
