import type { ErrorCode } from '../../lambdas/errors.ts';
import { oauthError } from '../../lambdas/capabilities/tokens/oauth-error.ts';
import { MyKeyError } from '../../lambdas/errors.ts';
import { problemDocument, problems } from '../../lambdas/platform/http/problems.ts';
import type { Operation } from '../operations.ts';
import { exampleOf, legendOf } from './examples.ts';
import { problemTexts } from './problem-texts.ts';

interface Content {
  examples?: Record<string, object>;
}

interface DescribedOperation {
  readonly parameters?: { name: string; example?: unknown }[];
  readonly requestBody?: { readonly content: Record<string, Content> };
  readonly responses: Record<string, { readonly content?: Record<string, Content> }>;
}

/** The document before examples are added, as generated from the schemas. */
export interface DescribedApi {
  readonly components: Record<string, object>;
  readonly paths: Record<string, Record<string, DescribedOperation>>;
}

/** Adds the example of an operation to its parameters, request body and response. */
export function addExamples(api: DescribedApi, operation: Operation): void {
  const described = api.paths[operation.path]![operation.method.toLowerCase()]!;
  const { path, query, request, response } = exampleOf(operation.id);
  for (const parameter of described.parameters ?? []) {
    const value = { ...path, ...query, ...idempotencyKey }[parameter.name];
    if (value !== undefined) parameter.example = value;
  }
  if (described.requestBody !== undefined && request !== undefined)
    addToContent(described.requestBody.content, request);
  const [success] = Object.keys(operation.responses);
  const content = described.responses[success!]!.content;
  if (content !== undefined) addToContent(content, response);
}

const idempotencyKey: Readonly<Record<string, string>> = {
  'Idempotency-Key': 'e2b1f7c0-4a5d-4f0e-9b7a-1c2d3e4f5a6b',
};

function addToContent(content: Record<string, Content>, value: unknown): void {
  const description = legendOf(value);
  for (const each of Object.values(content))
    each.examples = {
      example: { summary: 'Example', ...(description !== '' && { description }), value },
    };
}

/** An example response for each code of a status, by reference. */
export const problemReferences = (codes: readonly ErrorCode[], isOauth: boolean) =>
  Object.fromEntries(
    codes.map((code) => [code, { $ref: `#/components/examples/${nameOf(code, isOauth)}` }]),
  );

const nameOf = (code: ErrorCode, isOauth: boolean): string => (isOauth ? `oauth-${code}` : code);

/**
 * The examples that the document refers to: one problem document for each code, with meaning and
 * cure.
 */
export function problemExamples(api: DescribedApi, baseUrl: string): Record<string, object> {
  const wanted = new Set(
    [...JSON.stringify(api.paths).matchAll(/#\/components\/examples\/([a-z-]+)/g)].map(
      ([, name]) => name,
    ),
  );
  const examples: Record<string, object> = {};
  for (const code of Object.keys(problems) as ErrorCode[])
    for (const isOauth of [false, true])
      if (wanted.has(nameOf(code, isOauth)))
        examples[nameOf(code, isOauth)] = problemExample(code, baseUrl, isOauth);
  return examples;
}

function problemExample(code: ErrorCode, baseUrl: string, isOauth: boolean): object {
  const { meaning, cure } = problemTexts[code];
  const error = new MyKeyError(code, cure.replaceAll('`', ''));
  const problem = problemDocument(error, 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef', baseUrl);
  return {
    summary: problems[code].title,
    description: `${meaning} **Cure:** ${cure}`,
    value: isOauth ? oauthError(problem).body : problem,
  };
}
