import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { snippetsOf } from './markdown-snippets.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const pages = [
  'README.md',
  'examples/README.md',
  ...globSync('docs/*.md', { cwd: root }),
].toSorted();
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const sources = globSync('cli/**/*.ts', { cwd: root }).map(read).join('\n');
const verbs = [...read('cli/mykey.mjs').matchAll(/^ {2}(\w+): \(\) => import/gm)].map(
  ([, verb]) => verb,
);

/** What pages tell people to type: in blocks, and in a line of text between backquotes. */
const typed = (text: string, command: string): readonly string[] =>
  [...text.replaceAll(/\\\n\s*/g, '').matchAll(new RegExp(`${command} ([^\`\n#|]+)`, 'g'))].map(
    ([, words]) => words!,
  );

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('names commands of mykey that exist, with options that they know', () => {
    for (const words of typed(text, 'npx mykey')) {
      const [verb = ''] = /^[a-z]+/.exec(words) ?? [];
      if (verb !== '') expect(verbs).toContain(verb);
      for (const [option] of words.matchAll(/(?<=\s)--[a-z-]+/g)) {
        expect(sources).toMatch(new RegExp(`${option}\\b|\\b'?${option.slice(2)}'?: \\{ type:`));
      }
    }
  });

  it('names scripts of npm that exist', () => {
    for (const words of typed(text, 'npm run')) {
      const [, script = ''] = /^(?:--silent )?([a-z:]+)/.exec(words) ?? [];
      expect(Object.keys(scripts)).toContain(script);
    }
  });
});

describe('pages for integrators', () => {
  it.each(['docs/integrate.md', 'docs/integrate.ja.md'])(
    'have no commands that no test runs: %s',
    (page) => {
      const blocks = read(page).match(/^```(?:sh|bash|console)$/gm) ?? [];
      expect(snippetsOf(page)).toHaveLength(blocks.length);
    },
  );
});
