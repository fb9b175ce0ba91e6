import { takeToken } from '../../e2e/platform-under-test.ts';
import { publicCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'get-token': {
    status: 200,
    path: () => '/oauth2/token',
    make: async ({ platform }) => {
      await takeToken(platform, platform.client);
      return { status: 200, type: '', headers: {}, text: '', body: {} };
    },
  },
  'get-token-keys': publicCall('/.well-known/jwks.json'),
  'get-server-metadata': publicCall('/.well-known/oauth-authorization-server'),
} as const satisfies GoodCalls;
