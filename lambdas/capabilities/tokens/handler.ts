import { functionHandler } from '../../platform/http/function-handler.ts';
import { publicJwks } from './access-token.ts';
import { assertionAlgorithms } from './client-assertion.ts';
import { claimedClient } from './claimed-client.ts';
import { oauthError } from './oauth-error.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import type { Scope } from '../../platform/http/scope.ts';
import {
  authenticateTokenRequest,
  issueToken,
  type IssuedToken,
  type TokenPorts,
} from './operation.ts';
import { getServerMetadata, getToken, getTokenKeys } from './contract.ts';

export interface TokensDependencies extends TokenPorts {
  /** All scopes of the API, for the metadata (RFC 8414 §2). */
  readonly scopes: readonly Scope[];
}

export function tokensHandler(dependencies: TokensDependencies, settings: HttpSettings) {
  const token = operationHandler(
    getToken,
    async ({ body, baseUrl, now, note }) => {
      // The log line names the claimed client even if authentication or issuance fails.
      if (body.client_assertion !== undefined)
        note({ claimedClientId: claimedClient(body.client_assertion) });
      const proved = await authenticateTokenRequest(body, baseUrl, dependencies, now);
      note({ clientId: proved.client.clientId, serviceId: proved.client.serviceId });
      const issued = await issueToken(proved, body.scope, baseUrl, dependencies, now);
      return { status: 200, body: tokenJson(issued), headers: { Pragma: 'no-cache' } };
    },
    { ...settings, errorShape: oauthError },
  );

  const keys = operationHandler(
    getTokenKeys,
    async () => ({
      status: 200,
      body: { keys: await publicJwks(dependencies.tokenKey) },
      // Public and fetched by every verifier. A new key is published for longer than this hour
      // before use.
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
      body: metadataOf(baseUrl, dependencies.scopes),
      headers: { 'Cache-Control': 'public, max-age=3600' },
    }),
    settings,
  );

  return functionHandler(token, keys, metadata);
}

/** RFC 6749 §5.1. */
const tokenJson = ({ accessToken, expiresIn, scopes }: IssuedToken) => ({
  access_token: accessToken,
  token_type: 'Bearer',
  expires_in: expiresIn,
  scope: scopes.join(' '),
});

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
