/**
 * THE list of routes. CDK makes the REST API from it, the OpenAPI document is generated from it, the
 * handler stack enforces it. Plain data with no imports, so that every bundle can afford it; the
 * schemas of each route stand under the same id in `operations.ts`.
 */

/** What a client may be granted; the first two belong to the operator. */
export const scopes = {
  'services:write': 'Register services, change their status and keys',
  'services:read': 'Read services',
  'challenges:write': 'Create challenges',
  'authentications:write': 'Authenticate a card and get the PPID',
  'certificates:validate': 'Validate certificates',
  'attributes:read': 'Ask whether the attributes of a person changed',
  'revocations:read': 'Check serials in bulk, read the age of the lists',
  'jobs:write': 'Run bulk jobs',
} as const;

export type Scope = keyof typeof scopes;

export interface Route {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** REST API resource path, parameters in braces. */
  readonly path: string;
  /** The deployed function: `lambdas/capabilities/<function>/entry.ts`. */
  readonly function: string;
  readonly scope: Scope | 'public';
  /** Largest body in bytes; 0: the route has none. */
  readonly maxBodyBytes: number;
  /** Accepts `Idempotency-Key`; its function needs the sessions table. */
  readonly idempotent?: true;
  /** The body's media type, `application/json` when absent. */
  readonly mediaType?: 'application/x-www-form-urlencoded';
}

// A JPKI certificate is about 1.5 KiB and a P-384 or RSA-4096 chain of five under 16 KiB; base64 adds a third.
const certificates = 64 * 1024;
const small = 16 * 1024;
// Lambda's synchronous payload is 6 MiB with the event around the body.
const bulk = 5_500_000;

export const routes = [
  {
    id: 'get-token',
    method: 'POST',
    path: '/oauth2/token',
    function: 'tokens',
    scope: 'public',
    maxBodyBytes: small,
    mediaType: 'application/x-www-form-urlencoded',
  },
  {
    id: 'get-token-keys',
    method: 'GET',
    path: '/.well-known/jwks.json',
    function: 'tokens',
    scope: 'public',
    maxBodyBytes: 0,
  },
  {
    id: 'get-server-metadata',
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    function: 'tokens',
    scope: 'public',
    maxBodyBytes: 0,
  },
  {
    id: 'create-service',
    method: 'POST',
    path: '/v1/services',
    function: 'services',
    scope: 'services:write',
    maxBodyBytes: small,
    idempotent: true,
  },
  {
    id: 'get-service',
    method: 'GET',
    path: '/v1/services/{serviceId}',
    function: 'services',
    scope: 'services:read',
    maxBodyBytes: 0,
  },
  {
    id: 'change-service-status',
    method: 'PUT',
    path: '/v1/services/{serviceId}/status',
    function: 'services',
    scope: 'services:write',
    maxBodyBytes: small,
  },
  {
    id: 'get-service-jwks',
    method: 'GET',
    path: '/v1/services/{serviceId}/jwks',
    function: 'services',
    scope: 'services:read',
    maxBodyBytes: 0,
  },
  {
    id: 'replace-service-jwks',
    method: 'PUT',
    path: '/v1/services/{serviceId}/jwks',
    function: 'services',
    scope: 'services:write',
    maxBodyBytes: small,
  },
  {
    id: 'create-challenge',
    method: 'POST',
    path: '/v1/challenges',
    function: 'challenges',
    scope: 'challenges:write',
    maxBodyBytes: small,
  },
  {
    id: 'authenticate',
    method: 'POST',
    path: '/v1/authentications',
    function: 'authentications',
    scope: 'authentications:write',
    maxBodyBytes: certificates,
    idempotent: true,
  },
  {
    id: 'validate-certificate',
    method: 'POST',
    path: '/v1/certificates/validate',
    function: 'certificates',
    scope: 'certificates:validate',
    maxBodyBytes: certificates,
  },
  {
    id: 'check-attributes',
    method: 'POST',
    path: '/v1/attribute-status',
    function: 'attribute-status',
    scope: 'attributes:read',
    maxBodyBytes: small,
  },
  {
    id: 'check-revocations',
    method: 'POST',
    path: '/v1/revocations/check',
    function: 'revocation-checks',
    scope: 'revocations:read',
    maxBodyBytes: bulk,
  },
  {
    id: 'list-revocation-sources',
    method: 'GET',
    path: '/v1/revocations/sources',
    function: 'revocation-checks',
    scope: 'revocations:read',
    maxBodyBytes: 0,
  },
  {
    id: 'create-job',
    method: 'POST',
    path: '/v1/revocations/jobs',
    function: 'jobs',
    scope: 'jobs:write',
    maxBodyBytes: small,
    idempotent: true,
  },
  {
    id: 'get-job',
    method: 'GET',
    path: '/v1/revocations/jobs/{jobId}',
    function: 'jobs',
    scope: 'jobs:write',
    maxBodyBytes: 0,
  },
  {
    id: 'start-job',
    method: 'POST',
    path: '/v1/revocations/jobs/{jobId}/start',
    function: 'jobs',
    scope: 'jobs:write',
    maxBodyBytes: small,
  },
  {
    id: 'cancel-job',
    method: 'DELETE',
    path: '/v1/revocations/jobs/{jobId}',
    function: 'jobs',
    scope: 'jobs:write',
    maxBodyBytes: 0,
  },
  {
    id: 'get-status',
    method: 'GET',
    path: '/v1/status',
    function: 'status',
    scope: 'public',
    maxBodyBytes: 0,
  },
  {
    id: 'get-openapi',
    method: 'GET',
    path: '/openapi.json',
    function: 'status',
    scope: 'public',
    maxBodyBytes: 0,
  },
  {
    id: 'get-docs',
    method: 'GET',
    path: '/docs',
    function: 'status',
    scope: 'public',
    maxBodyBytes: 0,
  },
] as const satisfies readonly Route[];

export type OperationId = (typeof routes)[number]['id'];
export type FunctionName = (typeof routes)[number]['function'];

/** The route of an operation. */
export const routeOf = (id: OperationId): Route => routes.find((route) => route.id === id)!;
