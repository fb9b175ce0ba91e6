import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import type { PreparedCalls, GoodCall, GoodCalls } from '../../e2e/good-call.ts';

const open = ({ platform, counterToken: token }: PreparedCalls) =>
  platform.call('POST', '/v1/reading-sessions', {
    token,
    json: exampleRequest('open-reading-session'),
  });

const claimOf = (ticket: string, { terminal }: PreparedCalls) =>
  exampleRequest('claim-reading-ticket', {
    [example.ticket]: ticket,
    [example.terminalSecret]: terminal,
  });

const claim = async (prepared: PreparedCalls) => {
  const { body } = await open(prepared);
  const json = claimOf(String(body['ticket']), prepared);
  return prepared.platform.call('POST', '/v1/reading-sessions/claim', { json });
};

const failed = exampleRequest('report-reading');

const openCall: GoodCall = {
  status: 201,
  caller: 'counter',
  path: () => '/v1/reading-sessions',
  json: () => exampleRequest('open-reading-session'),
  make: open,
};

export const goodCalls = {
  'open-reading-session': openCall,
  'claim-reading-ticket': {
    status: 200,
    path: () => '/v1/reading-sessions/claim',
    json: (prepared) => claimOf(example.ticket, prepared),
    make: claim,
  },
  'report-reading': {
    status: 200,
    path: () => '/v1/reading-sessions/result',
    json: () => failed,
    make: async (prepared) => {
      const { body } = await claim(prepared);
      return prepared.platform.call('POST', '/v1/reading-sessions/result', {
        token: String(body['resultToken']),
        json: failed,
      });
    },
  },
  'redeem-reading-handover': {
    status: 200,
    caller: 'counter',
    path: () => '/v1/reading-sessions/handover',
    json: () => exampleRequest('redeem-reading-handover'),
    make: async (prepared) => {
      const { body } = await claim(prepared);
      const reported = await prepared.platform.call('POST', '/v1/reading-sessions/result', {
        token: String(body['resultToken']),
        json: failed,
      });
      return prepared.platform.call('POST', '/v1/reading-sessions/handover', {
        token: prepared.counterToken,
        json: exampleRequest('redeem-reading-handover', {
          [example.ticket]: reported.body['handover'],
        }),
      });
    },
  },
  'get-reading-session': {
    status: 200,
    caller: 'counter',
    path: () => '/v1/reading-sessions/rse_aaaa',
    make: async (prepared) => {
      const { body } = await open(prepared);
      const path = `/v1/reading-sessions/${String(body['sessionId'])}`;
      return prepared.platform.call('GET', path, { token: prepared.counterToken });
    },
  },
} as const satisfies GoodCalls;
