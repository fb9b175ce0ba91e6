import { describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { ErrorCode } from '../../../lambdas/errors.ts';
import { exampleOf, legendOf } from '../../../lib/documentation/examples.ts';
import { codesOf, openApiDocument } from '../../../lib/documentation/openapi.ts';
import { problemTexts } from '../../../lib/documentation/problem-texts.ts';
import { operations } from '../../../lib/operations.ts';

interface Described {
  readonly description: string;
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<string, { readonly content?: Record<string, Media> }>;
}
interface Media {
  readonly examples?: Record<string, { $ref?: string; value?: unknown; description?: string }>;
}

const document = openApiDocument('https://platform.example.jp/v') as {
  readonly info: { readonly contact: object };
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: {
    readonly examples: Record<string, { description: string; value: Record<string, unknown> }>;
    readonly schemas: Record<string, { readonly enum?: readonly string[] }>;
  };
};

const shownIn = (content?: Record<string, Media>): unknown[] =>
  Object.values(content ?? {}).map(({ examples }) => examples?.['example']?.value);

describe('the OpenAPI document', () => {
  it('breaks no rule of the recommended set, the examples against their schemas among them', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const found = await lintFromString({ source: JSON.stringify(document), config });
    expect(
      found.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]),
    ).toEqual([]);
  }, 60_000);

  it.each(operations)('shows a request and an answer of $id', (operation) => {
    const { id, path, method, body, responses } = operation;
    const described = document.paths[path]![method.toLowerCase()]!;
    const { request, response } = exampleOf(id);
    if (body !== undefined) expect(shownIn(described.requestBody?.content)).toEqual([request]);
    const [success] = Object.keys(responses);
    expect(shownIn(described.responses[success!]!.content)).toEqual([response]);
    expect(described.description).not.toBe('');
  });

  it.each(operations)('shows every code of $id with its cure', (operation) => {
    const { path, method } = operation;
    const { responses } = document.paths[path]![method.toLowerCase()]!;
    const shown = Object.values(responses)
      .flatMap(({ content = {} }) => Object.values(content))
      .flatMap(({ examples = {} }) => Object.values(examples))
      .flatMap(({ $ref }) => ($ref === undefined ? [] : [$ref.split('/').at(-1)!]))
      .map((name) => document.components.examples[name]!);
    expect(new Set(shown.map(({ value }) => value['code']))).toEqual(new Set(codesOf(operation)));
    for (const { description, value } of shown)
      expect(description).toContain(problemTexts[value['code'] as ErrorCode].cure);
  });

  it('explains each placeholder where it is used', () => {
    const { requestBody } = document.paths['/v1/authentications']!['post']!;
    const { description } = requestBody!.content['application/json']!.examples!['example']!;
    expect(description).toBe(legendOf(exampleOf('authenticate').request));
    expect(description).toMatch(/PGNlcnRpZmljYXRlPg==` stands for the DER of the card/);
  });

  it('names a contact, and every code', () => {
    expect(document.info.contact).toMatchObject({ url: 'https://platform.example.jp/v/' });
    expect(document.components.schemas['ProblemCode']!.enum).toEqual(
      expect.arrayContaining(Object.keys(problemTexts)),
    );
  });

  it('shows defaults as what may be left out of a request', () => {
    const { schemas } = document.components as unknown as {
      schemas: Record<string, { required: string[] }>;
    };
    expect(schemas['AuthenticateRequest']!.required.sort()).toEqual([
      'certificate',
      'challenge',
      'signature',
    ]);
  });
});
