import { expect } from '@jest/globals';
import { standsFor } from '../../lambdas/platform/http/example-values.ts';

/**
 * An answer is like its example: the same members, the same kinds of values, and the same words where
 * the example has a word that stands for nothing else (`good`, `card-signature`).
 */
export function expectLike(example: unknown, answer: unknown, isExcerpt = false): void {
  expect(differences(example, answer, isExcerpt, '#')).toEqual([]);
}

function differences(
  example: unknown,
  answer: unknown,
  isExcerpt: boolean,
  at: string,
): readonly string[] {
  if (Array.isArray(example) && Array.isArray(answer)) {
    if (example.length > 0 && answer.length === 0) return [`${at}: empty`];
    return example
      .slice(0, 1)
      .flatMap((first) => differences(first, answer[0], isExcerpt, `${at}/0`));
  }
  if (isObject(example) && isObject(answer)) {
    const missing = Object.keys(example).filter((name) => !Object.hasOwn(answer, name));
    const unshown = Object.keys(answer).filter((name) => !Object.hasOwn(example, name));
    return [
      ...missing.map((name) => `${at}/${name}: only in the example`),
      ...(isExcerpt ? [] : unshown.map((name) => `${at}/${name}: only in the answer`)),
      ...Object.keys(example)
        .filter((name) => !missing.includes(name))
        .flatMap((name) => differences(example[name], answer[name], isExcerpt, `${at}/${name}`)),
    ];
  }
  if (typeof example !== typeof answer || Array.isArray(example) !== Array.isArray(answer))
    return [`${at}: ${typeof example} in the example, ${typeof answer} in the answer`];
  const isWord =
    typeof example === 'string' && /^[a-z]+(-[a-z]+)*$/.test(example) && !standsFor(example);
  return isWord && example !== answer
    ? [`${at}: ${example} in the example, ${String(answer)} in the answer`]
    : [];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
