import {
  standsFor,
  type OperationExample,
  type OperationExamples,
} from '../../lambdas/platform/http/example-values.ts';
import { importFromCapabilities } from '../capability-folders.ts';

const modules = await importFromCapabilities('examples.ts');

const all: OperationExamples = Object.assign(
  {},
  ...modules.map(({ exports }) => exports['examples'] as OperationExamples),
);

/**
 * A one-sentence description of a capability.
 * @throws Error if its `examples.ts` has none
 */
export function aboutCapability(
  name: string,
  member: 'about' | 'aboutInJapanese' = 'about',
): string {
  const { exports } = modules.find(({ capability }) => capability === name) ?? {};
  const about = exports?.[member];
  if (typeof about === 'string') return about;
  throw new Error(
    `lambdas/capabilities/${name}/examples.ts must export ${member}: a description of the capability`,
  );
}

/** @throws Error if the capability's `examples.ts` has no example of the operation */
export function exampleOf(operationId: string): OperationExample {
  const found = all[operationId];
  if (found === undefined) throw new Error(`no examples.ts has an example for ${operationId}`);
  return found;
}

/** The meaning of the placeholders in an example, in Markdown. */
export function legendOf(value: unknown): string {
  const lines = [...new Set(textsIn(value))]
    .map((text) => [text, standsFor(text)] as const)
    .filter(([, meaning]) => meaning !== undefined)
    .map(([text, meaning]) => `- \`${text}\` stands for ${meaning}`);
  return lines.join('\n');
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
