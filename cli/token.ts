import { parseArgs } from 'node:util';
import { clientOptions, identityFrom } from './client-options.ts';
import { fetchAccessToken } from './platform-client.ts';
import { exitCodes, runCommand } from './run-command.ts';

export const name = 'token';
export const summary = 'get an access token by private_key_jwt and print it, for curl';

const usage = `
Usage: npx mykey token --key FILE [--client ID] [--url URL] [--scope "A B"] [--json]

  --key FILE     private key: JWK, or PEM
  --alg ALG      algorithm of an RSA key whose file does not name one: PS256 (default) or RS256
  --client ID    client id (default: the key file's client_id)
  --url URL      the platform (default http://localhost:8080)
  --scope "A B"  only these scopes (default: all that the client has)
  --json         print token, scope and expiry as JSON

  curl -H "authorization: Bearer $(npx mykey token --key FILE)" …
`;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({
      args: argv,
      options: {
        ...clientOptions,
        alg: { type: 'string' },
        scope: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const { token, scope, expiresAt } = await fetchAccessToken({
      ...(await identityFrom(values)),
      ...(values.scope === undefined ? {} : { scope: values.scope }),
    });
    console.log(
      values.json
        ? JSON.stringify({ token, scope, expiresAt: new Date(expiresAt).toISOString() })
        : token,
    );
    return exitCodes.ok;
  });
}
