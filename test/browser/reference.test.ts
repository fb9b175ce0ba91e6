import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Browser, Page } from 'playwright-core';
import * as contract from '../../lambdas/capabilities/status/contract.ts';
import { statusHandler } from '../../lambdas/capabilities/status/handler.ts';
import { fillJson, fillPage } from '../../lambdas/platform/http/documentation.ts';
import { documentation } from '../../lib/documentation/documentation.ts';
import { viewerContents } from '../../lib/documentation/viewer-contents.ts';
import { operations } from '../../lib/operations.ts';
import { eventOn } from '../capabilities/gateway-event.ts';
import { inBrowser, openBrowser } from './chromium.ts';

let server: Server;
/** As below a stage of a gateway without a domain of its own. */
let base: string;
let browser: Browser | undefined;

beforeAll(async () => {
  const { openapi, pages } = documentation();
  const files = viewerContents();
  let handler: ReturnType<typeof statusHandler>;
  server = createServer((request, response) => {
    const path = new URL(request.url!, base).pathname.replace(/^\/prod/, '') || '/';
    void handler(eventFor(path), {}).then(({ statusCode, headers, body }) => {
      response.writeHead(statusCode, headers as Record<string, string>).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prod`;
  handler = statusHandler(
    'prod',
    {
      openapi: async (baseUrl) => fillJson(openapi, baseUrl),
      page: async (path, baseUrl) => pages[path] && fillPage(pages[path], baseUrl),
      file: async (name) => files[name],
    },
    // The address that callers know, which is not the one that this browser came by.
    { publicBaseUrl: 'https://platform.example', log: () => undefined },
  );
});

afterAll(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

function eventFor(path: string): APIGatewayProxyEvent {
  const found = Object.values(contract).find((each) =>
    new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, '([^/]+)')}/?$`).test(path),
  );
  const [, parameter] = /^\/(?:docs|problems)\/([^/]+)$/.exec(path) ?? [];
  const pathParameters = parameter === undefined ? null : { file: parameter, code: parameter };
  return { ...eventOn(found ?? contract.getProblem), path, pathParameters };
}

interface Watched {
  readonly page: Page;
  readonly requests: string[];
  readonly complaints: string[];
}

/** A page whose every request and every complaint is kept; the policy's refusals are complaints. */
async function watch(width: number): Promise<Watched> {
  browser ??= await openBrowser();
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, requests, complaints };
}

describe('the reference in a browser', () => {
  inBrowser(
    'shows every operation below a stage, asks nobody else, and breaks no rule of its policy',
    async () => {
      const { page, requests, complaints } = await watch(1280);
      await page.goto(`${base}/docs/`);
      expect(page.url()).toBe(`${base}/docs`);
      await page.waitForSelector('.opblock');
      expect(await page.locator('.opblock').count()).toBe(operations.length);
      await page
        .locator('#operations-authentications-authenticate .opblock-summary-control')
        .click();
      await page.waitForSelector('#operations-authentications-authenticate .responses-table');
      expect(complaints).toEqual([]);
      const elsewhere = requests.filter((url) => !url.startsWith(base) && !url.startsWith('data:'));
      expect(elsewhere).toEqual([]);
      await page.close();
    },
    60_000,
  );

  inBrowser(
    'tries a call out where the page came from',
    async () => {
      const { page, complaints } = await watch(1280);
      await page.goto(`${base}/docs`);
      const status = page.locator('#operations-status-get-status');
      await status.locator('.opblock-summary-control').click();
      await status.getByRole('button', { name: 'Try it out' }).click();
      await status.getByRole('button', { name: 'Execute' }).click();
      const answered = status.locator('.live-responses-table .response-col_status').last();
      expect(await answered.textContent()).toContain('200');
      expect(complaints).toEqual([]);
      await page.close();
    },
    60_000,
  );

  inBrowser(
    'speaks Japanese where that is asked, and breaks no rule of its policy',
    async () => {
      const { page, complaints } = await watch(1280);
      await page.goto(`${base}/docs?lang=ja`);
      const login = page.locator('#operations-authentications-authenticate');
      await login.locator('.opblock-summary-control').click();
      await login.getByRole('button', { name: '試す' }).waitFor();
      expect(await login.locator('.opblock-summary-description').textContent()).toBe(
        '本人をログインさせる',
      );
      expect(await page.locator('html').getAttribute('lang')).toBe('ja');
      // What is of the API itself is not touched.
      expect(await login.locator('.responses-table').textContent()).toContain('challenge-used');
      expect(complaints).toEqual([]);
      await page.getByRole('link', { name: 'English' }).click();
      await page.locator('#operations-status-get-status').waitFor();
      expect(await page.getByText('本人をログインさせる').count()).toBe(0);
      await page.close();
    },
    60_000,
  );

  inBrowser(
    'fits a telephone',
    async () => {
      const { page } = await watch(375);
      for (const path of ['/docs', '/problems', '/problems/challenge-used', '/']) {
        await page.goto(base + path);
        if (path === '/docs') {
          await page.waitForSelector('.opblock');
          const login = page.locator('#operations-authentications-authenticate');
          await login.locator('.opblock-summary-control').click();
          await login.locator('.responses-table').waitFor();
        }
        const width = await page.evaluate('document.documentElement.scrollWidth');
        expect([path, width]).toEqual([path, 375]);
      }
      await page.close();
    },
    60_000,
  );
});
