import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import { goodCalls as authentications } from '../authentications/good-calls.ts';
import {
  clientCall,
  type PreparedCalls,
  type GoodCall,
  type GoodCalls,
} from '../../e2e/good-call.ts';

/** A person who logs in first, and has the link `1001` where the call needs one. */
const forPerson = (operationId: string, path: string, linked: boolean): GoodCall => ({
  status: 200,
  caller: 'client',
  path: () => path,
  json: () => exampleRequest(operationId),
  make: async (prepared: PreparedCalls) => {
    const { ppid } = (await authentications.authenticate.make(prepared)).body;
    const { platform, clientToken: token } = prepared;
    const [before, body] = linked
      ? ['/v1/links', exampleRequest('put-link', { [example.ppid]: ppid })]
      : ['/v1/links/remove', { ppid }];
    await platform.call('POST', before, { token, json: body });
    const json = exampleRequest(operationId, { [example.ppid]: ppid });
    return platform.call('POST', path, { token, json });
  },
});

export const goodCalls = {
  'put-link': forPerson('put-link', '/v1/links', false),
  'look-up-link': forPerson('look-up-link', '/v1/links/lookup', true),
  'remove-link': forPerson('remove-link', '/v1/links/remove', true),
  'import-links': forPerson('import-links', '/v1/links/import', false),
  'await-links': clientCall('POST', 200, '/v1/links/await', () => exampleRequest('await-links')),
  'export-links': clientCall('POST', 200, '/v1/links/export', () => exampleRequest('export-links')),
} as const satisfies GoodCalls;
