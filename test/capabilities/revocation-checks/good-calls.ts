import { clientCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'check-revocations': clientCall('POST', 200, '/v1/revocations/check', () => ({
    issuer: 'user-authentication-2023',
    serials: ['08000001'],
  })),
  'list-revocation-sources': clientCall('GET', 200, '/v1/revocations/sources'),
} as const satisfies GoodCalls;
