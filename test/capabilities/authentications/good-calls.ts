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
    make: async (prepared) => {
      const { platform, clientToken: token } = prepared;
      const json = await signedChallenge(platform, token, prepared.card);
      return platform.call('POST', '/v1/authentications', { token, json });
    },
  },
} as const satisfies GoodCalls;
