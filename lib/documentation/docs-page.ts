import { createHash } from 'node:crypto';
import { escapeHtml as escape } from '../../lambdas/platform/http/documentation.ts';
import type { OperationContract } from '../../lambdas/platform/http/operation-contract.ts';
import { problems } from '../../lambdas/platform/http/problems.ts';
import { operations, type Operation } from '../operations.ts';
import { codesOf } from './openapi.ts';

/**
 * The API for people: one page, no script, no request to anywhere, so that it works offline and under
 * a policy that allows nothing but its own style sheet. Examples are ready for a terminal.
 */
export function docsPage(baseUrl: string): { readonly html: string; readonly policy: string } {
  const groups = Map.groupBy(operations, ({ capability }) => capability);
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>My Key Platform API</title><style>${style}</style></head><body>
<header><h1>My Key Platform API</h1>
<p>Base URL <code>${escape(baseUrl)}</code> · <a href="openapi.json">OpenAPI 3.1</a> · errors are
<code>application/problem+json</code> (RFC 9457) with a stable <code>code</code>.</p></header>
<nav><ul>${operations.map(link).join('')}</ul></nav><main>
${[...groups].map(([name, members]) => `<section><h2>${escape(name)}</h2>${members.map((operation) => describe(operation, baseUrl)).join('')}</section>`).join('')}
<section id="problems"><h2>codes</h2>${problemTable()}</section></main></body></html>`;
  return { html, policy };
}

const link = ({ id, method, path }: Operation): string =>
  `<li><a href="#${id}"><b>${method}</b> ${escape(path)}</a></li>`;

function describe(operation: Operation, baseUrl: string): string {
  const { id, method, path, scope, summary, description, body, responses } = operation;
  const answers = Object.entries(responses)
    .map(([status, { description }]) => `<b>${status}</b> ${escape(description)}`)
    .join(' · ');
  const codes = codesOf(operation)
    .map((code) => `<a href="#problem-${code}"><code>${code}</code></a>`)
    .join(' ');
  return `<article id="${id}"><h3><b>${method}</b> <code>${escape(path)}</code></h3>
<p>${escape(summary)}. ${escape(description ?? '')}</p>
<p>${scope === 'public' ? 'Public.' : `Scope <code>${scope.name}</code>.`} ${answers}</p>
<pre>${escape(example(operation, baseUrl))}</pre>
${schemaBlock('Request', body)}
${Object.entries(responses)
  .map(([status, { schema }]) => schemaBlock(`Answer ${status}`, schema))
  .join('')}
<details><summary>Codes</summary><p>${codes}</p></details></article>`;
}

function schemaBlock(title: string, schema: OperationContract['body']): string {
  if (schema === undefined) return '';
  const { $schema: _, ...json } = schema.toJSONSchema({ unrepresentable: 'any' });
  const text = escape(JSON.stringify(json, null, 2));
  return `<details><summary>${title}</summary><pre>${text}</pre></details>`;
}

function example(
  { method, path, scope, maxBodyBytes, mediaType }: Operation,
  baseUrl: string,
): string {
  const verb = method === 'GET' ? '' : ` -X ${method}`;
  const token = scope === 'public' ? '' : ` \\\n  -H "Authorization: Bearer $TOKEN"`;
  const body =
    maxBodyBytes === 0 || method === 'GET' || method === 'DELETE'
      ? ''
      : ` \\\n  -H 'Content-Type: ${mediaType ?? 'application/json'}' --data @request`;
  return `curl${verb} ${baseUrl}${path}${token}${body}`;
}

const problemTable = (): string =>
  `<table><tr><th>code</th><th>status</th><th>title</th></tr>${Object.entries(problems)
    .map(
      ([code, { status, title }]) =>
        `<tr id="problem-${code}"><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}</td></tr>`,
    )
    .join('')}</table>`;

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:auto;padding:1rem}code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:.7rem;border:1px solid #8886;border-radius:6px}article{border-top:1px solid #8886;padding:.5rem 0}h2{margin-top:2rem;text-transform:capitalize}nav ul{columns:2;list-style:none;padding:0}nav a,a{color:inherit}td,th{text-align:left;padding:.15rem .8rem .15rem 0}summary{cursor:pointer}`;

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
