import { goodCalls as services } from '../capabilities/services/good-calls.ts';
import { importFromTests } from '../capabilities/import-from-tests.ts';
import type { CallWorld, GoodCall, GoodCalls } from './good-call.ts';
import { newClientKey, takeToken, type PlatformUnderTest } from './platform-under-test.ts';

export async function prepareCalls(platform: PlatformUnderTest): Promise<CallWorld> {
  const [operatorToken, clientToken, card, { jwk }] = await Promise.all([
    takeToken(platform, platform.operator),
    takeToken(platform, platform.client),
    platform.jlis('cards', {}),
    newClientKey(),
  ]);
  const world = { platform, operatorToken, clientToken, card, jwk, serviceId: '' };
  const { body } = await services['create-service'].make(world);
  return { ...world, serviceId: String(body['serviceId']) };
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
