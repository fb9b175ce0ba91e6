import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../../lambdas/errors.ts';
import * as contract from '../../../lambdas/capabilities/status/contract.ts';
import { statusHandler } from '../../../lambdas/capabilities/status/handler.ts';
import {
  fillJson,
  fillPage,
  type PublishedDocumentation,
} from '../../../lambdas/platform/http/documentation.ts';
import type { OperationContract } from '../../../lambdas/platform/http/operation-contract.ts';
import { documentation } from '../../../lib/documentation/documentation.ts';
import { problemTexts, problemTextsJa } from '../../../lib/documentation/problem-texts.ts';
import { viewerContents } from '../../../lib/documentation/viewer-contents.ts';
import { eventOn } from '../gateway-event.ts';

const base = 'https://platform.example/prod';
const { openapi, pages } = documentation();
const files = viewerContents();
const published: PublishedDocumentation = {
  openapi: async (baseUrl) => fillJson(openapi, baseUrl),
  page: async (path, baseUrl) => pages[path] && fillPage(pages[path], baseUrl),
  file: async (name) => files[name],
};
const handler = statusHandler('test', published, { publicBaseUrl: base, log: () => undefined });

async function ask(
  operation: OperationContract,
  pathParameters: Record<string, string> | null = null,
  path: string = operation.path,
) {
  const answer = await handler({ ...eventOn(operation), pathParameters, path }, {});
  return { ...answer, headers: answer.headers as Record<string, string> };
}

describe('the address of a problem', () => {
  it.each(errorCodes)('opens meaning and cure in both languages: %s', async (code) => {
    const { statusCode, headers, body } = await ask(contract.getProblem, { code });
    expect(statusCode).toBe(200);
    expect(headers['Content-Type']).toMatch('text/html');
    expect(headers['Content-Security-Policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const text = body
      .replaceAll(/<[^>]+>/g, '')
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&');
    for (const { meaning, cure } of [problemTexts[code], problemTextsJa[code]])
      for (const sentence of [meaning, cure])
        expect(text).toContain(sentence.replaceAll('`', '').replaceAll(/\b_([^_]+)_\b/g, '$1'));
  });

  it('of no problem is not found', async () => {
    for (const code of ['nope', 'constructor']) {
      const { statusCode, body } = await ask(contract.getProblem, { code });
      expect([statusCode, JSON.parse(body).type]).toEqual([
        404,
        `${base}/problems/route-not-found`,
      ]);
    }
  });
});

describe('the base URL', () => {
  it('leads to the reference, below a stage too', async () => {
    const { statusCode, body } = await ask(contract.getHome);
    expect(statusCode).toBe(200);
    expect(body).toContain(`href="${base}/docs"`);
  });
});

describe('the reference', () => {
  it('runs scripts and styles of its own origin only, and none inline', async () => {
    const { headers, body } = await ask(contract.getDocs);
    const policy = headers['Content-Security-Policy']!;
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(body).not.toMatch(/<style|<script(?! src=)|javascript:| on\w+=| style=|https?:/);
  });

  it('asked for with a slash behind leads to where its relative addresses are right', async () => {
    const { statusCode, headers } = await ask(contract.getDocs, null, '/docs/');
    expect([statusCode, headers['Location']]).toEqual([308, '../docs']);
  });

  it('serves the files that its page names, and no other files', async () => {
    const { body } = await ask(contract.getDocs);
    const named = [...body.matchAll(/(?:src|href)="docs\/([^"]+)"/g)].map(([, file]) => file!);
    expect(named).toContain('swagger-ui-bundle.js');
    for (const file of named)
      expect((await ask(contract.getViewerFile, { file })).statusCode).toBe(200);
    for (const file of ['index.mjs', 'deployment.json', 'documentation.json', '..', 'constructor'])
      expect((await ask(contract.getViewerFile, { file })).statusCode).toBe(404);
  });

  it('asks for no source maps', async () => {
    for (const text of Object.values(files)) expect(text).not.toMatch(/sourceMappingURL=/);
  });
});
