import type { CallWorld, GoodCall, GoodCalls } from '../../e2e/good-call.ts';

const nobody = `rse_aaaa.${'a'.repeat(43)}`;

const open = ({ platform, counterToken: token }: CallWorld) =>
  platform.call('POST', '/v1/reading-sessions', { token, json: { mode: 'pin' } });

const claimOf = (ticket: string) => ({ ticket, protocol: 1, agentVersion: '0.1.0' });

const claim = async (world: CallWorld) => {
  const { body } = await open(world);
  const json = claimOf(String(body['ticket']));
  return world.platform.call('POST', '/v1/reading-sessions/claim', { json });
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
    make: async (world) => {
      const { body } = await claim(world);
      return world.platform.call('POST', '/v1/reading-sessions/result', {
        token: String(body['resultToken']),
        json: failed,
      });
    },
  },
  'get-reading-session': {
    status: 200,
    caller: 'counter',
    path: () => '/v1/reading-sessions/rse_aaaa',
    make: async (world) => {
      const { body } = await open(world);
      const path = `/v1/reading-sessions/${String(body['sessionId'])}`;
      return world.platform.call('GET', path, { token: world.counterToken });
    },
  },
} as const satisfies GoodCalls;
