import * as z from 'zod';
import { assurance } from './assurance.ts';
import { byValueOnly } from './client-jwks.ts';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { encryptionKey, encryptionKeyInput } from './encryption-key.ts';
import { serviceLimits } from './limits.ts';
import {
  id,
  label,
  name,
  serviceIdPath,
  timestamp,
} from '../../platform/http/schemas/field-formats.ts';

export const servicesWrite = {
  name: 'services:write',
  description: 'Register services and change their status and keys',
  grantedTo: ['operator'],
} as const satisfies Scope;

export const servicesRead = {
  name: 'services:read',
  description: 'Read services: the operator reads all, a client its own',
  grantedTo: ['operator', 'library', 'type1', 'type2'],
} as const satisfies Scope;

export const keysWrite = {
  name: 'keys:write',
  description: 'Replace client keys: the operator those of any service, a client its own',
  grantedTo: ['operator', 'library', 'type1', 'type2'],
} as const satisfies Scope;

export const serviceType = z.enum(['library', 'type1', 'type2']).meta({
  description:
    'Library, Type 1 (counters; needs the confidentiality pledge) or Type 2 (any use, including remote)',
});

export const serviceStatus = z.enum(['applied', 'testing', 'active', 'suspended', 'retired']);

/** Validated as a whole in `client-jwks.ts`, whose messages state the correction. */
const jwksInput = z
  .looseObject({}, { error: 'send an object, a JWK Set: { "keys": [ … ] }' })
  .meta({
    id: 'JwksInput',
    override: {
      type: 'object',
      required: ['keys'],
      properties: {
        keys: { type: 'array', items: { type: 'object' }, minItems: 1, maxItems: 8 },
        proofs: {
          type: 'array',
          items: { type: 'string' },
          maxItems: 8,
          description:
            'For each key that is new to the service a JWT that it signed: header typ `mykey-key-proof+jwt`, alg, kid; claims aud (the issuer), sub (the service’s id; at registration its name), iat, exp, jkts (RFC 7638 thumbprints of all keys of the set)',
        },
      },
    },
    description:
      'Public keys only, by value: EC P-256 or P-384, RSA of 2048 bits or more; at most 8. `kid` is the RFC 7638 thumbprint when absent.',
  });

const ignoredKeys = z.array(z.string()).meta({
  description: 'Ignored keys and members of the set, by position, with the reason; not stored',
});

export const jwks = z
  .object({
    ignored: ignoredKeys.optional(),
    keys: z.array(
      z.object({
        kty: z.enum(['EC', 'RSA']),
        kid: z.string(),
        alg: z.string().optional(),
        use: z.literal('sig'),
        crv: z.string().optional(),
        x: z.string().optional(),
        y: z.string().optional(),
        n: z.string().optional(),
        e: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Jwks' });

const grants = z
  .array(
    z
      .string()
      .max(64)
      .regex(/^[a-z-]+:[a-z]+$/),
  )
  .max(16)
  .meta({
    description:
      'Scopes in addition to those of its type: Type 1 `revocations:check`, `revocation-reasons:read`, `jobs:write`; Type 2 `revocation-reasons:read`',
  });

const checkedIdentifiersPerDay = z
  .int()
  .min(1)
  .max(serviceLimits.checkedIdentifiersPerDayMost)
  .meta({
    description:
      'Serials in bulk checks and jobs together, from midnight to midnight (UTC); absent: the number of the deployment',
  });

const pledgeReceived = z
  .strictObject({
    documentSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ description: 'SHA-256 of the signed document, lower-case hex' }),
    version: label('Version of the pledge’s text'),
    signerRole: name('The signer’s office, not the signer’s name'),
    signedOn: z.iso.date().meta({ description: 'Date of the signature' }),
  })
  .meta({
    id: 'PledgeReceived',
    description: 'Type 1: a confidentiality pledge that was received; required beyond `applied`',
  });

const pledges = z.array(
  z.object({
    documentSha256: z.string(),
    version: z.string(),
    signerRole: z.string(),
    signedOn: z.string(),
    recordedAt: timestamp('Recorded'),
  }),
);

/** RFC 6454 §6.1; http on loopback, for the sandbox. */
const origin = z
  .string()
  .max(255)
  .regex(/^https?:\/\/[A-Za-z0-9.:[\]-]+$/)
  .refine(isOrigin, {
    error: 'send an origin as browsers write it, e.g. https://counter.example',
  });

const returnUrl = z
  .string()
  .max(512)
  .regex(/^https?:\/\/[!-~]+$/)
  .refine(isReturnUrl, {
    error: 'send an absolute https URL without user name and fragment',
  });

const counterTerms = z
  .strictObject({
    minimumAssurance: assurance.meta({
      description:
        '`card-signature`: only readings with the PIN. `chip-presence`: also cards held without a PIN',
    }),
    supervised: z.boolean().default(false).meta({
      description:
        'Registered for face-to-face use under supervision: cards may be held without a PIN',
    }),
    holdsPerDay: z
      .int()
      .min(1)
      .max(serviceLimits.holdsPerDayMost)
      .default(serviceLimits.holdsPerDay)
      .meta({ description: 'Cards held without a PIN on one day (UTC), whatever the outcome' }),
    origins: z.array(origin).max(serviceLimits.origins).default([]).meta({
      description: 'Origins that may open the reading screen in a frame or window',
    }),
    returnUrls: z.array(returnUrl).max(serviceLimits.origins).default([]).meta({
      description: 'URLs to which the reading screen may return, compared as text',
    }),
  })
  .meta({ id: 'CounterTerms' });

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.origin === text && isSafe(url);
}

function isReturnUrl(text: string): boolean {
  const url = URL.parse(text);
  const { username = '', password = '', hash = '' } = url ?? {};
  return url !== null && isSafe(url) && username + password + hash === '' && !text.includes('#');
}

const isSafe = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' ||
  (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));

/** Error for a request with the member names of dynamic client registration (RFC 7591 §2). */
function misplacedKeys(issue: { readonly code?: string; readonly keys?: unknown }) {
  const keys = issue.code === 'unrecognized_keys' ? (issue.keys as readonly string[]) : [];
  if (keys.includes('jwks_uri')) return byValueOnly;
  if (['jwk', 'keys', 'kty'].some((key) => keys.includes(key))) {
    return 'send the public keys as "jwks": { "keys": [ … ] }';
  }
  return undefined;
}

export const createServiceRequest = z
  .strictObject(
    {
      organisation: z.union([
        z.strictObject({ name: name('Display name of the organisation') }),
        z.strictObject({ organisationId: id('Id of an existing organisation') }),
      ]),
      name: name('Display name of the service'),
      type: serviceType,
      jwks: jwksInput,
      grants: grants.optional(),
      status: z.enum(['applied', 'testing', 'active']).default('applied').meta({
        description: 'Initial status; a status beyond `applied` implies approval by the operator',
      }),
      pledge: pledgeReceived.optional(),
      counter: counterTerms.optional(),
    },
    { error: (issue) => misplacedKeys(issue) },
  )
  .meta({ id: 'CreateServiceRequest' });

export const service = z
  .object({
    serviceId: z.string(),
    organisationId: z.string(),
    name: z.string(),
    type: serviceType,
    status: serviceStatus,
    ignoredKeys: ignoredKeys.optional(),
    sectorId: z
      .string()
      .meta({ description: 'The sector for which PPIDs are computed; immutable' }),
    clients: z.array(z.object({ clientId: z.string(), scopes: z.array(z.string()) })),
    pledges: pledges.optional().meta({ description: 'Confidentiality pledges, oldest first' }),
    counter: counterTerms.optional().meta({ description: 'Terms for reading cards at counters' }),
    encryptionKey: encryptionKey.optional(),
    checkedIdentifiersPerDay: checkedIdentifiersPerDay.optional(),
    createdAt: timestamp('Registered'),
    updatedAt: timestamp('Last change'),
  })
  .meta({ id: 'Service' });

export const createService = {
  id: 'create-service',
  method: 'POST',
  path: '/v1/services',
  scope: servicesWrite,
  maxBodyBytes: bodyLimits.fields,
  idempotent: true,
  summary: 'Register a service',
  description:
    'Creates the service with its first client, and a new organisation unless `organisationId` is given.',
  body: createServiceRequest,
  responses: { 201: { description: 'Registered', schema: service } },
  problems: [
    'jwks-invalid',
    'service-exists',
    'organisation-not-found',
    'organisation-exists',
    'service-pledge-missing',
    'client-keys-used-up',
    'client-key-taken',
    'scope-unknown',
    'service-form-wrong',
    'idempotency-key-reused',
    'request-in-progress',
  ],
} as const satisfies OperationContract;

export const getService = {
  id: 'get-service',
  method: 'GET',
  path: '/v1/services/{serviceId}',
  scope: servicesRead,
  maxBodyBytes: 0,
  summary: 'Read a service',
  pathParameters: serviceIdPath,
  responses: { 200: { description: 'The service', schema: service } },
  problems: ['service-not-found'],
} as const satisfies OperationContract;

export const listServices = {
  id: 'list-services',
  method: 'GET',
  path: '/v1/services',
  scope: servicesRead,
  maxBodyBytes: 0,
  summary: 'List services and their organisations',
  description:
    'The operator sees all, a client its own service. Unordered; `next` is the cursor of the next page.',
  query: z.object({
    cursor: id('The cursor').optional().meta({ description: '`next` of the previous page' }),
    limit: z
      .string()
      .regex(/^([1-9]\d?|100)$/, { error: 'from 1 to 100' })
      .optional()
      .meta({ description: 'Services per page, at most 100; 50 by default' }),
  }),
  responses: {
    200: {
      description: 'A page',
      schema: z
        .object({
          services: z.array(
            z.object({
              serviceId: z.string(),
              name: z.string(),
              type: serviceType,
              status: serviceStatus,
              organisation: z.object({ organisationId: z.string(), name: z.string() }),
            }),
          ),
          next: z.string().optional().meta({ description: 'Absent on the last page' }),
        })
        .meta({ id: 'ServiceList' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const changeServiceStatus = {
  id: 'change-service-status',
  method: 'PUT',
  path: '/v1/services/{serviceId}/status',
  scope: servicesWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Move a service through its life cycle',
  description: 'applied → testing → active ⇄ suspended → retired. Takes effect within 60 seconds.',
  pathParameters: serviceIdPath,
  body: z
    .strictObject({
      status: serviceStatus,
      pledge: pledgeReceived.optional(),
    })
    .meta({ id: 'ChangeServiceStatusRequest' }),
  responses: { 200: { description: 'The current service', schema: service } },
  problems: [
    'service-not-found',
    'service-transition-invalid',
    'service-pledge-missing',
    'client-keys-used-up',
  ],
} as const satisfies OperationContract;

export const changeServiceGrants = {
  id: 'change-service-grants',
  method: 'PUT',
  path: '/v1/services/{serviceId}/grants',
  scope: servicesWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Grant scopes in addition to those of the type',
  description:
    'Replaces what the client may ask for: the scopes that its form has now, and these; and how many serials a day. Tokens that are issued keep their scopes for their ten minutes; the number takes effect within 60 seconds.',
  pathParameters: serviceIdPath,
  body: z
    .strictObject({ grants, checkedIdentifiersPerDay: checkedIdentifiersPerDay.optional() })
    .meta({ id: 'ChangeServiceGrantsRequest' }),
  responses: { 200: { description: 'The service as it is now', schema: service } },
  problems: ['service-not-found', 'scope-unknown', 'service-transition-invalid'],
} as const satisfies OperationContract;

export const changeCounterTerms = {
  id: 'change-counter-terms',
  method: 'PUT',
  path: '/v1/services/{serviceId}/counter',
  scope: servicesWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Register the terms under which a Type 1 service reads cards',
  description:
    'Replaces the terms. Reading sessions that are open keep the terms of their opening.',
  pathParameters: serviceIdPath,
  body: counterTerms,
  responses: { 200: { description: 'The current service', schema: service } },
  problems: ['service-not-found', 'service-form-wrong', 'service-transition-invalid'],
} as const satisfies OperationContract;

export const replaceEncryptionKey = {
  id: 'replace-encryption-key',
  method: 'PUT',
  path: '/v1/services/{serviceId}/encryption-key',
  scope: keysWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Register the key to which the four attributes are encrypted',
  description:
    'Type 1. The private key stays with the service; the platform cannot decrypt. Keep the previous private key for fifteen minutes: reading sessions that are open use it.',
  pathParameters: serviceIdPath,
  body: encryptionKeyInput,
  responses: { 200: { description: 'The key as stored', schema: encryptionKey } },
  problems: ['service-not-found', 'service-form-wrong', 'service-transition-invalid'],
} as const satisfies OperationContract;

export const getServiceJwks = {
  id: 'get-service-jwks',
  method: 'GET',
  path: '/v1/services/{serviceId}/jwks',
  scope: servicesRead,
  maxBodyBytes: 0,
  summary: "Read the service's client keys",
  pathParameters: serviceIdPath,
  responses: { 200: { description: 'JWK Set', schema: jwks } },
  problems: ['service-not-found'],
} as const satisfies OperationContract;

export const replaceServiceJwks = {
  id: 'replace-service-jwks',
  method: 'PUT',
  path: '/v1/services/{serviceId}/jwks',
  scope: keysWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: "Replace the service's client keys",
  description: 'Replaces the whole set: send both the old and the new key during a rollover.',
  pathParameters: serviceIdPath,
  body: jwksInput,
  responses: { 200: { description: 'JWK Set as stored', schema: jwks } },
  problems: ['service-not-found', 'jwks-invalid', 'client-key-taken', 'service-transition-invalid'],
} as const satisfies OperationContract;
