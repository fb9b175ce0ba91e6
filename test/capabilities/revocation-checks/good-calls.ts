import { exampleRequest } from '../../e2e/example-request.ts';
import { clientCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'check-revocations': clientCall('POST', 200, '/v1/revocations/check', () =>
    exampleRequest('check-revocations'),
  ),
  'list-revocation-sources': clientCall('GET', 200, '/v1/revocations/sources'),
} as const satisfies GoodCalls;
