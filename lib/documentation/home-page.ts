import {
  baseUrlPlaceholder as base,
  type Page,
} from '../../lambdas/platform/http/documentation.ts';
import { staticPage } from './static-page.ts';

/** The page at the base URL. */
export const homePage = (): Page =>
  staticPage(
    'My Key Platform',
    `<h1>My Key Platform</h1>
<p>An API that validates My Number Card certificates and gives every service its own identifier for a person.</p>
<p lang="ja">マイナンバーカードの証明書を検証し、サービスごとの仮名識別子を発行する API です。</p>
<ul><li><a href="${base}/docs">API reference <span lang="ja">API リファレンス</span></a></li>
<li><a href="${base}/problems">Problem codes and their cures <span lang="ja">問題コードと対処</span></a></li>
<li><a href="${base}/openapi.json">OpenAPI 3.1 document <span lang="ja">OpenAPI 3.1 文書</span></a></li>
<li><a href="${base}/v1/status">Status <span lang="ja">稼働状況</span></a></li></ul>`,
  );
