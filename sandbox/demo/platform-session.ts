import * as oauth from 'oauth4webapi';
import type { CryptoKey } from 'jose';
import type { Narrator } from './narrator.ts';

/** An OAuth client of the platform: its id and its private key. */
export interface PlatformIdentity {
  readonly clientId: string;
  readonly privateKey: CryptoKey;
  /** JWK thumbprint, or the key's registered kid. */
  readonly keyId: string;
}

export interface PlatformAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Calls the platform and prints every call. */
export interface PlatformCaller {
  /** @param told the part of the response to print; all of it if absent */
  call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    told?: (body: Record<string, unknown>) => unknown,
  ): Promise<PlatformAnswer>;
}

/** A client of the platform with its access token. */
export interface PlatformSession extends PlatformCaller {
  readonly accessToken: string;
  /** The same client with a new access token, after the platform's clock was moved so many seconds. */
  later(seconds: number): Promise<PlatformSession>;
}

/**
 * Requests an access token by private_key_jwt with an independent OAuth client library, using the
 * server's metadata.
 *
 * @param skewSeconds seconds by which the platform's clock is ahead of the machine's
 */
export async function openSession(
  url: string,
  identity: PlatformIdentity,
  narrator: Narrator,
  name: string,
  skewSeconds = 0,
): Promise<PlatformSession> {
  const accessToken = await takeToken(url, identity, narrator, name, skewSeconds);
  return {
    accessToken,
    later: (seconds) => openSession(url, identity, narrator, name, skewSeconds + seconds),
    ...callerOf(url, narrator, name, accessToken),
  };
}

/** @param accessToken absent: for the operations that the person calls, with the card alone */
export const callerOf = (
  url: string,
  narrator: Narrator,
  name: string,
  accessToken?: string,
): PlatformCaller => ({
  call: async (method, path, body, told = (whole) => whole) => {
    narrator.asked(name, `${method} ${path}`);
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    const problem = response.status >= 400;
    narrator.answered(
      response.status,
      problem ? { code: answer['code'], title: answer['title'] } : told(answer),
    );
    return { status: response.status, body: answer };
  },
});

async function takeToken(
  url: string,
  identity: PlatformIdentity,
  narrator: Narrator,
  name: string,
  skewSeconds: number,
): Promise<string> {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(url);
  const server = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
  );
  const client: oauth.Client = { client_id: identity.clientId, [oauth.clockSkew]: skewSeconds };
  narrator.asked(name, 'POST /oauth2/token grant_type=client_credentials, private_key_jwt');
  const response = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    oauth.PrivateKeyJwt({ key: identity.privateKey, kid: identity.keyId }),
    {},
    insecure,
  );
  const token = await oauth.processClientCredentialsResponse(server, client, response);
  const { access_token, expires_in } = token;
  narrator.answered(response.status, { access_token, expires_in });
  return access_token;
}
