import { clientCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'read-events': clientCall('GET', 200, '/v1/events?limit=100'),
} as const satisfies GoodCalls;
