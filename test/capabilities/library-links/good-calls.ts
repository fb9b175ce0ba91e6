import { example } from '../../../lambdas/platform/http/example-values.ts';
import { exampleRequest } from '../../e2e/example-request.ts';
import type { PreparedCalls, GoodCall, GoodCalls } from '../../e2e/good-call.ts';

const asUrl = (base64: string): string => Buffer.from(base64, 'base64').toString('base64url');

/** A person whose My Key ID a library has issued or read at its counter. */
async function readAtLibrary(prepared: PreparedCalls): Promise<string> {
  const { platform, libraryToken: token, libraryTerminal, card } = prepared;
  const opened = await platform.call('POST', '/v1/reading-sessions', {
    token,
    json: { mode: 'pin', myKeyId: {} },
  });
  const claimed = await platform.call('POST', '/v1/reading-sessions/claim', {
    json: exampleRequest('claim-reading-ticket', {
      [example.ticket]: opened.body['ticket'],
      [example.terminalSecret]: libraryTerminal,
    }),
  });
  const text = Buffer.from(String(claimed.body['challenge']), 'base64url').toString();
  const { signature } = await platform.jlis<{ signature: string }>(`cards/${card.cardId}/sign`, {
    pin: '1234',
    text,
  });
  const reported = await platform.call('POST', '/v1/reading-sessions/result', {
    token: String(claimed.body['resultToken']),
    json: {
      outcome: 'read',
      medium: 'card',
      certificate: asUrl(card['user-authentication'].certificate),
      signature: { algorithm: 'rsa-pkcs1-sha256', value: asUrl(signature) },
      assurance: ['card-signature'],
    },
  });
  if (reported.status !== 200) throw new Error(`not read: ${String(reported.body['code'])}`);
  const path = `/v1/reading-sessions/${String(opened.body['sessionId'])}`;
  const { body } = await platform.call('GET', path, { token });
  return (body['result'] as { readonly myKeyId: string }).myKeyId;
}

/** A person of the library, who has the link `L-0042` where the call needs one. */
const forReader = (operationId: string, path: string, linked: boolean): GoodCall => ({
  status: 200,
  caller: 'library',
  path: () => path,
  json: () => exampleRequest(operationId),
  make: async (prepared) => {
    const { platform, libraryToken: token } = prepared;
    const values = { '2345678K': await readAtLibrary(prepared) };
    const json = exampleRequest('put-library-link', values);
    const removal = { token, json: exampleRequest('remove-library-link') };
    await platform.call('POST', '/v1/library-links/remove', removal);
    if (linked) await platform.call('POST', '/v1/library-links', { token, json });
    return platform.call('POST', path, { token, json: exampleRequest(operationId, values) });
  },
});

export const goodCalls = {
  'put-library-link': forReader('put-library-link', '/v1/library-links', false),
  'look-up-library-link': forReader('look-up-library-link', '/v1/library-links/lookup', true),
  'remove-library-link': forReader('remove-library-link', '/v1/library-links/remove', true),
  'import-library-links': forReader('import-library-links', '/v1/library-links/import', false),
  'export-library-links': {
    status: 200,
    caller: 'library',
    path: () => '/v1/library-links/export',
    json: () => exampleRequest('export-library-links'),
    make: ({ platform, libraryToken: token }) =>
      platform.call('POST', '/v1/library-links/export', {
        token,
        json: exampleRequest('export-library-links'),
      }),
  },
} as const satisfies GoodCalls;
