import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from 'zod-openapi';
import type { ErrorCode } from '../../lambdas/errors.ts';
import { everywhere, problems } from '../../lambdas/platform/http/problems.ts';
import { problemSchema } from '../../lambdas/platform/http/schemas/problem.ts';
import { operations, scopes, type Operation } from '../operations.ts';
import { aboutCapability, exampleOf } from './examples.ts';
import {
  addExamples,
  problemExamples,
  problemReferences,
  type DescribedApi,
} from './openapi-examples.ts';

/**
 * The OpenAPI 3.1 document, generated from the validating schemas (input and output), with an
 * example of every operation and the cure for every code.
 */
export function openApiDocument(baseUrl: string): object {
  const document = createDocument(describeAll(baseUrl)) as unknown as DescribedApi;
  for (const operation of operations) addExamples(document, operation);
  document.components['examples'] = problemExamples(document, baseUrl);
  return document;
}

const describeAll = (baseUrl: string): ZodOpenApiObject => ({
  openapi: '3.1.1',
  info: {
    title: 'My Key Platform',
    version: '1',
    description:
      'Validates My Number Card certificates, gives every service its own pseudonymous identifier for a person, answers revocation in bulk. Errors are problem+json (RFC 9457) with a stable `code`; `type` opens a page with its meaning and cure, in English and Japanese. Every answer names its request in `X-Request-Id`.',
    'x-description-ja':
      'マイナンバーカードの証明書を検証し、サービスごとの仮名識別子を発行し、失効を一括で回答します。エラーは変わらない `code` を持つ problem+json（RFC 9457）で、`type` は意味と対処のページ（英語・日本語）です。どの応答も `X-Request-Id` を持ちます。説明文の詳細は英語です。',
    contact: { name: 'Operator of this platform', url: `${baseUrl}/` },
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: baseUrl }],
  tags: [...new Set(operations.map(({ capability }) => capability))].map((name) => ({
    name,
    description: aboutCapability(name),
    'x-description-ja': aboutCapability(name, 'aboutInJapanese'),
  })),
  paths: pathsOf(operations),
  components: {
    securitySchemes: {
      oauth: {
        type: 'oauth2',
        flows: {
          clientCredentials: {
            tokenUrl: `${baseUrl}/oauth2/token`,
            scopes: Object.fromEntries(scopes.map(({ name, description }) => [name, description])),
          },
        },
      },
      bearer: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description:
          'An access token of `POST /oauth2/token`; `npx mykey token` gets one. Swagger UI cannot create the client assertion: enter the token here to try calls.',
      },
    },
  },
});

function pathsOf(all: readonly Operation[]): NonNullable<ZodOpenApiObject['paths']> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of all) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describeOperation(operation);
  }
  return paths;
}

function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const { scope, mediaType = 'application/json' } = operation;
  return {
    operationId: operation.id,
    tags: [operation.capability],
    summary: operation.summary,
    'x-summary-ja': exampleOf(operation.id).summaryInJapanese,
    description: [
      ...(operation.description === undefined ? [] : [operation.description]),
      scope === 'public' ? 'Public.' : `Scope \`${scope.name}\`.`,
    ].join('\n\n'),
    security: scope === 'public' ? [] : [{ oauth: [scope.name] }, { bearer: [] }],
    requestParams: {
      ...(operation.pathParameters && { path: operation.pathParameters }),
      ...(operation.query && { query: operation.query }),
      ...(operation.idempotent && { header: problemSchema.idempotencyHeader }),
    },
    ...(operation.body && {
      requestBody: {
        required: !operation.body.safeParse(undefined).success,
        content: { [mediaType]: { schema: operation.body } },
      },
    }),
    responses: { ...successes(operation), ...failures(operation) },
  };
}

function successes(operation: Operation) {
  return Object.fromEntries(
    Object.entries(operation.responses).map(([status, { description, schema, mediaType }]) => [
      status,
      {
        description,
        ...((schema ?? mediaType) && {
          content: { [mediaType ?? 'application/json']: schema ? { schema } : {} },
        }),
      },
    ]),
  );
}

/** One response for each status, listing the codes that use it. */
function failures(operation: Operation) {
  const byStatus = Map.groupBy(codesOf(operation), (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('; '),
        content:
          operation.errorSchema !== undefined
            ? {
                'application/json': {
                  schema: operation.errorSchema,
                  examples: problemReferences(codes, true),
                },
              }
            : {
                'application/problem+json': {
                  schema: problemSchema.rfc9457,
                  examples: problemReferences(codes, false),
                },
              },
      },
    ]),
  );
}

/** Every code that a route can return. */
export function codesOf(operation: Operation): readonly ErrorCode[] {
  const { scope, maxBodyBytes } = operation;
  const general: ErrorCode[] = [
    ...(maxBodyBytes > 0 ? everywhere.body : []),
    ...(operation.pathParameters || operation.query ? (['request-invalid'] as const) : []),
    ...(scope === 'public' ? [] : everywhere.protected),
    ...everywhere.always,
  ];
  return [...new Set([...operation.problems, ...general])];
}
