import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { newClientKey, provedJwks } from '../../e2e/platform-under-test.ts';
import { operatorCall, sampleServiceName, type GoodCalls } from '../../e2e/good-call.ts';

/** The key of the example gives way to the caller's. */
const ownKey = (jwk: JWK) => ({
  [example.x]: jwk.x,
  [example.y]: jwk.y,
  [example.keyId]: jwk.kid,
});

/** With the prepared key, which one client can have. */
export const createPrepared = operatorCall(
  'POST',
  201,
  () => '/v1/services',
  ({ jwk, jwks }) =>
    exampleRequest('create-service', {
      [example.organisationName]: `City ${randomUUID()}`,
      [example.serviceName]: sampleServiceName,
      [example.keyProof]: jwks.proofs[0],
      ...ownKey(jwk),
    }),
);

export const goodCalls = {
  'create-service': {
    ...createPrepared,
    make: async (prepared) => {
      const pair = await newClientKey();
      const jwks = await provedJwks(prepared.platform, pair, sampleServiceName);
      return createPrepared.make({ ...prepared, jwk: pair.jwk, jwks });
    },
  },
  'list-services': operatorCall('GET', 200, () => '/v1/services'),
  'get-service': operatorCall('GET', 200, ({ serviceId }) => `/v1/services/${serviceId}`),
  'change-service-status': operatorCall(
    'PUT',
    200,
    ({ serviceId }) => `/v1/services/${serviceId}/status`,
    () => exampleRequest('change-service-status'),
  ),
  'change-service-grants': operatorCall(
    'PUT',
    200,
    ({ serviceId }) => `/v1/services/${serviceId}/grants`,
    () => ({ grants: ['revocation-reasons:read'] }),
  ),
  'change-counter-terms': operatorCall(
    'PUT',
    200,
    ({ counterServiceId }) => `/v1/services/${counterServiceId}/counter`,
    () => exampleRequest('change-counter-terms'),
  ),
  'replace-encryption-key': operatorCall(
    'PUT',
    200,
    ({ counterServiceId }) => `/v1/services/${counterServiceId}/encryption-key`,
    () => exampleRequest('replace-encryption-key'),
  ),
  'get-service-jwks': operatorCall('GET', 200, ({ serviceId }) => `/v1/services/${serviceId}/jwks`),
  'replace-service-jwks': operatorCall(
    'PUT',
    200,
    ({ serviceId }) => `/v1/services/${serviceId}/jwks`,
    ({ jwk }) => exampleRequest('replace-service-jwks', ownKey(jwk)),
  ),
} as const satisfies GoodCalls;
