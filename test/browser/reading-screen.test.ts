import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { compactDecrypt } from 'jose';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { readingScreenHandler } from '../../lambdas/capabilities/reading-screen/handler.ts';
import { screenFiles } from '../../lambdas/capabilities/reading-screen/screen-files.ts';
import { startAgent, type Agent } from '../../reader/agent/agent-server.ts';
import { Pairing } from '../../reader/agent/pairing.ts';
import type { ReadingPlatform } from '../../reader/agent/platform-client.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import { defaultPort } from '../../reader/protocol.ts';
import type { ReaderCode } from '../../reader/core/codes.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { eventFor, libraryCaller, type1Caller } from '../capabilities/gateway-event.ts';
import { counterTerms, openCounter, type Mode } from '../capabilities/reading-sessions/counter.ts';
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
/** What the reader program's status says of the reader. */
let seen: 'absent' | 'present' = 'absent';
/** The terminal of a reading's service. */
let terminal: ReadingPlatform;
/** The reader, as the reader program sees it. */
const readers = {
  waitForCard: async ({ cancelled }: { cancelled?: AbortSignal }) => {
    cancelled?.addEventListener('abort', () => card.reject(new ReaderError('cancelled')));
    return Object.assign(await card.promise, { reader: 'in process' });
  },
  list: async () => [{ name: 'in process', card: seen }],
};
const opened: BrowserContext[] = [];
const returnUrl = '/return?case=7';
/** For the four attributes. */
const encryption = generateKeyPairSync('ec', { namedCurve: 'P-256' });
/** A person with a My Key ID, and a terminal without staff. */
let member: IssuedCard;
let memberId: string;
let unattended: ReturnType<typeof counter.pairedAs>;

beforeAll(async () => {
  if (!isThere) return;
  counter = await openCounter();
  tanaka = await counter.issue();
  member = await counter.issue();
  unattended = counter.pairedAs(libraryCaller, true);
  const { result } = await counter.read(member.contents, 'pin', {
    caller: libraryCaller,
    myKeyId: {},
  });
  ({ myKeyId: memberId } = result as { myKeyId: string });
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
    readers,
    platform: {
      claim: (ticket) => terminal.claim(ticket),
      report: (token, result) => terminal.report(token, result),
    },
  });
  counter.register(type1Caller.serviceId, {
    name: '砂場市役所 市民課',
    counter: {
      ...counterTerms,
      origins: [system.origin],
      returnUrls: [system.origin + returnUrl],
    },
    encryptionKey: {
      ...(encryption.publicKey.export({ format: 'jwk' }) as { x: string; y: string }),
      kty: 'EC',
      crv: 'P-256',
      use: 'enc',
      alg: 'ECDH-ES',
      kid: 'attributes-1',
    },
  });
  counter.register(libraryCaller.serviceId, {
    type: 'library',
    name: '砂場市立図書館',
    counter: {
      ...counterTerms,
      origins: [system.origin],
      returnUrls: [system.origin + returnUrl],
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
  if (!isThere) return;
  for (const context of opened.splice(0)) await context.close();
  await agentIsFree();
  card = Promise.withResolvers();
  card.promise.catch(() => undefined);
  seen = 'absent';
  terminal = counter.agent;
});

/** The reader program has noticed that the pages of the test before were closed. */
async function agentIsFree(): Promise<void> {
  const token = pairing.redeem(pairing.open(), platform.origin);
  const headers = { origin: platform.origin, authorization: `Bearer ${token}` };
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${agent.port}/v1/status`, { headers });
    if (!answer.ok) throw new Error(`no status: ${answer.status}`);
    if (!((await answer.json()) as { busy: boolean }).busy) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

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

const screenUrl = (ticket: string, more = '', { serviceId } = type1Caller): string =>
  `${platform.origin}/counter/${serviceId}#ticket=${ticket}${more}`;

async function visit({ permitted = true } = {}): Promise<Page> {
  const context = await browser!.newContext({ viewport: { width: 720, height: 900 } });
  opened.push(context);
  // What is not granted is denied.
  await context.grantPermissions(permitted ? ['local-network-access'] : ['geolocation']);
  return context.newPage();
}

/** The screen in this page is paired with the reader program. */
async function pair(page: Page): Promise<void> {
  const token = pairing.redeem(pairing.open(), platform.origin);
  await page.addInitScript(
    `if (location.origin === '${platform.origin}') localStorage.setItem('mykey-reader http://127.0.0.1:${agent.port}', '${token}')`,
  );
}

/** Adds a frame to a page. */
const frame = `(url) => { const frame = document.createElement('iframe'); frame.title = '読み取り';
  frame.allow = 'loopback-network; local-network-access'; frame.src = url; document.body.append(frame); }`;

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
  if (paired) await pair(page);
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
      const back = `&return=${encodeURIComponent(system.origin + returnUrl)}`;
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
      await pair(page);
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
    ['pin-blocked', /暗証番号が使えません.*cannot be used/],
    ['chip-proof-invalid', /このカードは受け付けられません.*not accepted/, 'counter-refused'],
    ['internal-error', /終えられませんでした/],
  ];
  inBrowser(
    'names a failure, what staff do, and its code',
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
    'says how a person without a My Key ID gets one',
    async () => {
      terminal = await counter.agentOf(libraryCaller);
      const { ticket } = await counter.open('pin', false, libraryCaller);
      const { page } = await openScreen(screenUrl(ticket, '', libraryCaller));
      card.resolve(new InProcessReader(new VirtualCard((await counter.issue()).contents)));
      await page.getByLabel(/PIN \(4 digits\)/).fill('1234');
      await page.getByRole('button', { name: /読み取る/ }).click();
      await shows(page, /登録がありません.*Not registered/, 'counter-not-registered');
      expect(await page.locator('.code').textContent()).toBe('my-key-id-not-found');
      await page.getByText(/マイキーIDの発行を選び、暗証番号で読み取ってください/).waitFor();
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

interface Told {
  readonly data: Readonly<Record<string, string>>;
}

/**
 * A library's (or a city's) own page at a kiosk, with the screen in a frame. Its clock can be put
 * forward.
 */
async function openKiosk(caller = libraryCaller) {
  terminal = caller === libraryCaller ? (await unattended).agent : await counter.agentOf(caller);
  const page = await visit();
  await page.clock.install();
  await pair(page);
  await page.goto(system.origin);
  await page.evaluate(
    `(${frame})('${platform.origin}/counter/${caller.serviceId}#kiosk');
     document.querySelector('iframe').style = 'position: fixed; inset: 0; width: 100%; height: 100%; border: 0';`,
  );
  const screen = page.frames().at(-1)!;
  const told = async (): Promise<readonly Told['data'][]> => {
    const all: readonly Told[] = await page.evaluate('told');
    return all.map(({ data }) => data);
  };
  return {
    page,
    screen,
    told,
    shows: async (title: RegExp, name?: string) => {
      await screen.getByRole('heading', { level: 1, name: title }).waitFor();
      await expectAccessible(screen);
      if (pictures && name !== undefined) await page.screenshot({ path: picture(name) });
    },
    /** Puts a card on the reader; the library's page then gives the ticket that is asked for. */
    put: async (
      put: IssuedCard,
      {
        mode = 'pin',
        enrolChip = false,
        asks = /暗証番号/,
      }: { mode?: Mode; enrolChip?: boolean; asks?: RegExp } = {},
    ) => {
      const before = (await told()).length;
      card = Promise.withResolvers();
      card.promise.catch(() => undefined);
      card.resolve(new InProcessReader(new VirtualCard(put.contents)));
      seen = 'present';
      await page.waitForFunction(`told.length > ${before}`);
      expect((await told()).at(-1)).toEqual({ type: 'mykey-screen', state: 'ready' });
      const { sessionId, ticket } = await counter.open(mode, enrolChip, caller);
      await page.evaluate(
        `frames[0].postMessage({ type: 'mykey-ticket', ticket: '${ticket}' }, '*')`,
      );
      await screen.getByRole('heading', { level: 1, name: asks }).waitFor();
      return { sessionId, outcome: () => counter.result(sessionId, caller) };
    },
    /** What a next person, or a browser that fills in forms, could find. */
    left: async () =>
      String(
        await screen.evaluate(
          `JSON.stringify([document.querySelectorAll('input, form, textarea').length,
             document.body.innerText, { ...sessionStorage }, document.cookie, history.state])`,
        ),
      ),
  };
}

const startTitle = /カードを置いてください.*Put your card/;
const takeBack = /カードをお取りください|受け付けました/;

describe('the reading screen at a kiosk', () => {
  inBrowser(
    'serves person after person: card, PIN, outcome, start, and asks for a ticket only when a card is there',
    async () => {
      const kiosk = await openKiosk();
      const { page, screen } = kiosk;
      await kiosk.shows(startTitle, 'kiosk-start');
      await page.clock.fastForward(600_000);
      expect(await kiosk.told()).toEqual([]);
      await kiosk.put(member);
      await page.keyboard.type('98');
      await screen.getByText('●●○○').waitFor();
      await kiosk.shows(/暗証番号.*PIN \(4 digits\)/, 'kiosk-pin');
      expect(await kiosk.left()).toMatch(/^\[0,/);
      await page.keyboard.press('Enter');
      await screen.getByText('数字 4 桁です').waitFor();
      await page.keyboard.type('76');
      await page.keyboard.press('Enter');
      await screen.getByText('違います').waitFor();
      await screen.getByText('残り 2 回').waitFor();
      for (const digit of ['7', '消す', '1', '2', '3', '4'])
        await screen.getByRole('button', { name: new RegExp(`^${digit}`) }).click();
      await screen.getByRole('button', { name: /次へ/ }).click();
      await kiosk.shows(/受け付けました.*Done/);
      const { handover } = (await kiosk.told()).at(-1)!;
      const { body } = await counter.call(
        'redeem-reading-handover',
        { handover },
        { caller: libraryCaller },
      );
      expect(body['result']).toMatchObject({ outcome: 'read', myKeyId: memberId });
      seen = 'absent';
      await page.clock.fastForward(5_000);
      await kiosk.shows(startTitle);
      expect(await kiosk.left()).not.toMatch(/9876|1234|●|[2-9A-Z]{8}/);
      // The next one.
      await kiosk.put(member);
    },
    60_000,
  );

  inBrowser(
    'opened by redirect: takes the ticket of its address, and goes back with a one-time code or the error',
    async () => {
      ({ agent: terminal } = await unattended);
      const back = `&kiosk&return=${encodeURIComponent(system.origin + returnUrl)}`;
      const begin = async (): Promise<Page> => {
        const { ticket } = await counter.open('pin', false, libraryCaller);
        const page = await visit();
        await page.clock.install();
        await pair(page);
        await page.goto(screenUrl(ticket, back, libraryCaller));
        await page.getByRole('heading', { level: 1, name: startTitle }).waitFor();
        expect(page.url()).toMatch(/#kiosk$/);
        return page;
      };
      const page = await begin();
      card.resolve(new InProcessReader(new VirtualCard(member.contents)));
      seen = 'present';
      await page.getByRole('heading', { level: 1, name: /暗証番号/ }).waitFor();
      await page.keyboard.type('1234');
      await page.keyboard.press('Enter');
      await shows(page, /受け付けました.*Done/);
      seen = 'absent';
      await page.clock.fastForward(5_000);
      await page.waitForURL(/return\?case=7&handover=/);
      const handover = new URL(page.url()).searchParams.get('handover')!;
      const redeemed = await counter.call(
        'redeem-reading-handover',
        { handover },
        { caller: libraryCaller },
      );
      expect(redeemed.body['result']).toMatchObject({ outcome: 'read', myKeyId: memberId });
      // Nobody came: the ticket of the address expires, so nobody is waited for without end.
      const alone = await begin();
      await alone.clock.fastForward(31_000);
      await shows(alone, /カードがありません.*No card/);
      await alone.clock.fastForward(5_000);
      await alone.waitForURL(/return\?case=7&error=card-absent$/);
    },
    60_000,
  );

  inBrowser(
    'asks for birth date and number B by the same keys, each by its own name and length',
    async () => {
      const person = await counter.issue();
      const kiosk = await openKiosk(type1Caller);
      const { page, screen } = kiosk;
      const enter = async (digits: string): Promise<void> => {
        await page.keyboard.type(digits);
        await page.keyboard.press('Enter');
      };
      const enrolment = await kiosk.put(person, { enrolChip: true });
      await enter('1234');
      await kiosk.shows(/生年月日.*昭和 55 年 11 月 21 日は 551121.*Birth date/);
      await screen.getByText('○'.repeat(6), { exact: true }).waitFor();
      await enter('55112');
      await screen.getByText('数字 6 桁です').waitFor();
      await enter('1');
      await kiosk.shows(/受け付けました.*Done/);
      expect(await enrolment.outcome()).toMatchObject({ outcome: 'read', chipEnrolled: true });
      seen = 'absent';
      await page.clock.fastForward(5_000);
      await kiosk.shows(startTitle);

      const numberB = person.contents.inputAssistance!.verificationNumberB.value;
      const wrong = numberB.slice(0, 13) + (numberB.endsWith('0') ? '1' : '0');
      const asks = /照合番号B.*Verification number B \(14 digits\)/;
      const held = await kiosk.put(person, { mode: 'hold+attributes', asks });
      await enter(wrong.slice(0, 13));
      await screen.getByText('数字 14 桁です').waitFor();
      await enter(wrong.slice(13));
      await screen.getByText('違います').waitFor();
      await kiosk.shows(asks);
      await screen.getByText('○'.repeat(14), { exact: true }).waitFor();
      expect(await kiosk.left()).toMatch(/^\[0,/);
      await enter(numberB);
      await kiosk.shows(/受け付けました.*Done/);
      const { attributes, assurance } = (await held.outcome()) as Record<string, string>;
      expect(assurance).toBe('chip-presence');
      const { plaintext } = await compactDecrypt(attributes!, encryption.privateKey);
      expect(JSON.parse(new TextDecoder().decode(plaintext))).toMatchObject({
        birthDate: '19801121',
      });
      expect(await kiosk.left()).not.toMatch(new RegExp(`${numberB}|●`));
    },
    60_000,
  );

  inBrowser(
    'returns to the start from somebody who walks away, after a warning, or takes the card',
    async () => {
      const kiosk = await openKiosk();
      const { page, screen } = kiosk;
      const { outcome } = await kiosk.put(member);
      await page.keyboard.type('12');
      await page.clock.fastForward(30_000);
      await kiosk.shows(/暗証番号/, 'kiosk-warning');
      await screen.getByRole('button', { name: /続ける.*Go on/ }).click();
      await page.clock.fastForward(20_000);
      await screen.getByText('●●○○').waitFor();
      await page.clock.fastForward(10_000);
      await page.clock.fastForward(20_000);
      await kiosk.shows(takeBack);
      expect((await kiosk.told()).at(-1)).toMatchObject({ outcome: 'failed', code: 'cancelled' });
      expect(await outcome()).toEqual({ outcome: 'failed', code: 'cancelled' });
      seen = 'absent';
      await page.clock.fastForward(1_000);
      await kiosk.shows(startTitle);
      await kiosk.put(member);
      await page.keyboard.type('123');
      seen = 'absent';
      await page.clock.fastForward(1_000);
      await kiosk.shows(startTitle);
      expect(await kiosk.left()).not.toContain('●');
    },
    60_000,
  );

  inBrowser(
    'leaves the last try of a PIN to the counter, and says so to the holder, not to staff',
    async () => {
      const kiosk = await openKiosk();
      const last = await counter.issue();
      last.contents.jpki.pin.triesLeft = 2;
      await kiosk.put(last);
      await kiosk.page.keyboard.type('9999');
      await kiosk.page.keyboard.press('Enter');
      await kiosk.shows(/残り 1 回です.*One try/, 'kiosk-refused');
      await kiosk.screen.getByText(/最後の 1 回は使いません。窓口でお手続きください/).waitFor();
      expect(await kiosk.screen.locator('.code').textContent()).toBe('pin-last-try');
      expect(last.contents.jpki.pin.triesLeft).toBe(1);
      expect(await kiosk.left()).not.toMatch(/本人|報告|holder/);
    },
    60_000,
  );

  inBrowser(
    'is left neither by the way back nor by a reload',
    async () => {
      const page = await visit();
      await pair(page);
      await page.goto(stranger.origin);
      await page.goto(`${platform.origin}/counter/${libraryCaller.serviceId}#kiosk`);
      const title = page.getByRole('heading', { level: 1, name: startTitle });
      await title.waitFor();
      for (let time = 0; time < 3; time++) {
        await page.goBack();
        await page.waitForFunction(`history.state === 'kiosk'`);
      }
      await title.waitFor();
      expect(page.url()).toMatch(/#kiosk$/);
      await page.reload();
      await title.waitFor();
      expect(await page.evaluate(`document.documentElement.className`)).toBe('kiosk');
    },
    60_000,
  );

  inBrowser(
    'comes back by itself after the reader program was away',
    async () => {
      const kiosk = await openKiosk();
      await kiosk.shows(startTitle);
      const { list } = readers;
      readers.list = async () => {
        throw new ReaderError('reader-service-stopped');
      };
      await kiosk.page.clock.fastForward(1_000);
      await kiosk.shows(/リーダーが使えません/);
      await kiosk.screen.getByText(/この端末はいま使えません/).waitFor();
      readers.list = list;
      await kiosk.page.clock.fastForward(5_000);
      await kiosk.shows(startTitle);
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
