import { exampleRequest } from '../../e2e/example-request.ts';
import { operatorCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'reseal-records': operatorCall(
    'POST',
    200,
    () => '/v1/key-versions/reseal',
    () => exampleRequest('reseal-records'),
  ),
} as const satisfies GoodCalls;
