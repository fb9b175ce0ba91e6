import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { errorCodes } from '../../lambdas/errors.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/limits.md'), 'utf8');

/** `### lambdas/people` and the rows under it: limit, number, why, what the caller is told. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const rows = [
        ...section.matchAll(/^\| `([\w.]+)`\s*\| (\S+)\s*\| (\S.*?)\s*\| (\S.*?)\s*\|$/gm),
      ];
      return [section.split('\n')[0]!.trim(), rows] as const;
    }),
);

/** The engine's and the list store's are held by `test/pki/limits.test.ts`. */
const parts = globSync('{lambdas,lib,cli,reader}/**/limits.ts', { cwd: root })
  .map((file) => file.replace(/\/limits\.ts$/, ''))
  .filter((part) => !/\/(pki|crl-store)$/.test(part))
  .sort();

/** Every number that the file exports, by the name it is used under. */
async function limitsOf(part: string): Promise<readonly string[]> {
  const module = (await import(pathToFileURL(join(root, part, 'limits.ts')).href)) as Readonly<
    Record<string, unknown>
  >;
  return Object.entries(module).flatMap(([name, value]) => flatten(name, value));
}

const flatten = (name: string, value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => flatten(`${name}.${key}`, inner))
    : [`${name} ${String(value)}`];

describe('docs/limits.md', () => {
  it('has a section for every part that has limits, and for no other', () => {
    expect([...sections.keys()].sort()).toEqual(parts);
  });

  it.each(parts)('has every limit of %s with its number, and no other', async (part) => {
    const documented = (sections.get(part) ?? []).map(([, name, number]) => `${name} ${number}`);
    expect(documented.sort()).toEqual([...(await limitsOf(part))].sort());
  });

  it('names only codes that exist', () => {
    const known = new Set<string>(errorCodes);
    for (const [, , , , told] of [...sections.values()].flat())
      for (const [, code] of told!.matchAll(/\b[45]\d\d `([\w-]+)`/g))
        expect(known.has(code!) ? 'known' : code).toBe('known');
  });
});
