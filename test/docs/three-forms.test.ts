import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/jpki.md'), 'utf8');
const story = readFileSync(join(root, 'test/e2e/counter.test.ts'), 'utf8');

const [, table = ''] = /^## The three forms of service$[^]*?^(\|[^]*?)^\s*$/m.exec(page) ?? [];
const [heads = [], , ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.split('|').slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim()));

/** The names of a `describe`'s tests, those that are skipped left out. */
function testsOf(form: string): readonly string[] {
  const [, block = ''] = story.split(`\ndescribe('${form}', () => {\n`);
  const [own = ''] = block.split('\n});\n');
  return [...own.matchAll(/^ {2}it\('([^']+)', async/gm)].map(([, name]) => name!);
}

describe('the table of the three forms', () => {
  it('has the eleven rows that are published', () => {
    expect(heads).toEqual(['', 'My Key Platform (library)', 'Type 1', 'Type 2']);
    expect(rows).toHaveLength(11);
    expect(rows.flat().every((cell) => cell !== '')).toBe(true);
  });

  it.each(
    (['My Key Platform (library)', 'Type 1'] as const).flatMap((form) =>
      rows.map((cells) => [form, `${cells[0]!}: ${cells[heads.indexOf(form)]!}`] as const),
    ),
  )('%s has an end-to-end test of the name "%s"', (form, name) => {
    const named = testsOf(form).filter(
      (test) => test === name || [',', ';'].some((after) => test.startsWith(name + after)),
    );
    expect(named).toHaveLength(1);
  });
});
