import { clientCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'create-challenge': clientCall('POST', 201, '/v1/challenges', () => ({})),
} as const satisfies GoodCalls;
