import type { CardAct } from '../../../lambdas/people/rights.ts';
import { example } from '../../../lambdas/platform/http/example-values.ts';
import type { CardView } from '../../../sandbox/jlis/control-client.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import type { GoodCall, GoodCalls, PreparedCalls } from '../../e2e/good-call.ts';
import type { PlatformUnderTest } from '../../e2e/platform-under-test.ts';
import { goodCalls as authentications } from '../authentications/good-calls.ts';

/** What a person sends who asks for this with this card. */
export async function signedRequest(platform: PlatformUnderTest, act: CardAct, card: CardView) {
  const { body } = await platform.call('POST', '/v1/rights/challenges', { json: { act } });
  const challenge = String(body['challenge']);
  const { signature } = await platform.jlis<{ signature: string }>(`cards/${card.cardId}/sign`, {
    pin: '1234',
    text: challenge,
  });
  const { certificate } = card['user-authentication'];
  return { challenge, certificate, signature };
}

/** A person who has logged in somewhere asks for this. */
const byCard = (operationId: string, path: string, act: CardAct): GoodCall => ({
  status: 200,
  path: () => path,
  json: ({ card }) =>
    exampleRequest(operationId, {
      [example.certificate]: card['user-authentication'].certificate,
    }),
  make: async (prepared) => {
    await authentications.authenticate.make(prepared);
    const { platform, card } = prepared;
    const signed = await signedRequest(platform, act, card);
    const json = { ...exampleRequest(operationId), ...signed };
    return platform.call('POST', path, { json });
  },
});

/** A request about a person of their own, so that no other call meets a suspended one. */
async function taken(prepared: PreparedCalls) {
  const { platform, operatorToken: token } = prepared;
  const card = await platform.jlis('cards', {});
  const { ppid } = (await authentications.authenticate.make({ ...prepared, card })).body;
  const json = exampleRequest('take-request-on-behalf', {
    [example.serviceId]: platform.sandbox.client.serviceId,
    [example.ppid]: ppid,
  });
  return platform.call('POST', '/v1/rights/behalf', { token, json });
}

/** A request for correction by a card of its own. */
async function asked(prepared: PreparedCalls) {
  const { platform } = prepared;
  const card = await platform.jlis('cards', {});
  await authentications.authenticate.make({ ...prepared, card });
  const signed = await signedRequest(platform, 'correct', card);
  const json = { ...exampleRequest('request-correction'), ...signed };
  return platform.call('POST', '/v1/rights/corrections', { json });
}

async function proposed(prepared: PreparedCalls) {
  const { platform, operatorToken: token } = prepared;
  const { requestId } = (await asked(prepared)).body;
  const json = exampleRequest('propose-correction-outcome', { [example.actId]: requestId });
  return platform.call('POST', '/v1/rights/corrections/proposals', { token, json });
}

export const goodCalls = {
  'request-correction': {
    status: 201,
    path: () => '/v1/rights/corrections',
    json: ({ card }) =>
      exampleRequest('request-correction', {
        [example.certificate]: card['user-authentication'].certificate,
      }),
    make: asked,
  },
  'list-corrections': {
    status: 200,
    caller: 'operator',
    path: () => '/v1/rights/corrections/list',
    json: () => ({}),
    make: async (prepared) => {
      await asked(prepared);
      const { platform, operatorToken: token } = prepared;
      return platform.call('POST', '/v1/rights/corrections/list', { token, json: {} });
    },
  },
  'propose-correction-outcome': {
    status: 200,
    caller: 'operator',
    path: () => '/v1/rights/corrections/proposals',
    json: () => exampleRequest('propose-correction-outcome'),
    make: proposed,
  },
  'approve-correction-outcome': {
    status: 200,
    caller: 'operator',
    path: () => '/v1/rights/corrections/approvals',
    json: () => exampleRequest('approve-correction-outcome'),
    make: async (prepared) => {
      const { requestId } = (await proposed(prepared)).body;
      const { platform, secondOperatorToken: token } = prepared;
      const json = { requestId };
      return platform.call('POST', '/v1/rights/corrections/approvals', { token, json });
    },
  },
  'take-request-on-behalf': {
    status: 201,
    caller: 'operator',
    path: () => '/v1/rights/behalf',
    json: () => exampleRequest('take-request-on-behalf'),
    make: taken,
  },
  'list-requests-on-behalf': {
    status: 200,
    caller: 'operator',
    path: () => '/v1/rights/behalf/list',
    json: () => ({}),
    make: async (prepared) => {
      await taken(prepared);
      const { platform, operatorToken: token } = prepared;
      return platform.call('POST', '/v1/rights/behalf/list', { token, json: {} });
    },
  },
  'approve-request-on-behalf': {
    status: 200,
    caller: 'operator',
    path: () => '/v1/rights/behalf/approve',
    json: () => exampleRequest('approve-request-on-behalf'),
    make: async (prepared) => {
      const { requestId } = (await taken(prepared)).body;
      const { platform, secondOperatorToken: token } = prepared;
      const json = { requestId };
      return platform.call('POST', '/v1/rights/behalf/approve', { token, json });
    },
  },
  'create-rights-challenge': {
    status: 201,
    path: () => '/v1/rights/challenges',
    json: () => exampleRequest('create-rights-challenge'),
    make: ({ platform }) =>
      platform.call('POST', '/v1/rights/challenges', {
        json: exampleRequest('create-rights-challenge'),
      }),
  },
  'request-my-key-id': byCard('request-my-key-id', '/v1/rights/my-key-id', 'issue-my-key-id'),
  'disclose-record': byCard('disclose-record', '/v1/rights/disclosures', 'disclose'),
  'disclose-record-page': byCard('disclose-record-page', '/v1/rights/disclosures/page', 'disclose'),
  // Changes nothing for a person in use, whom other calls need.
  'request-right': byCard('request-right', '/v1/rights/requests', 'resume'),
} as const satisfies GoodCalls;
