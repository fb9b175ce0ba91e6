import { exampleRequest } from '../../e2e/example-request.ts';
import { clientCall, type GoodCalls } from '../../e2e/good-call.ts';

/** An address, so that no name is looked up. */
const json = () => ({
  ...exampleRequest('put-webhook'),
  url: 'https://93.184.216.34/mykey-events',
});

export const goodCalls = {
  'put-webhook': clientCall('PUT', 200, '/v1/webhook', json),
  'get-webhook': {
    ...clientCall('GET', 200, '/v1/webhook'),
    make: async ({ platform, clientToken: token }) => {
      await platform.call('PUT', '/v1/webhook', { token, json: json() });
      return platform.call('GET', '/v1/webhook', { token });
    },
  },
  'delete-webhook': clientCall('DELETE', 200, '/v1/webhook'),
} as const satisfies GoodCalls;
