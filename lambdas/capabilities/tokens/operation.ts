import { MyKeyError } from '../../errors.ts';
import { mayGetTokens } from '../services/service-rights.ts';
import { keyThumbprint } from '../services/client-jwks.ts';
import type { Client, Service } from '../services/service.ts';
import { issueAccessToken, tokenLifetime } from './access-token.ts';
import type { AssertionStore } from './assertion-store.ts';
import { authenticateClient, type AuthenticatedClient } from './client-assertion.ts';
import type { TokenKey } from './token-key.ts';

export interface TokenPorts {
  /** The registered client; the operator's is part of the deployment. */
  readonly client: (clientId: string) => Promise<Client | undefined>;
  /** Undefined for the operator, which is not a service. */
  readonly service: (serviceId: string) => Promise<Service | undefined>;
  readonly operatorClientId: string;
  /** Production issues no tokens to services in testing. */
  readonly production: boolean;
  readonly assertions: AssertionStore;
  readonly tokenKey: TokenKey;
}

/** The parameters of a token request (RFC 6749 §4.4.2, RFC 7523 §2.2). */
export interface TokenRequest {
  readonly grant_type: string;
  readonly client_assertion_type?: string | undefined;
  readonly client_assertion?: string | undefined;
  readonly client_id?: string | undefined;
  readonly scope?: string | undefined;
}

export interface IssuedToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly scopes: readonly string[];
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Authenticates the client of a token request by private_key_jwt.
 * @param issuer this platform's base URL; an assertion's audience is this or the token endpoint
 * @throws MyKeyError `grant-type-unsupported`, `client-authentication-failed`
 */
export async function authenticateTokenRequest(
  request: TokenRequest,
  issuer: string,
  { client: find, assertions }: TokenPorts,
  now: number,
): Promise<AuthenticatedClient> {
  if (request.grant_type !== 'client_credentials') {
    throw new MyKeyError('grant-type-unsupported', 'grant_type must be client_credentials');
  }
  if (request.client_assertion === undefined || request.client_assertion_type !== assertionType) {
    throw new MyKeyError(
      'client-authentication-failed',
      `send client_assertion and client_assertion_type ${assertionType}`,
    );
  }
  const rules = { audience: [issuer, `${issuer}/oauth2/token`], now };
  const proved = await authenticateClient(request.client_assertion, find, assertions, rules);
  if (request.client_id !== undefined && request.client_id !== proved.client.clientId) {
    throw new MyKeyError(
      'client-authentication-failed',
      'send the client_id of the assertion, or omit it',
    );
  }
  return proved;
}

/**
 * Issues an access token to a client whose service may be served, for scopes that it is permitted.
 * @throws MyKeyError `service-not-active`, `scope-unknown`
 */
export async function issueToken(
  { client, key }: AuthenticatedClient,
  scope: string | undefined,
  issuer: string,
  ports: TokenPorts,
  now: number,
): Promise<IssuedToken> {
  await requireServed(client, ports);
  const { clientId, serviceId } = client;
  const scopes = grantScopes(client, scope);
  const claims = { clientId, serviceId, keyThumbprint: keyThumbprint(key), scopes };
  const accessToken = await issueAccessToken(ports.tokenKey, claims, issuer, now);
  return { accessToken, expiresIn: tokenLifetime, scopes };
}

async function requireServed(client: Client, ports: TokenPorts): Promise<void> {
  if (client.clientId === ports.operatorClientId) return;
  const service = await ports.service(client.serviceId);
  if (service === undefined || !mayGetTokens(service.status, ports.production)) {
    throw new MyKeyError('service-not-active', `the service is ${service?.status ?? 'gone'}`);
  }
}

/** RFC 6749 §3.3; without a requested scope, all permitted scopes. */
function grantScopes(client: Client, asked: string | undefined): readonly string[] {
  if (asked === undefined) return client.scopes;
  const wanted = [...new Set(asked.split(' ').filter((scope) => scope !== ''))];
  if (wanted.length === 0 || !wanted.every((scope) => client.scopes.includes(scope))) {
    throw new MyKeyError('scope-unknown', `this client may have: ${client.scopes.join(' ')}`);
  }
  return wanted;
}
