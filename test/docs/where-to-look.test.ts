import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const [, table = ''] = /^## Where to look$([^]*?)^(?![|\n])/m.exec(page) ?? [];
const rows = table
  .split('\n')
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter(([question = '']) => /^\w/.test(question) && question !== 'question');

/** Any capability stands for `<name>`. */
const pathsIn = (place: string): readonly string[] =>
  [...place.matchAll(/`([^`]+)`|\]\(([^)#]+)/g)].map(([, code, link]) =>
    code === undefined ? `docs/${link}` : code.replace('<name>', 'links'),
  );

/** A file that is named without its folder stands in a folder of the same row, or in a capability. */
const exists = (path: string, among: readonly string[]): boolean =>
  ['', 'lambdas/capabilities/links', 'lambdas/capabilities', 'lambdas/people', ...among].some(
    (folder) => existsSync(join(root, folder, path)),
  );

describe('the table of where to look', () => {
  it('answers nine questions or more', () => {
    expect(rows.length).toBeGreaterThanOrEqual(9);
  });

  it.each(rows)('names files that exist: %s', (_, place = '') => {
    const paths = pathsIn(place);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !exists(path, paths))).toEqual([]);
  });
});
