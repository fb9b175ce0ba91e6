import { createHash } from 'node:crypto';
import {
  baseUrlPlaceholder as base,
  escapeHtml as escape,
  type Page,
} from '../../lambdas/platform/http/documentation.ts';

/**
 * A page without scripts: text, links and its own style sheet, the only one that its
 * Content-Security-Policy allows. `body` is HTML.
 */
export function staticPage(title: string, body: string): Page {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head><body>
<nav><a href="${base}/docs">API reference <span lang="ja">API リファレンス</span></a>
<a href="${base}/problems">Problem codes <span lang="ja">問題コード</span></a>
<a href="${base}/openapi.json">OpenAPI</a></nav>
<main>${body}</main></body></html>`;
  return { html, policy };
}

/** Converts a Markdown table cell to HTML; only code spans and emphasis are supported. */
export const inlineMarkdown = (text: string): string =>
  escape(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\b_([^_]+)_\b/g, '<em>$1</em>');

const style = `:root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:auto;padding:1rem;overflow-wrap:anywhere}[lang=ja]{word-break:auto-phrase}code{font:.9em ui-monospace,monospace}nav{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;border-bottom:1px solid #8886;padding-bottom:.6rem}nav span{opacity:.75;font-size:.85em}a{color:LinkText}h1{font-size:1.5rem;margin:1.2rem 0 .2rem}h2{font-size:1.1rem;margin:1.6rem 0 .2rem}p{margin:.3rem 0}.status{opacity:.75}dt{font-weight:600;margin-top:.9rem}dd{margin:0}ul{padding-left:1.2rem}li{margin:.4rem 0}`;

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
