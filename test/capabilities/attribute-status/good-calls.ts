import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import { goodCalls as authentications } from '../authentications/good-calls.ts';
import { type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'check-attributes': {
    status: 200,
    caller: 'client',
    path: () => '/v1/attribute-status',
    json: () => exampleRequest('check-attributes'),
    make: async (prepared) => {
      const { ppid } = (await authentications.authenticate.make(prepared)).body;
      const { platform, clientToken: token } = prepared;
      return platform.call('POST', '/v1/attribute-status', {
        token,
        json: exampleRequest('check-attributes', { [example.ppid]: ppid }),
      });
    },
  },
} as const satisfies GoodCalls;
