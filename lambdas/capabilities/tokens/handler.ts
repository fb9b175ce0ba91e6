import type { AssertionStore } from './assertion-store.ts';
import type { TokenKey } from './token-key.ts';
import { MyKeyError } from '../../errors.ts';
import { keyThumbprint } from '../services/client-jwks.ts';
import { mayGetTokens } from '../services/service-rights.ts';
import type { Client, Service } from '../services/service.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { issueAccessToken, publicJwks, tokenLifetime } from './access-token.ts';
import { assertionAlgorithms, authenticateClient } from './client-assertion.ts';
import { claimedClient } from './claimed-client.ts';
import { oauthError } from './oauth-error.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { getServerMetadata, getToken, getTokenKeys } from './contract.ts';

export interface OauthWorld {
  /** The client; the operator's comes with the deployment. */
  readonly client: (clientId: string) => Promise<Client | undefined>;
  /** Undefined for the operator, who is no service. */
  readonly service: (serviceId: string) => Promise<Service | undefined>;
  readonly operatorClientId: string;
  /** Every scope of the API, for the metadata (RFC 8414 §2). */
  readonly scopes: readonly Scope[];
  /** Production gives no tokens to services under test. */
  readonly production: boolean;
  readonly assertions: AssertionStore;
  readonly tokenKey: TokenKey;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export function oauthHandler(world: OauthWorld, settings: HttpSettings) {
  const token = operationHandler(
    getToken,
    async ({ body, baseUrl, now, note }) => {
      if (body.grant_type !== 'client_credentials') {
        throw new MyKeyError('grant-type-unsupported', 'grant_type must be client_credentials');
      }
      if (body.client_assertion === undefined || body.client_assertion_type !== assertionType) {
        throw new MyKeyError(
          'client-authentication-failed',
          `send client_assertion and client_assertion_type ${assertionType}`,
        );
      }
      note({ claimedClientId: claimedClient(body.client_assertion) });
      const audience = [baseUrl, `${baseUrl}/oauth2/token`];
      const rules = { audience, now };
      const { client, key } = await authenticateClient(
        body.client_assertion,
        world.client,
        world.assertions,
        rules,
      );
      note({ clientId: client.clientId, serviceId: client.serviceId });
      if (body.client_id !== undefined && body.client_id !== client.clientId) {
        throw new MyKeyError(
          'client-authentication-failed',
          'client_id is not the one of the assertion',
        );
      }
      await requireServed(world, client);
      const granted = grantScopes(client, body.scope);
      const { clientId, serviceId } = client;
      return {
        status: 200,
        body: {
          access_token: await issueAccessToken(
            world.tokenKey,
            { clientId, serviceId, keyThumbprint: keyThumbprint(key), scopes: granted },
            baseUrl,
            now,
          ),
          token_type: 'Bearer',
          expires_in: tokenLifetime,
          scope: granted.join(' '),
        },
        headers: { Pragma: 'no-cache' },
      };
    },
    { ...settings, errorShape: oauthError },
  );

  const keys = operationHandler(
    getTokenKeys,
    async () => ({
      status: 200,
      body: { keys: await publicJwks(world.tokenKey) },
      // Public, and asked for by every verifier; an hour is how long a new key is published before use.
      headers: {
        'Cache-Control': 'public, max-age=3600',
        'Content-Type': 'application/jwk-set+json',
      },
    }),
    settings,
  );

  const metadata = operationHandler(
    getServerMetadata,
    async ({ baseUrl }) => ({
      status: 200,
      body: metadataOf(baseUrl, world.scopes),
      headers: { 'Cache-Control': 'public, max-age=3600' },
    }),
    settings,
  );

  return functionHandler(token, keys, metadata);
}

async function requireServed(world: OauthWorld, client: Client): Promise<void> {
  if (client.clientId === world.operatorClientId) return;
  const service = await world.service(client.serviceId);
  if (service === undefined || !mayGetTokens(service.status, world.production)) {
    throw new MyKeyError('service-not-active', `the service is ${service?.status ?? 'gone'}`);
  }
}

/** RFC 6749 §3.3; none asked for: all that are granted. */
function grantScopes(client: Client, asked: string | undefined): readonly string[] {
  if (asked === undefined) return client.scopes;
  const wanted = [...new Set(asked.split(' ').filter((scope) => scope !== ''))];
  if (wanted.length === 0 || !wanted.every((scope) => client.scopes.includes(scope))) {
    throw new MyKeyError('scope-unknown', `this client may have: ${client.scopes.join(' ')}`);
  }
  return wanted;
}

/** RFC 8414 §2. */
const metadataOf = (issuer: string, scopes: readonly Scope[]) => ({
  issuer,
  token_endpoint: `${issuer}/oauth2/token`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  scopes_supported: scopes.map(({ name }) => name),
  response_types_supported: [],
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  service_documentation: `${issuer}/docs`,
});
