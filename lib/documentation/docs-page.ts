import type { Page } from '../../lambdas/platform/http/documentation.ts';

/**
 * The API reference: Swagger UI over /openapi.json, so that both always agree. All URLs are
 * relative, so that they work under a stage path, on a domain and on a port. The
 * Content-Security-Policy allows no external resources and no inline scripts.
 */
export const docsPage = (): Page => ({
  html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>My Key Platform API</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css"><link rel="stylesheet" href="docs/viewer.css"></head><body>
<header><nav><a href="problems">Problem codes <span lang="ja">問題コード</span></a>
<a href="openapi.json">OpenAPI</a> <a href="docs?lang=ja" lang="ja">日本語</a> <a href="docs?lang=en">English</a> <a href="docs/LICENSE.txt">Viewer licence</a></nav></header>
<main id="viewer"><p>Loading the reference … <span lang="ja">読み込み中です …</span></p>
<noscript><p>The reference needs JavaScript; <a href="openapi.json">openapi.json</a> says the same, and
<a href="problems">problems</a> explains every code. <span lang="ja">表示には JavaScript が必要です。同じ内容が openapi.json にあります。</span></p></noscript></main>
<script src="docs/swagger-ui-bundle.js"></script><script src="docs/viewer.js"></script></body></html>`,
  policy:
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
});
