import { goodCalls as authentications } from '../authentications/good-calls.ts';
import { type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'check-attributes': {
    status: 200,
    caller: 'client',
    path: () => '/v1/attribute-status',
    json: () => ({ ppid: 'a'.repeat(32) }),
    make: async (prepared) => {
      const { ppid } = (await authentications.authenticate.make(prepared)).body;
      const { platform, clientToken: token } = prepared;
      return platform.call('POST', '/v1/attribute-status', { token, json: { ppid } });
    },
  },
} as const satisfies GoodCalls;
