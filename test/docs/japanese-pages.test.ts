import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (page: string): string => readFileSync(`${root}/${page}`, 'utf8');
const japanesePages = globSync('docs/*.ja.md', { cwd: root }).toSorted();

const leads = (from: string, to: string): boolean => read(`docs/${from}`).includes(`](${to})`);

/** The cells of computed numbers of docs/scale.md, row by row. */
const numbers = (page: string): readonly (readonly string[])[] =>
  read(page)
    // What was measured changes with the machine.
    .replace(/^## (?:Measured|計測)$[^]*?^# /m, '')
    .replace(/^\*\*(?:A login's time|サンドボックスでのログイン)[^]*/m, '')
    .split('\n')
    .filter((line, n, lines) => /^\| [^-].* \|$/.test(line) && !lines[n + 1]?.startsWith('| -'))
    // Cells of a number, with its unit.
    .map((line) =>
      line
        .split('|')
        .slice(2, -1)
        .map((cell) => cell.trim())
        .filter((cell) => /^[\d.,]+(?: (?:[kMG]B?|ms|s|h|min|GB))?$/.test(cell)),
    );

/** The sections of a runbook. */
const sectionsOf = (page: string): readonly string[] => read(page).split(/^## /m).slice(1);
const nameOf = (section: string): string => section.split('\n')[0]!;

/** What stands between backquotes; blocks are compared whole. */
const named = (section: string): readonly string[] => {
  const blocks = [...section.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].map(([, block]) => block!);
  const text = section.replaceAll(/^ *```[^]*?^ *```$/gm, '');
  const words = [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
  return [...new Set([...blocks, ...words])].map((word) =>
    word.replace('.ja.md', '.md').replaceAll(/\s+/g, ' '),
  );
};

/**
 * Pages for who changes the platform or checks its engine are in English alone; so are lists that
 * other pages cite.
 */
const englishAlone = [
  'docs/architecture.md',
  'docs/conformance.md',
  'docs/data-model.md',
  'docs/decision-table.md',
  'docs/divergences.md',
  'docs/jpki.md',
  'docs/reader-protocol.md',
  'docs/vectors.md',
];

it('has every page in Japanese but those for contributors', () => {
  const english = globSync('docs/*.md', { cwd: root }).filter((page) => !page.endsWith('.ja.md'));
  const without = english.filter((page) => !japanesePages.includes(page.replace('.md', '.ja.md')));
  expect(without.toSorted()).toEqual(englishAlone);
});

describe.each(japanesePages)('%s', (page) => {
  const name = page.slice('docs/'.length).replace('.ja.md', '');

  it('leads to the English page, and that one leads here', () => {
    expect([leads(`${name}.ja.md`, `${name}.md`), leads(`${name}.md`, `${name}.ja.md`)]).toEqual([
      true,
      true,
    ]);
  });
});

it('says in docs/scale.ja.md the numbers that docs/scale.md computes, table by table', () => {
  expect(numbers('docs/scale.ja.md')).toEqual(numbers('docs/scale.md'));
});

describe('docs/runbook.ja.md', () => {
  const [english, japanese] = [sectionsOf('docs/runbook.md'), sectionsOf('docs/runbook.ja.md')];

  it('has the alarms of docs/runbook.md, each with 確認 and 対処', () => {
    expect(japanese.map(nameOf)).toEqual(english.map(nameOf));
    for (const section of japanese) expect(section).toMatch(/^- 確認：[^]*^- 対処：/m);
  });

  it.each(english.map((section, n) => [nameOf(section), n] as const))(
    'names under %s the same commands, fields and functions',
    (_name, n) => {
      const lacking = named(english[n]!).filter((word) => !named(japanese[n]!).includes(word));
      // There it is a link.
      expect(lacking.filter((word) => word !== 'docs/scale.md')).toEqual([]);
    },
  );
});
