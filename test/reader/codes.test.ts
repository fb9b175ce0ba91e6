import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { cures, readerCodes } from '../../reader/core/codes.ts';

const table = readFileSync('docs/reader-protocol.md', 'utf8').split('## Codes')[1]!;
const documented = [...table.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)];

it('every code is documented with its cure, and no other', () => {
  expect(documented.map(([, code, cure]) => [code, cure])).toEqual(
    Object.entries(cures).map(([code, { en }]) => [code, en]),
  );
});

it('every code is one that the reader gives', () => {
  const sources = readdirSync('reader', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('codes.ts'))
    .map((path) => readFileSync(join('reader', path), 'utf8'))
    .join('\n');
  expect(readerCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});

it('every cure is said in Japanese', () => {
  for (const { ja } of Object.values(cures)) expect(ja).toMatch(/[\p{sc=Han}\p{sc=Hiragana}]/u);
});
