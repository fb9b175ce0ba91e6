import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import { problemCode } from '../../platform/http/schemas/problem.ts';

/** VSCHAR of RFC 6749 appendix A: the characters of every parameter, a blank excluded. */
const visible = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[!-~]*$/, { error: 'send visible ASCII characters only' });

export const tokenRequest = z
  .object({
    grant_type: visible(128).meta({ description: '`client_credentials`' }),
    client_assertion_type: visible(128)
      .optional()
      .meta({ description: '`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`' }),
    client_assertion: visible(8192).optional().meta({
      description:
        'JWT (RFC 7523): iss = sub = client id, aud = issuer or token endpoint, exp at most 5 minutes ahead, jti not used before',
    }),
    client_id: visible(64).optional(),
    scope: z
      .string()
      .max(512)
      .regex(/^[ !#-[\]-~]*$/, { error: 'send scope names separated by blanks' })
      .optional()
      .meta({ description: 'Space-separated; absent: all permitted scopes' }),
  })
  .meta({ id: 'TokenRequest' });

export const tokenResponse = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds' }),
    scope: z.string(),
  })
  .meta({ id: 'TokenResponse' });

/** RFC 6749 §5.2 error response with our `code` as an additional member. */
const oauthError = z
  .object({
    error: z.string(),
    error_description: z.string(),
    error_uri: z.url().meta({ description: 'URL of a page with the meaning and the cure' }),
    code: problemCode,
    instance: z.string().optional().meta({ description: 'urn:mykey:request:<request id>' }),
  })
  .meta({ id: 'OauthError' });

export const getToken = {
  id: 'get-token',
  method: 'POST',
  path: '/oauth2/token',
  scope: 'public',
  maxBodyBytes: bodyLimits.fields,
  mediaType: 'application/x-www-form-urlencoded',
  summary: 'Get an access token',
  description: 'Client credentials with private_key_jwt (RFC 6749 §4.4, RFC 7523).',
  body: tokenRequest,
  responses: { 200: { description: 'Access token (RFC 9068)', schema: tokenResponse } },
  problems: [
    'client-authentication-failed',
    'grant-type-unsupported',
    'scope-unknown',
    'service-not-active',
  ],
  errorSchema: oauthError,
} as const satisfies OperationContract;

export const getTokenKeys = {
  id: 'get-token-keys',
  method: 'GET',
  path: '/.well-known/jwks.json',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'The keys that sign access tokens',
  responses: {
    200: {
      description: 'JWK Set (RFC 7517)',
      mediaType: 'application/jwk-set+json',
      schema: z
        .object({ keys: z.array(z.record(z.string(), z.unknown())) })
        .meta({ id: 'TokenKeys' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const getServerMetadata = {
  id: 'get-server-metadata',
  method: 'GET',
  path: '/.well-known/oauth-authorization-server',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'Authorization server metadata',
  responses: {
    200: {
      description: 'RFC 8414',
      schema: z
        .looseObject({ issuer: z.string(), token_endpoint: z.string(), jwks_uri: z.string() })
        .meta({ id: 'ServerMetadata' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;
