import type { PreparedCalls, GoodCall, GoodCalls } from '../../e2e/good-call.ts';

const nobody = `rse_aaaa.${'a'.repeat(43)}`;

const open = ({ platform, counterToken: token }: PreparedCalls) =>
  platform.call('POST', '/v1/reading-sessions', { token, json: { mode: 'pin' } });

const claimOf = (ticket: string) => ({ ticket, protocol: 1, agentVersion: '0.1.0' });

const claim = async (prepared: PreparedCalls) => {
  const { body } = await open(prepared);
  const json = claimOf(String(body['ticket']));
  return prepared.platform.call('POST', '/v1/reading-sessions/claim', { json });
};

const failed = { outcome: 'failed', code: 'cancelled' } as const;

const openCall: GoodCall = {
  status: 201,
  caller: 'counter',
  path: () => '/v1/reading-sessions',
  json: () => ({ mode: 'pin' }),
  make: open,
};

export const goodCalls = {
  'open-reading-session': openCall,
  'claim-reading-ticket': {
    status: 200,
    path: () => '/v1/reading-sessions/claim',
    json: () => claimOf(nobody),
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
