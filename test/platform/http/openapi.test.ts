import { describe, expect, it } from '@jest/globals';
import { operations } from '../../../lib/operations.ts';
import { openApi } from '../../capabilities/openapi-contract.ts';

describe('Japanese summaries', () => {
  const isJapanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

  it('stand in the document for every operation and capability', () => {
    const described = Object.values(openApi.paths).flatMap((methods) => Object.values(methods));
    expect(described).toHaveLength(operations.length);
    for (const operation of described)
      expect(operation).toHaveProperty('x-summary-ja', expect.stringMatching(isJapanese));
    for (const tag of (openApi as unknown as { tags: readonly object[] }).tags)
      expect(tag).toHaveProperty('x-description-ja', expect.stringMatching(isJapanese));
  });
});

describe('the OpenAPI document', () => {
  it('describes every route of the catalogue once', () => {
    const described = Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(
      operations.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  it('asks for the scope of each protected route', () => {
    for (const { path, method, scope } of operations) {
      const { security } = openApi.paths[path]![method.toLowerCase()] as unknown as {
        security: unknown;
      };
      expect(security).toEqual(scope === 'public' ? [] : [{ oauth: [scope.name] }, { bearer: [] }]);
    }
  });

  // A rule of Spectral; docs/decisions/0016 says why Spectral itself does not run here.
  it('describes every parameter', () => {
    const undescribed = operations.flatMap(({ id, path, method }) => {
      const { parameters = [] } = openApi.paths[path]![method.toLowerCase()] as unknown as {
        parameters?: { readonly name: string; readonly description?: string }[];
      };
      return parameters.flatMap(({ name, description = '' }) =>
        description.length < 5 ? [`${id} ${name}`] : [],
      );
    });
    expect(undescribed).toEqual([]);
  });

  it('names the header and the codes of Idempotency-Key where a route takes it', () => {
    for (const { id, path, method, idempotent = false, problems } of operations) {
      const { parameters = [] } = openApi.paths[path]![method.toLowerCase()] as unknown as {
        parameters?: { in: string; name: string }[];
      };
      const header = parameters.some(({ name }) => name === 'Idempotency-Key');
      const codes = (['idempotency-key-reused', 'request-in-progress'] as const).map((code) =>
        (problems as readonly string[]).includes(code),
      );
      expect([id, header, ...codes]).toEqual([id, idempotent, idempotent, idempotent]);
    }
  });

  it('takes Idempotency-Key where something is made that would be there twice', () => {
    const taking = operations.filter(({ idempotent }) => idempotent).map(({ id }) => id);
    expect(taking).toEqual(['authenticate', 'create-job', 'propose-act', 'create-service']);
  });

  it('has patterns that generators of clients read: ECMA-262 without flags and lookbehind', () => {
    const patterns = allOf(openApi, 'pattern');
    expect(patterns.length).toBeGreaterThan(10);
    for (const pattern of patterns) {
      expect(pattern).not.toMatch(/\\p\{|\\u\{|\(\?<|\(\?[a-z-]+[:)]|\\[1-9]/);
      expect(() => new RegExp(pattern)).not.toThrow();
    }
  });

  it('takes no text without a rule', () => {
    const free = operations.flatMap(({ id, method, path }) => {
      const { requestBody } = openApi.paths[path]![method.toLowerCase()] as unknown as {
        requestBody?: { content: Record<string, { schema: object }> };
      };
      const schema = requestBody?.content['application/json']?.schema;
      return schema === undefined ? [] : freeTexts(schema).map((field) => `${id} ${field}`);
    });
    // Serials and a register's My Key IDs have rules of their own, by row; keys and proofs are read
    // whole, by their own messages.
    expect(free).toEqual([
      'import-library-links rows[].myKeyId',
      'check-revocations serials[]',
      'create-service jwks.proofs[]',
      'replace-service-jwks proofs[]',
    ]);
  });
});

function allOf(value: unknown, name: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === name && typeof member === 'string' ? [member] : allOf(member, name),
  );
}

/** Strings of a request's schema that nothing bounds but their length. */
function freeTexts(schema: unknown, at = ''): readonly string[] {
  const resolved = resolve(schema);
  const { type, properties = {}, items, anyOf = [], oneOf = [], allOf: all = [] } = resolved;
  if (type === 'string') {
    const ruled = ['pattern', 'enum', 'const', 'format', 'contentEncoding'];
    return ruled.some((rule) => rule in resolved) ? [] : [at];
  }
  const dotted = (name: string): string => (at === '' ? name : `${at}.${name}`);
  return [
    ...Object.entries(properties).flatMap(([name, member]) => freeTexts(member, dotted(name))),
    ...(items === undefined ? [] : freeTexts(items, `${at}[]`)),
    ...[...anyOf, ...oneOf, ...all].flatMap((member) => freeTexts(member, at)),
  ];
}

interface AnySchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly items?: unknown;
  readonly anyOf?: readonly unknown[];
  readonly oneOf?: readonly unknown[];
  readonly allOf?: readonly unknown[];
  readonly $ref?: string;
}

function resolve(schema: unknown): AnySchema {
  const { $ref, ...inline } = schema as AnySchema;
  if ($ref === undefined) return inline;
  const name = $ref.slice('#/components/schemas/'.length);
  return (openApi as unknown as { components: { schemas: Record<string, AnySchema> } }).components
    .schemas[name]!;
}
