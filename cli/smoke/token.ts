import { createRemoteJWKSet, jwtVerify } from 'jose';
import { endpoint, fetchAccessToken } from '../platform-client.ts';
import type { SmokeTarget } from './smoke-target.ts';

/** Gets a token by private_key_jwt and verifies it with the published keys (RFC 9068). */
export async function token({ url, identity }: SmokeTarget): Promise<string> {
  const issued = await fetchAccessToken(identity);
  const keys = createRemoteJWKSet(new URL(endpoint(url, '/.well-known/jwks.json')));
  const { payload, protectedHeader } = await jwtVerify(issued.token, keys, {
    issuer: url,
    typ: 'at+jwt',
    currentDate: new Date(Date.now() + (await skewOf(url))),
  });
  if (payload['client_id'] !== identity.clientId) throw new Error('the token names another client');
  return `${protectedHeader.alg}, scopes ${issued.scope}`;
}

/** A sandbox whose clock was moved issues tokens with that time. */
async function skewOf(url: string): Promise<number> {
  const response = await fetch(endpoint(url, '/v1/status'));
  return Date.parse(((await response.json()) as { time: string }).time) - Date.now();
}
