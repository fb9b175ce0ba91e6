import { expect } from '@jest/globals';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { codesOf, openApiDocument } from '../../lib/documentation/openapi.ts';
import { operationOf, type Operation } from '../../lib/operations.ts';

interface Document {
  readonly paths: Record<
    string,
    Record<
      string,
      { readonly responses: Record<string, { readonly content?: Record<string, object> }> }
    >
  >;
}

const document = openApiDocument('https://platform.example/v') as Document & AnySchema;
const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as { default: (ajv: Ajv2020) => void }).default(ajv);
// RFC 4648 §5; the schemas of the reader's protocol use it.
ajv.addFormat('base64url', /^[\w-]*$/);
ajv.addSchema(document, 'openapi');

/** An answer must be one that the published document describes: status, media type and body. */
export function expectAsPublished(id: string, result: APIGatewayProxyResult): void {
  const operation = operationOf(id);
  const { method, path } = operation;
  const status = String(result.statusCode);
  const described = document.paths[path]![method.toLowerCase()]!.responses[status];
  expect([id, status, described === undefined ? 'undocumented' : 'documented']).toEqual([
    id,
    status,
    'documented',
  ]);
  expectCodeAsPublished(operation, result.body);
  const mediaType = String(result.headers?.['Content-Type']).split(';')[0]!;
  const published = Object.keys(described!.content ?? {});
  if (published.length === 0) return;
  const type = published.includes(mediaType) ? mediaType : published[0]!;
  const pointer = [
    'paths',
    path,
    method.toLowerCase(),
    'responses',
    status,
    'content',
    type,
    'schema',
  ];
  const validate = ajv.compile({ $ref: `openapi#/${pointer.map(step).join('/')}` });
  validate(JSON.parse(result.body));
  expect(validate.errors ?? []).toEqual([]);
}

/** A refusal's code must be one that the contract of the route names. */
function expectCodeAsPublished(operation: Operation, body: string): void {
  const { code, verdict } = (body.startsWith('{') ? JSON.parse(body) : {}) as {
    code?: string;
    verdict?: string;
  };
  if (code === undefined) return;
  globalThis.codeEmitted?.(code);
  if (verdict === undefined) expect(codesOf(operation)).toContain(code);
}

/** RFC 6901 §3 and §6. */
const step = (text: string): string =>
  encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));

export { document as openApi };
