import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import type { GoodCall, GoodCalls } from '../../e2e/good-call.ts';
import { goodCalls as authentications } from '../authentications/good-calls.ts';

/** A person who logs in first and consents. */
const forPerson = (operationId: string, path: string): GoodCall => ({
  status: 200,
  caller: 'client',
  path: () => path,
  json: () => exampleRequest(operationId),
  make: async (prepared) => {
    const { ppid } = (await authentications.authenticate.make(prepared)).body;
    const { platform, clientToken: token } = prepared;
    const values = { [example.ppid]: ppid };
    const first = exampleRequest('record-consent', values);
    const recorded = await platform.call('POST', '/v1/consents', { token, json: first });
    if (operationId === 'record-consent') return recorded;
    return platform.call('POST', path, { token, json: exampleRequest(operationId, values) });
  },
});

export const goodCalls = {
  'record-consent': forPerson('record-consent', '/v1/consents'),
  'read-consents': forPerson('read-consents', '/v1/consents/lookup'),
  'withdraw-consent': forPerson('withdraw-consent', '/v1/consents/withdraw'),
} as const satisfies GoodCalls;
