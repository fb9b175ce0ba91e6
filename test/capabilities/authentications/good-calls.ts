import { signedChallenge } from '../../e2e/platform-under-test.ts';
import { type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  authenticate: {
    status: 201,
    caller: 'client',
    path: () => '/v1/authentications',
    json: ({ card }) => ({
      challenge: 'my-key-platform/challenge/1',
      certificate: card['user-authentication'].certificate,
      signature: 'AAAA',
      method: 'auto',
    }),
    make: async (world) => {
      const { platform, clientToken: token } = world;
      const json = await signedChallenge(platform, token, world.card);
      return platform.call('POST', '/v1/authentications', { token, json });
    },
  },
} as const satisfies GoodCalls;
