import { ask, expectStatus } from './ask.ts';
import type { SmokeTarget } from './smoke-target.ts';

/**
 * RFC 8414: metadata at the issuer. The issuer must equal the requested base URL (§3.3); otherwise
 * every verifier would refuse the tokens.
 */
export async function discovery({ url }: SmokeTarget): Promise<string> {
  const metadata = await ask(url, '/.well-known/oauth-authorization-server');
  expectStatus(metadata, 200);
  const { issuer, token_endpoint: tokenEndpoint, jwks_uri: jwksUri } = metadata.json;
  if (issuer !== url) throw new Error(`the issuer is ${String(issuer)}, asked was ${url}`);
  for (const endpoint of [tokenEndpoint, jwksUri])
    if (typeof endpoint !== 'string' || !endpoint.startsWith(`${url}/`))
      throw new Error(`an endpoint is elsewhere: ${String(endpoint)}`);
  const keys = await ask(url, String(jwksUri).slice(url.length));
  expectStatus(keys, 200);
  const count = (keys.json['keys'] as readonly unknown[] | undefined)?.length ?? 0;
  if (count === 0) throw new Error('the key set is empty');
  return `issuer ${issuer}, ${count} token key${count === 1 ? '' : 's'}`;
}
