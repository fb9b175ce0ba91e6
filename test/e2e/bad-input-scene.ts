import { expect } from '@jest/globals';
import type { ErrorCode } from '../../lambdas/errors.ts';
import { operations, type Operation } from '../../lib/operations.ts';
import type { Answer, CallOptions, PlatformUnderTest } from './platform-under-test.ts';
import type { PreparedCalls, GoodCall } from './good-call.ts';
import { goodCallOf, prepareCalls } from './route-calls.ts';

/** Where bad input is tried: every route with its good call, and the means to try. */
export interface BadInputScene {
  readonly prepared: PreparedCalls;
  /** Fresh tokens and a fresh card, at first and after the clock has moved. */
  prepare(): Promise<void>;
  /** A call of the route with its usual caller's token, unless the options say otherwise. */
  send(route: Operation, good: GoodCall, options: CallOptions): Promise<Answer>;
  /** The next request on the route works. */
  nextWorks(good: GoodCall): Promise<void>;
}

export function badInputScene(platform: () => PlatformUnderTest): BadInputScene {
  let prepared: PreparedCalls;
  return {
    get prepared() {
      return prepared;
    },
    prepare: async () => {
      prepared = await prepareCalls(platform());
    },
    send: (route, good, options) => {
      const tokens = {
        operator: prepared.operatorToken,
        client: prepared.clientToken,
        counter: prepared.counterToken,
        library: prepared.libraryToken,
      };
      return prepared.platform.call(route.method, good.path!(prepared), {
        ...(good.caller && { token: tokens[good.caller] }),
        ...options,
      });
    },
    nextWorks: async (good) => {
      expect((await good.make(prepared)).status).toBe(good.status);
    },
  };
}

/** `POST /v1/challenges`, the route, its good call: rows of a table test. */
export type RouteRow = readonly [name: string, route: Operation, good: GoodCall];

export const everyRoute: readonly RouteRow[] = operations.map((route) => [
  `${route.method} ${route.path}`,
  route,
  goodCallOf(route.id),
]);

/** RFC 9457 (RFC 6749 §5.2 at the token endpoint), one of the codes, and nothing of the inside. */
export function expectRefusal(
  answer: Answer,
  status: number,
  ...codes: readonly ErrorCode[]
): void {
  expect(answer).toMatchObject({ status, body: { code: expect.any(String) } });
  expect(codes).toContain(answer.body['code']);
  expect(answer.type).toMatch(/^application\/(problem\+)?json/);
  expect(answer.text).not.toMatch(/\n\s+at |node_modules|\.(ts|mjs|js):\d+|\/var\/task/);
  expect(answer.text.length).toBeLessThan(4096);
}
