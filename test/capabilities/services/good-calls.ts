import { randomUUID } from 'node:crypto';
import { operatorCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'create-service': operatorCall(
    'POST',
    201,
    () => '/v1/services',
    ({ jwk }) => ({
      organisation: { name: `City ${randomUUID()}` },
      name: randomUUID(),
      type: 'type2',
      status: 'active',
      jwks: { keys: [jwk] },
    }),
  ),
  'list-services': operatorCall('GET', 200, () => '/v1/services'),
  'get-service': operatorCall('GET', 200, ({ serviceId }) => `/v1/services/${serviceId}`),
  'change-service-status': operatorCall(
    'PUT',
    200,
    ({ serviceId }) => `/v1/services/${serviceId}/status`,
    () => ({ status: 'active' }),
  ),
  'get-service-jwks': operatorCall('GET', 200, ({ serviceId }) => `/v1/services/${serviceId}/jwks`),
  'replace-service-jwks': operatorCall(
    'PUT',
    200,
    ({ serviceId }) => `/v1/services/${serviceId}/jwks`,
    ({ jwk }) => ({ keys: [jwk] }),
  ),
} as const satisfies GoodCalls;
