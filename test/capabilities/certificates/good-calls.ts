import { clientCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'validate-certificate': clientCall('POST', 200, '/v1/certificates/validate', ({ card }) => ({
    certificate: card['user-authentication'].certificate,
    method: 'auto',
  })),
} as const satisfies GoodCalls;
