import { readFileSync } from 'node:fs';
import { errorCodes, type ErrorCode } from '../../lambdas/errors.ts';

export interface ProblemText {
  readonly meaning: string;
  readonly cure: string;
}

/**
 * Meaning and cure of every code in English, from docs/problems.md.
 *
 * @throws Error naming a code that is missing or repeated on the page
 */
export const problemTexts = readTable('problems.md');

/** The same in Japanese, from docs/problems.ja.md. */
export const problemTextsJa = readTable('problems.ja.md');

function readTable(file: string): Readonly<Record<ErrorCode, ProblemText>> {
  const page = readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
  const texts = new Map<string, ProblemText>();
  // | `code` | status | meaning | what to do |
  for (const [, code = '', meaning = '', cure = ''] of page.matchAll(
    /^\| `([a-z-]+)`\s*\| \d{3}\s*\| (\S.*?)\s*\| (\S.*?)\s*\|$/gm,
  )) {
    if (texts.has(code)) throw new Error(`docs/${file} has ${code} twice`);
    texts.set(code, { meaning, cure });
  }
  for (const code of errorCodes)
    if (!texts.has(code)) throw new Error(`docs/${file} has no row for ${code}`);
  return Object.fromEntries(texts) as Record<ErrorCode, ProblemText>;
}
