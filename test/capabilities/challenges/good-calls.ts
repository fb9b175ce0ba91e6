import { exampleRequest } from '../../e2e/example-request.ts';
import { clientCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'create-challenge': clientCall('POST', 201, '/v1/challenges', () =>
    exampleRequest('create-challenge'),
  ),
} as const satisfies GoodCalls;
