import { goodCalls as authentications } from '../authentications/good-calls.ts';
import {
  clientCall,
  type PreparedCalls,
  type GoodCall,
  type GoodCalls,
} from '../../e2e/good-call.ts';

const nobody = 'a'.repeat(32);

/** A person who logs in first, and has the link `1001` where the call needs one. */
const forPerson = (
  path: string,
  body: (ppid: string) => Record<string, unknown>,
  linked: boolean,
): GoodCall => ({
  status: 200,
  caller: 'client',
  path: () => path,
  json: () => body(nobody),
  make: async (prepared: PreparedCalls) => {
    const { ppid } = (await authentications.authenticate.make(prepared)).body;
    const { platform, clientToken: token } = prepared;
    if (linked) {
      const json = { ppid, userNumber: '1001', replace: true };
      await platform.call('POST', '/v1/links', { token, json });
    }
    return platform.call('POST', path, { token, json: body(String(ppid)) });
  },
});

export const goodCalls = {
  'put-link': forPerson(
    '/v1/links',
    (ppid) => ({ ppid, userNumber: '1001', replace: true }),
    false,
  ),
  'look-up-link': forPerson('/v1/links/lookup', (ppid) => ({ ppid }), true),
  'remove-link': forPerson('/v1/links/remove', (ppid) => ({ ppid }), true),
  'import-links': forPerson(
    '/v1/links/import',
    (ppid) => ({ rows: [{ ppid, userNumber: '1001' }], replace: true }),
    false,
  ),
  'await-links': clientCall('POST', 200, '/v1/links/await', () => ({ userNumbers: ['2001'] })),
  'export-links': clientCall('POST', 200, '/v1/links/export', () => ({})),
} as const satisfies GoodCalls;
