import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { readingScreenHandler } from '../../lambdas/capabilities/reading-screen/handler.ts';
import { screenFiles } from '../../lambdas/capabilities/reading-screen/screen-files.ts';
import { startAgent, type Agent } from '../../reader/agent/agent-server.ts';
import { Pairing } from '../../reader/agent/pairing.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import { defaultPort } from '../../reader/protocol.ts';
import type { ReaderCode } from '../../reader/core/codes.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { eventFor, type1Caller } from '../capabilities/gateway-event.ts';
import { counterTerms, openCounter } from '../capabilities/reading-sessions/counter.ts';
import type { IssuedCard } from '../reader/support/cards.ts';
import { inBrowser, isThere, openBrowser } from './chromium.ts';

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);
/** Pictures for the documentation are taken where this is set; otherwise none is written. */
const pictures = process.env['SCREENSHOTS'] !== undefined;
const picture = (name: string): string =>
  fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url));

let counter: Awaited<ReturnType<typeof openCounter>>;
let tanaka: IssuedCard;
let platform: Web;
let system: Web;
let stranger: Web;
let agent: Agent;
let pairing: Pairing;
let browser: Browser | undefined;
/** What lies on the reader for the next reading, once it is put there. */
let card: PromiseWithResolvers<InProcessReader>;
const opened: BrowserContext[] = [];

beforeAll(async () => {
  if (!isThere) return;
  counter = await openCounter();
  tanaka = await counter.issue();
  pairing = new Pairing(undefined);
  let screen: ReturnType<typeof readingScreenHandler>;
  platform = await serve(async (path) => {
    const serviceId = path.split('/').at(-1)!;
    const event = eventFor('get-reading-screen', { path: { serviceId } });
    const { statusCode, headers, body } = await screen({ ...event, path }, {});
    return { status: statusCode, headers: headers as Record<string, string>, body };
  });
  system = await serve(framingPage);
  stranger = await serve(framingPage);
  agent = await startAgent({
    port: 0,
    origins: [platform.origin],
    pairing,
    readers: {
      waitForCard: async ({ cancelled }) => {
        cancelled?.addEventListener('abort', () => card.reject(new ReaderError('cancelled')));
        return Object.assign(await card.promise, { reader: 'in process' });
      },
      list: async () => [{ name: 'in process', card: 'absent' }],
    },
    platform: counter.agent,
  });
  counter.register(type1Caller.serviceId, {
    name: '砂場市役所 市民課',
    counter: {
      ...counterTerms,
      origins: [system.origin],
      returnUrls: [`${system.origin}/return?case=7`],
    },
  });
  screen = readingScreenHandler(
    { service: async (id) => counter.registered.get(id) },
    async () => screenFiles(),
    { publicBaseUrl: 'https://platform.example', log: () => undefined },
    `http://127.0.0.1:${agent.port}`,
  );
  // The platform's page counts as one of the internet, so that the browser gates its calls here.
  const override = `--ip-address-space-overrides=127.0.0.1:${platform.port}=public`;
  browser = await openBrowser([override]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await agent?.close();
  for (const web of [platform, system, stranger]) web?.close();
  await counter?.close();
});

beforeEach(async () => {
  card = Promise.withResolvers();
  card.promise.catch(() => undefined);
  for (const context of opened.splice(0)) await context.close();
});

interface Web {
  readonly origin: string;
  readonly port: number;
  readonly close: () => void;
}

interface Served {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function serve(answer: (path: string) => Promise<Served>): Promise<Web> {
  const server: Server = createServer((request, response) => {
    void answer(new URL(request.url!, 'http://127.0.0.1').pathname).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${port}`, port, close };
}

const html = { 'content-type': 'text/html; charset=utf-8' } as const;
/** A municipal system: it keeps what it is told, and opens the screen in a frame. */
const framing = `<!doctype html><html lang="ja"><title>住民記録</title><body>
<script>window.told = []; addEventListener('message', ({ origin, data }) => told.push({ origin, data }));</script>`;

const framingPage = async (): Promise<Served> => ({ status: 200, headers: html, body: framing });

const screenUrl = (ticket: string, more = ''): string =>
  `${platform.origin}/counter/${type1Caller.serviceId}#ticket=${ticket}${more}`;

async function visit({ permitted = true } = {}): Promise<Page> {
  const context = await browser!.newContext({ viewport: { width: 720, height: 900 } });
  opened.push(context);
  // What is not granted is denied.
  await context.grantPermissions(permitted ? ['local-network-access'] : ['geolocation']);
  return context.newPage();
}

/** The screen on its own, paired unless said otherwise. */
async function openScreen(
  url: string,
  { paired = true, permitted = true } = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await visit({ permitted });
  const complaints: string[] = [];
  page.on('console', (message) => {
    // The browser itself reports every answer that refuses.
    const isRefusal = /Failed to load resource|status of 4\d\d/.test(message.text());
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  if (paired) {
    const token = pairing.redeem(pairing.open(), platform.origin);
    await page.addInitScript(
      `if (location.origin === '${platform.origin}') localStorage.setItem('mykey-reader http://127.0.0.1:${agent.port}', '${token}')`,
    );
  }
  await page.goto(url);
  return { page, complaints };
}

/** WCAG 2.1 AA, which JIS X 8341-3:2016 AA is part of. */
async function expectAccessible(shown: Page | Frame): Promise<void> {
  await shown.evaluate(axeSource);
  const violations = await shown.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')))`,
  );
  expect(violations).toEqual([]);
}

async function shows(page: Page, title: RegExp, name?: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await expectAccessible(page);
  if (pictures && name !== undefined) await page.screenshot({ path: picture(name) });
}

const outcomeOf = async (handover: string): Promise<Record<string, unknown>> =>
  (await counter.call('redeem-reading-handover', { handover }, { caller: type1Caller })).body;

describe('the reading screen', () => {
  inBrowser(
    'reads a card with its PIN by keyboard alone, and returns with a one-time code',
    async () => {
      const { sessionId, ticket } = await counter.open('pin');
      const back = `&return=${encodeURIComponent(`${system.origin}/return?case=7`)}`;
      const { page, complaints } = await openScreen(screenUrl(ticket, back), { paired: false });
      await shows(page, /つなぎます.*Pair this screen/);
      expect(page.url()).not.toContain('ticket');
      await page.keyboard.type(pairing.open());
      await page.keyboard.press('Enter');
      await shows(page, /カードをリーダーに置いてください.*Put the card/, 'counter-waiting');
      card.resolve(new InProcessReader(new VirtualCard(tanaka.contents)));
      await shows(page, /入力してください.*Enter the PIN/);
      await page.keyboard.type('12');
      await page.keyboard.press('Enter');
      expect(await page.getByRole('alert').textContent()).toMatch(/数字 4 桁/);
      await page.getByLabel(/PIN \(4 digits\)/).fill('');
      await page.keyboard.type('9999');
      await page.keyboard.press('Enter');
      await page.getByText('残り 2 回です').waitFor();
      await shows(page, /入力してください/, 'counter-pin-wrong');
      for (const digit of '1234')
        await page.getByRole('button', { name: digit, exact: true }).click();
      await page.getByRole('button', { name: /読み取る/ }).press('Enter');
      await page.waitForURL(/return\?case=7&handover=/);
      const handover = new URL(page.url()).searchParams.get('handover')!;
      expect(await outcomeOf(handover)).toMatchObject({
        sessionId,
        result: { outcome: 'read', assurance: 'card-signature' },
      });
      expect(await outcomeOf(handover)).toMatchObject({ code: 'handover-used' });
      expect(complaints).toEqual([]);
    },
    60_000,
  );

  inBrowser(
    'in a frame of a registered origin tells that origin, and no other can frame it',
    async () => {
      const { ticket } = await counter.open('pin');
      const page = await visit();
      const token = pairing.redeem(pairing.open(), platform.origin);
      await page.addInitScript(
        `if (location.origin === '${platform.origin}') localStorage.setItem('mykey-reader http://127.0.0.1:${agent.port}', '${token}')`,
      );
      const frame = `(url) => { const frame = document.createElement('iframe'); frame.title = '読み取り';
        frame.allow = 'loopback-network; local-network-access'; frame.src = url; document.body.append(frame); }`;
      await page.goto(stranger.origin);
      await page.evaluate(`(${frame})('${screenUrl(ticket)}')`);
      await page.waitForTimeout(500);
      expect(await page.evaluate('told')).toEqual([]);
      expect(page.frames().at(-1)!.url()).not.toContain('/counter/');
      await page.goto(system.origin);
      await page.evaluate(`(${frame})('${screenUrl(ticket)}')`);
      const screen = page.frameLocator('iframe');
      await screen.getByText('カードをリーダーに置いてください').first().waitFor();
      card.resolve(new InProcessReader(new VirtualCard(tanaka.contents)));
      await screen.getByLabel(/PIN \(4 digits\)/).fill('1234');
      await screen.getByRole('button', { name: /読み取る/ }).click();
      await screen.getByRole('heading', { name: /読み取りました/ }).waitFor();
      await page.waitForFunction('told.length === 1');
      const [told] = (await page.evaluate('told')) as [
        { origin: string; data: Record<string, string> },
      ];
      expect(told).toEqual({
        origin: platform.origin,
        data: { type: 'mykey-reading', outcome: 'read', handover: expect.any(String) },
      });
      expect(await outcomeOf(told.data['handover']!)).toMatchObject({
        result: { outcome: 'read' },
      });
      await expectAccessible(page.frames().at(-1)!);
    },
    60_000,
  );

  inBrowser(
    'tells and obeys a window of a registered origin, and no other that opens it',
    async () => {
      const { ticket } = await counter.open('pin');
      const waiting = /業務の画面から開いてください/;
      for (const web of [stranger, system]) {
        const page = await visit();
        await page.goto(web.origin);
        const opening = page.waitForEvent('popup');
        await page.evaluate(`opened = window.open('${screenUrl('')}'); undefined`);
        const screen = await opening;
        await screen.getByRole('heading', { name: waiting }).waitFor();
        await page.evaluate(
          `opened.postMessage({ type: 'mykey-ticket', ticket: '${ticket}' }, '*')`,
        );
        if (web === system) {
          // The ticket starts the screen, which is not paired yet.
          await screen.getByRole('heading', { name: /Pair this screen/ }).waitFor();
          expect(await page.evaluate('told')).toEqual([
            { origin: platform.origin, data: { type: 'mykey-screen', state: 'ready' } },
          ]);
        } else {
          await page.waitForTimeout(500);
          expect(await screen.getByRole('heading', { name: waiting }).count()).toBe(1);
          expect(await page.evaluate('told')).toEqual([]);
        }
      }
    },
    60_000,
  );

  inBrowser(
    'asks for agreement before the last try of a PIN is used',
    async () => {
      const last = await counter.issue();
      last.contents.jpki.pin.triesLeft = 1;
      const { ticket } = await counter.open('pin');
      const { page } = await openScreen(screenUrl(ticket));
      card.resolve(new InProcessReader(new VirtualCard(last.contents)));
      await shows(page, /入力してください/);
      await page.getByLabel(/PIN \(4 digits\)/).fill('1234');
      await page.getByRole('button', { name: /読み取る/ }).click();
      expect(await page.getByRole('alert').textContent()).toMatch(/了解を確かめて/);
      expect(last.contents.jpki.pin.triesLeft).toBe(1);
      await page.getByRole('checkbox').check();
      await page.getByRole('button', { name: /読み取る/ }).click();
      await page.getByRole('heading', { name: /読み取りました/ }).waitFor();
      await shows(page, /読み取りました.*The card was read/, 'counter-done');
    },
    60_000,
  );

  const situations: readonly (readonly [ReaderCode, RegExp, string?])[] = [
    ['card-absent', /カードがありません.*No card/],
    ['card-removed', /カードが離れました.*taken away/],
    ['pin-blocked', /暗証番号が使えません.*cannot be used/],
    ['pinless-unsupported', /暗証番号なしでは使えません/],
    ['chip-proof-invalid', /このカードは受け付けられません.*not accepted/, 'counter-refused'],
    ['reader-service-stopped', /リーダーが使えません.*reader cannot/],
    ['internal-error', /終えられませんでした/],
  ];
  inBrowser(
    'names each failure, what staff do, and its code',
    async () => {
      for (const [code, title, name] of situations) {
        card = Promise.withResolvers();
        card.promise.catch(() => undefined);
        card.reject(new ReaderError(code));
        const { ticket } = await counter.open('pin');
        const { page } = await openScreen(screenUrl(ticket));
        await shows(page, title, name);
        expect(await page.locator('.code').textContent()).toBe(code);
        await page.context().close();
      }
      opened.length = 0;
    },
    90_000,
  );

  inBrowser(
    'says what the platform refused, not what the reader program thinks of it',
    async () => {
      const { ticket } = await counter.open('hold');
      const { page } = await openScreen(screenUrl(ticket));
      card.resolve(new InProcessReader(new VirtualCard((await counter.issue()).contents)));
      await shows(page, /暗証番号なしでは使えません/);
      expect(await page.locator('.code').textContent()).toBe('enrolment-required');
    },
    60_000,
  );

  inBrowser(
    'is told by the browser whether it may reach the reader program',
    async () => {
      const { ticket } = await counter.open('pin');
      const { page } = await openScreen(screenUrl(ticket), { permitted: false });
      await shows(page, /リーダーが使えません/, 'counter-permission');
      expect(await page.locator('.code').textContent()).toBe('permission-denied');
      expect(await page.getByText('ローカル ネットワーク').count()).toBe(1);
      const { page: allowed } = await openScreen(screenUrl(ticket));
      await shows(allowed, /カードをリーダーに置いてください/);
      await allowed.getByRole('button', { name: /中止/ }).click();
      await shows(allowed, /中止しました.*Cancelled/);
    },
    60_000,
  );
});

const openRegistry = async () => {
  const service = {
    serviceId: 'svc_a',
    organisationId: 'org_a',
    name: '<script>alert(1)</script>',
    type: 'type1',
    status: 'active',
    sectorId: 'sec_a',
    clientIds: [],
    createdAt: 0,
    updatedAt: 0,
  } as const;
  const counterOf = (more: object) => ({
    ...service,
    counter: { ...counterTerms, origins: ['https://a.example', 'https://b.example'] },
    ...more,
  });
  const all: Readonly<Record<string, ReturnType<typeof counterOf>>> = {
    svc_a: counterOf({}),
    svc_unregistered: counterOf({ counter: undefined }),
    svc_suspended: counterOf({ status: 'suspended' }),
    svc_type2: counterOf({ type: 'type2' }),
  };
  return { service: async (id: string) => all[id] };
};

const screenAnswer = async (serviceId: string) => {
  const registered = await openRegistry();
  const handler = readingScreenHandler(registered, async () => screenFiles(), {
    publicBaseUrl: 'https://platform.example',
    log: () => undefined,
  });
  const { statusCode, headers, body } = await handler(
    eventFor('get-reading-screen', { path: { serviceId } }),
    {},
  );
  return { statusCode, policy: String(headers?.['Content-Security-Policy']), body };
};

describe('the policy of the screen', () => {
  it('names the registered origins as the only frames, and no script but its own', async () => {
    const { statusCode, policy, body } = await screenAnswer('svc_a');
    expect(statusCode).toBe(200);
    const digest = expect.stringMatching(/^'sha256-[\w+/]{43}='$/);
    const directives = policy.split('; ').map((directive) => directive.split(' '));
    expect(directives).toEqual([
      ['default-src', "'none'"],
      ['script-src', digest],
      ['style-src', digest],
      ['img-src', 'data:'],
      ['connect-src', `http://127.0.0.1:${defaultPort}`],
      ['base-uri', "'none'"],
      ['form-action', "'none'"],
      ['frame-ancestors', 'https://a.example', 'https://b.example'],
    ]);
    expect(body).toContain('&lt;script>alert(1)&lt;/script>');
    expect((await screenAnswer('svc_unregistered')).policy).toMatch(/frame-ancestors 'none'$/);
  });

  it('exists for counters in service only', async () => {
    for (const serviceId of ['svc_suspended', 'svc_type2', 'svc_none']) {
      const { statusCode, body } = await screenAnswer(serviceId);
      expect([serviceId, statusCode, (JSON.parse(body) as { code: string }).code]).toEqual([
        serviceId,
        404,
        'service-not-found',
      ]);
    }
  });
});
