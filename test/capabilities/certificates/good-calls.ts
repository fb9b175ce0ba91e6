import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import { clientCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'validate-certificate': clientCall('POST', 200, '/v1/certificates/validate', ({ card }) =>
    exampleRequest('validate-certificate', {
      [example.certificate]: card['user-authentication'].certificate,
    }),
  ),
} as const satisfies GoodCalls;
