import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import type { GoodCall, GoodCalls, PreparedCalls } from '../../e2e/good-call.ts';
import type { Answer } from '../../e2e/platform-under-test.ts';
import { goodCalls as authentications } from '../authentications/good-calls.ts';

/** Two persons log in, and their service reports them as one. */
async function reported(prepared: PreparedCalls): Promise<Answer> {
  const { platform, clientToken: token } = prepared;
  const logIn = async (): Promise<unknown> => {
    const card = await platform.jlis('cards', {});
    return (await authentications.authenticate.make({ ...prepared, card })).body['ppid'];
  };
  const json = exampleRequest('report-persons', {
    [example.ppid]: await logIn(),
    [example.otherPpid]: await logIn(),
  });
  return platform.call('POST', '/v1/persons/reports', { token, json });
}

const flagOf = async (prepared: PreparedCalls): Promise<string> =>
  String((await reported(prepared)).body['flagId']);

async function readFlag(prepared: PreparedCalls): Promise<Answer> {
  const { platform, operatorToken: token } = prepared;
  return platform.call('GET', `/v1/persons/flags/${await flagOf(prepared)}`, { token });
}

/** The body of a merge of two persons whom their service has reported. */
export async function proposalOf(prepared: PreparedCalls): Promise<object> {
  const { body } = await readFlag(prepared);
  const [keep, absorb] = body['persons'] as readonly { readonly handle: string }[];
  return exampleRequest('propose-act', {
    [example.flagId]: body['flagId'],
    [example.personHandle]: keep!.handle,
    [example.otherPersonHandle]: absorb!.handle,
  });
}

async function proposed(prepared: PreparedCalls): Promise<Answer> {
  const { platform, operatorToken: token } = prepared;
  const json = await proposalOf(prepared);
  return platform.call('POST', '/v1/persons/acts', { token, json });
}

const flagPath = `/v1/persons/flags/${example.flagId}`;
const operator = (
  status: number,
  path: string,
  make: GoodCall['make'],
  operationId?: string,
): GoodCall => ({
  status,
  caller: 'operator',
  path: () => path,
  ...(operationId !== undefined && { json: () => exampleRequest(operationId) }),
  make,
});

export const goodCalls = {
  'report-persons': {
    status: 201,
    caller: 'client',
    path: () => '/v1/persons/reports',
    json: () => exampleRequest('report-persons'),
    make: reported,
  },
  'list-flags': operator(200, '/v1/persons/flags', async (prepared) => {
    await reported(prepared);
    const { platform, operatorToken: token } = prepared;
    return platform.call('GET', '/v1/persons/flags?limit=100', { token });
  }),
  'get-flag': operator(200, flagPath, readFlag),
  'settle-flag': operator(
    200,
    `${flagPath}/settlement`,
    async (prepared) => {
      const { platform, operatorToken: token } = prepared;
      const path = `/v1/persons/flags/${await flagOf(prepared)}/settlement`;
      return platform.call('POST', path, { token, json: exampleRequest('settle-flag') });
    },
    'settle-flag',
  ),
  'propose-act': operator(201, '/v1/persons/acts', proposed, 'propose-act'),
  'list-acts': operator(200, '/v1/persons/acts', async (prepared) => {
    await proposed(prepared);
    const { platform, operatorToken: token } = prepared;
    const answer = await platform.call('GET', '/v1/persons/acts', { token });
    // Those of other calls may be decided already.
    const acts = (answer.body['acts'] as readonly { readonly state: string }[]).toSorted(
      (one, other) => Number(other.state === 'proposed') - Number(one.state === 'proposed'),
    );
    return { ...answer, body: { ...answer.body, acts } };
  }),
  'approve-act': operator(
    200,
    `/v1/persons/acts/${example.actId}/approval`,
    async (prepared) => {
      const { platform, secondOperatorToken: token } = prepared;
      const { actId } = (await proposed(prepared)).body;
      const path = `/v1/persons/acts/${String(actId)}/approval`;
      return platform.call('POST', path, { token, json: exampleRequest('approve-act') });
    },
    'approve-act',
  ),
} as const satisfies GoodCalls;
