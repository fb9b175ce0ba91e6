import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { storeLimits } from '../../lambdas/crl-store/limits.ts';
import { defaultBudgets, defaultRevocationBudget, engineLimits } from '../../lambdas/pki/limits.ts';

const tables: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  engineLimits,
  defaultBudgets: { ...defaultBudgets },
  defaultRevocationBudget: { ...defaultRevocationBudget },
  storeLimits,
};

describe.each(['limits.md', 'limits.ja.md'])('docs/%s', (name) => {
  const page = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

  it.each(Object.entries(tables))('contains every limit of %s with its reason', (_, limits) => {
    for (const [limit, number] of Object.entries(limits)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${limit}\``));
      const cells = row?.split('|').map((cell) => cell.trim());
      expect([limit, cells?.[2]]).toEqual([limit, number.toLocaleString('en-US')]);
      expect(cells?.slice(3, 5).every((cell) => cell.length > 1)).toBe(true);
    }
  });
});
