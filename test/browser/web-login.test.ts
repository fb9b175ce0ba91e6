import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { inBrowser, isThere, openBrowser } from './chromium.ts';

let sandbox: Sandbox | undefined;
let service: ChildProcess | undefined;
let browser: Browser | undefined;
let url: string;

beforeAll(async () => {
  if (!isThere) return;
  sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  service = spawn(process.execPath, ['examples/web-login/server.ts'], {
    env: {
      ...process.env,
      PORT: '0',
      MYKEY_URL: sandbox.apiUrl,
      MYKEY_KEY: sandbox.client.keyFile,
      JLIS_URL: sandbox.jlis.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(service.stdout!, 'data')) as [Buffer];
  url = line.toString().trim();
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  service?.kill();
  await sandbox?.close();
});

interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
  readonly elsewhere: string[];
}

async function visit(): Promise<Visit> {
  const context = await browser!.newContext({ viewport: { width: 375, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  const elsewhere: string[] = [];
  page.on('console', (message) => {
    // The browser reports a form that was refused (422) as an error too.
    if (message.type() === 'error' && !message.text().includes('422'))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
      elsewhere.push(request.url());
  });
  await page.goto(url);
  return { context, page, complaints, elsewhere };
}

async function logIn(page: Page, pin: string): Promise<void> {
  await page.fill('input[name=pin]', pin);
  await page.click('button.main');
}

describe('the web login of a municipal service', () => {
  inBrowser(
    'lets the holder of a card in, knows the person again, and tells two persons apart',
    async () => {
      const { context, page, complaints, elsewhere } = await visit();
      await page.getByText('Log in with your My Number Card').waitFor();
      await logIn(page, '9999');
      expect(await page.getByRole('alert').textContent()).toMatch(
        /暗証番号が違います.*Wrong PIN.*pin-wrong/,
      );
      await logIn(page, '1234');
      expect(await page.getByRole('status').textContent()).toMatch(
        /ログインしました.*You are logged in/,
      );
      expect(await page.textContent('#number')).toBe('1');
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
      await page.getByRole('button', { name: 'Log out' }).click();
      await logIn(page, '1234');
      expect(await page.textContent('#number')).toBe('1');
      expect(await page.textContent('#logins')).toBe('2');
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByRole('button', { name: 'Issue another card' }).click();
      await page.locator('select option').nth(1).waitFor({ state: 'attached' });
      await page.selectOption('select', { index: 1 });
      await logIn(page, '1234');
      expect(await page.textContent('#number')).toBe('2');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
      expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
      await context.close();
    },
    90_000,
  );

  inBrowser(
    'says what the holder of a lost card can do, and leads to the cure',
    async () => {
      const { jlis } = sandbox!;
      const [card] = jlis.registry.cards;
      await fetch(`${jlis.url}/control/cards/${card!.cardId}/lose`, { method: 'POST' });
      const { context, page } = await visit();
      await page.selectOption('select', card!.cardId);
      await logIn(page, '1234');
      const alert = page.getByRole('alert');
      expect(await alert.textContent()).toMatch(/失効しています.*is revoked.*certificate-revoked/);
      await alert.getByRole('link').click();
      expect(page.url()).toBe(`${sandbox!.apiUrl}/problems/certificate-revoked`);
      await context.close();
    },
    60_000,
  );

  inBrowser('takes no form of another site', async () => {
    const response = await fetch(`${url}/login`, {
      method: 'POST',
      headers: { origin: 'https://elsewhere.example' },
      body: new URLSearchParams({ card: 'x', pin: '1234' }),
    });
    expect(response.status).toBe(403);
  });
});
