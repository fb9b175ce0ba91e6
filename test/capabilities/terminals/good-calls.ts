import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import type { GoodCall, GoodCalls, PreparedCalls } from '../../e2e/good-call.ts';

const create = ({ platform, counterToken: token }: PreparedCalls) =>
  platform.call('POST', '/v1/terminals', { token, json: exampleRequest('create-terminal') });

const counterCall = (call: Omit<GoodCall, 'caller'>): GoodCall => ({ ...call, caller: 'counter' });

export const goodCalls = {
  'create-terminal': counterCall({
    status: 201,
    path: () => '/v1/terminals',
    json: () => exampleRequest('create-terminal'),
    make: create,
  }),
  'list-terminals': counterCall({
    status: 200,
    path: () => '/v1/terminals',
    make: ({ platform, counterToken: token }) => platform.call('GET', '/v1/terminals', { token }),
  }),
  'pair-terminal': {
    status: 201,
    path: () => '/v1/terminals/pairings',
    json: () => exampleRequest('pair-terminal'),
    make: async (prepared) => {
      const { body } = await create(prepared);
      return prepared.platform.call('POST', '/v1/terminals/pairings', {
        json: exampleRequest('pair-terminal', { [example.terminalSecret]: body['pairingCode'] }),
      });
    },
  },
  'revoke-terminal': counterCall({
    status: 200,
    path: () => '/v1/terminals/trm_aaaa',
    make: async (prepared) => {
      const { body } = await create(prepared);
      const path = `/v1/terminals/${String(body['terminalId'])}`;
      return prepared.platform.call('DELETE', path, { token: prepared.counterToken });
    },
  }),
} as const satisfies GoodCalls;
