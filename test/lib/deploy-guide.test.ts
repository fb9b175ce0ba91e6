import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { settings } from '../../lib/settings.ts';

const rows = (page: string): readonly (readonly string[])[] =>
  readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([name]) => /^`\w+`$/.test(name ?? ''));

describe('the guide to deployment', () => {
  it('documents exactly the settings of the table, with the same text', () => {
    expect(rows('deploy.md')).toEqual(
      Object.entries(settings).map(([name, { means, like, otherwise }]) => [
        `\`${name}\``,
        means,
        like,
        otherwise,
      ]),
    );
  });
});
