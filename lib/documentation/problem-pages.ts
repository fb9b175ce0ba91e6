import type { ErrorCode } from '../../lambdas/errors.ts';
import {
  baseUrlPlaceholder as base,
  escapeHtml as escape,
  type Page,
} from '../../lambdas/platform/http/documentation.ts';
import { problems } from '../../lambdas/platform/http/problems.ts';
import { problemTexts, problemTextsJa } from './problem-texts.ts';
import { inlineMarkdown as inline, staticPage } from './static-page.ts';

const codes = Object.keys(problems) as ErrorCode[];

/**
 * The page of each problem `type`, by path, and the list of all: meaning and cure, English and
 * Japanese.
 */
export const problemPages = (): Record<string, Page> => ({
  problems: listOfCodes(),
  ...Object.fromEntries(codes.map((code) => [`problems/${code}`, pageOf(code)])),
});

function pageOf(code: ErrorCode): Page {
  const { status, title } = problems[code];
  const english = problemTexts[code];
  const japanese = problemTextsJa[code];
  return staticPage(
    code,
    `<h1><code>${code}</code></h1><p class="status">HTTP ${status} · ${escape(title)}</p>
<section><h2>Meaning</h2><p>${inline(english.meaning)}</p><h2>What to do</h2><p>${inline(english.cure)}</p></section>
<section lang="ja"><h2>意味</h2><p>${inline(japanese.meaning)}</p><h2>対処</h2><p>${inline(japanese.cure)}</p></section>`,
  );
}

function listOfCodes(): Page {
  return staticPage(
    'Problem codes',
    `<h1>Problem codes <span lang="ja">問題コード</span></h1>
<p>Every error carries one of these as <code>code</code>, and as <code>type</code> the address of its page.</p>
<p lang="ja">エラーはすべて、このうちのひとつを <code>code</code> に、そのページの URL を <code>type</code> に持ちます。</p>
<dl>${codes.map(entryOf).join('')}</dl>`,
  );
}

const entryOf = (code: ErrorCode): string =>
  `<dt id="${code}"><a href="${base}/problems/${code}"><code>${code}</code></a> <span class="status">${problems[code].status}</span></dt>
<dd>${inline(problemTexts[code].meaning)} ${inline(problemTexts[code].cure)}</dd>
<dd lang="ja">${inline(problemTextsJa[code].meaning)}${inline(problemTextsJa[code].cure)}</dd>`;
