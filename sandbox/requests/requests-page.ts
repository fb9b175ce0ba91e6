import { createHash } from 'node:crypto';
import { escapeHtml as escape } from '../../lambdas/platform/http/documentation.ts';
import type { RequestLog, RequestFilter, RequestRecord } from './request-log.ts';

export interface RequestsAnswer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * `/requests` as a page and `/requests.json` for programs: the last requests of the sandbox.
 *
 * @param apiUrl base URL of the platform, whose pages explain the codes
 */
export function answerRequests(log: RequestLog, apiUrl: string, url: URL): RequestsAnswer {
  const records = log.recent(filterOf(url.searchParams));
  if (url.pathname.endsWith('.json')) {
    const body = Buffer.from(JSON.stringify({ requests: records }));
    return { status: 200, type: 'application/json', headers: {}, body };
  }
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    headers: { 'content-security-policy': policy, 'x-content-type-options': 'nosniff' },
    body: Buffer.from(page(records.toReversed(), apiUrl, url.searchParams)),
  };
}

function filterOf(query: URLSearchParams): RequestFilter {
  const text = (name: string): string | undefined => query.get(name)?.trim() || undefined;
  const clientId = text('client');
  const route = text('route');
  const since = Date.parse(text('since') ?? '');
  const after = Number(text('after') ?? 0);
  return {
    ...(clientId !== undefined && { clientId }),
    ...(route !== undefined && { route }),
    ...(!Number.isNaN(since) && { since }),
    ...(Number.isSafeInteger(after) && { after }),
  };
}

function page(records: readonly RequestRecord[], apiUrl: string, query: URLSearchParams): string {
  const value = (name: string): string => escape(query.get(name) ?? '');
  const rows = records.map((record) => row(record, apiUrl)).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><link rel="icon" href="data:,">
<title>Requests · 要求</title><style>${style}</style></head><body>
<h1>Requests <span lang="ja">要求</span></h1>
<p>What the platform was asked, newest first; renewed every 5 s. Nothing of whom it was about. <code>npx mykey logs</code> shows the same.
<span lang="ja">新しい順、5 秒ごとに更新。誰についての要求かは記録しません。</span></p>
<form><label>Client <span lang="ja">クライアント</span> <input name="client" value="${value('client')}"></label>
<label>Route <span lang="ja">経路</span> <input name="route" value="${value('route')}"></label>
<button>Show <span lang="ja">絞り込む</span></button></form>
<div><table><thead><tr><th>Time <span lang="ja">時刻</span></th><th>Route <span lang="ja">経路</span></th><th>Status <span lang="ja">結果</span></th><th>Code <span lang="ja">コード</span></th><th>Client <span lang="ja">クライアント</span></th><th>ms</th><th>Request id <span lang="ja">要求の番号</span></th></tr></thead>
<tbody>${rows || '<tr><td colspan="7">None yet. <span lang="ja">まだありません。</span></td></tr>'}</tbody></table></div></body></html>`;
}

function row(record: RequestRecord, apiUrl: string): string {
  const { time, route, status, code, clientId = '', durationMs, requestId } = record;
  const explained =
    code === undefined
      ? ''
      : `<a href="${escape(apiUrl)}/problems/${code}"><code>${code}</code></a>`;
  return `<tr><td>${time.slice(11, 23)}</td><td><code>${escape(route)}</code></td><td class="s${String(status)[0]}">${status}</td><td>${explained}</td><td><code>${escape(clientId)}</code></td><td>${durationMs}</td><td><code>${escape(requestId)}</code></td></tr>`;
}

const style = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:auto;max-width:90rem;padding:1rem}h1{font-size:1.4rem;margin:.2rem 0}span[lang=ja]{opacity:.8;font-size:.85em;word-break:auto-phrase}code{font:.9em ui-monospace,monospace}form{display:flex;flex-wrap:wrap;gap:.4rem 1rem;margin:.8rem 0}input,button{font:inherit}div{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid #8884;white-space:nowrap}td:last-child{white-space:normal;overflow-wrap:anywhere;min-width:19ch}.s4,.s5{color:#c40;font-weight:600}a{color:LinkText}`;

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
