import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from 'zod-openapi';
import type { ErrorCode } from '../../errors.ts';
import { operations, type Operation } from './operations.ts';
import { everywhere, problems } from './problems.ts';
import { scopes } from './routes.ts';
import { problemSchema } from './schemas/problem.ts';

/** The OpenAPI 3.1 document, from the schemas that check the requests. */
export const openApiDocument = (baseUrl: string): object =>
  createDocument({
    openapi: '3.1.1',
    info: {
      title: 'My Key Platform',
      version: '1',
      description:
        'Validates My Number Card certificates, gives every service its own pseudonymous identifier for a person, answers revocation in bulk. Errors are problem+json (RFC 9457) with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: baseUrl }],
    tags: [...new Set(operations.map((operation) => operation.function))].map((name) => ({ name })),
    paths: pathsOf(operations),
    components: {
      securitySchemes: {
        oauth: {
          type: 'oauth2',
          flows: {
            clientCredentials: { tokenUrl: `${baseUrl}/oauth2/token`, scopes: { ...scopes } },
          },
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
  const { contract, mediaType = 'application/json' } = operation;
  return {
    operationId: operation.id,
    tags: [operation.function],
    summary: contract.summary,
    ...(contract.description === undefined ? {} : { description: contract.description }),
    security: operation.scope === 'public' ? [] : [{ oauth: [operation.scope] }],
    requestParams: {
      ...(contract.pathParameters && { path: contract.pathParameters }),
      ...(contract.query && { query: contract.query }),
      ...(operation.idempotent && { header: problemSchema.idempotencyHeader }),
    },
    ...(contract.body && {
      requestBody: {
        required: !contract.body.safeParse(undefined).success,
        content: { [mediaType]: { schema: contract.body } },
      },
    }),
    responses: { ...successes(operation), ...failures(operation) },
  };
}

function successes({ contract }: Operation) {
  return Object.fromEntries(
    Object.entries(contract.responses).map(([status, { description, schema, mediaType }]) => [
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

/** One answer for each status, naming the codes that come with it. */
function failures(operation: Operation) {
  const byStatus = Map.groupBy(codesOf(operation), (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('; '),
        content:
          operation.id === 'get-token'
            ? { 'application/json': { schema: problemSchema.oauth } }
            : { 'application/problem+json': { schema: problemSchema.rfc9457 } },
      },
    ]),
  );
}

/** Every code that a route can give. */
export function codesOf({ contract, scope, maxBodyBytes }: Operation): readonly ErrorCode[] {
  const general: ErrorCode[] = [
    ...(maxBodyBytes > 0 ? everywhere.body : []),
    ...(contract.pathParameters || contract.query ? (['request-invalid'] as const) : []),
    ...(scope === 'public' ? [] : everywhere.protected),
    ...everywhere.always,
  ];
  return [...new Set([...contract.problems, ...general])];
}
