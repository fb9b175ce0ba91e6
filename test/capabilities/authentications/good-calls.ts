import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import { signedChallenge } from '../../e2e/platform-under-test.ts';
import { type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  authenticate: {
    status: 201,
    caller: 'client',
    path: () => '/v1/authentications',
    json: ({ card }) =>
      exampleRequest('authenticate', {
        [example.certificate]: card['user-authentication'].certificate,
      }),
    make: async (prepared) => {
      const { platform, clientToken: token } = prepared;
      const signed = await signedChallenge(platform, token, prepared.card);
      const json = exampleRequest('authenticate', {
        [example.challenge]: signed.challenge,
        [example.certificate]: signed.certificate,
        [example.signature]: signed.signature,
      });
      return platform.call('POST', '/v1/authentications', { token, json });
    },
  },
} as const satisfies GoodCalls;
