/**
 * A municipal service with a login by My Number Card (Node 22.18 or newer; `npm install jose`).
 *
 *   node server.ts          then open http://localhost:8090
 *
 * MYKEY_URL   the platform            http://localhost:8080
 * MYKEY_KEY   the client's JWK file   .sandbox/8080/client.jwk
 * JLIS_URL    the sandbox's cards     http://127.0.0.1:8081
 * PORT        of this service         8090
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loginPage, policy, welcomePage, type Message } from './pages.ts';
import { logIn, Refused } from './platform.ts';
import { cards, newCard, signWithCard } from './virtual-card.ts';

/** What a service keeps: the PPID, and what it knows this person by itself. No certificate, no name. */
interface Account {
  readonly number: number;
  logins: number;
}

/** Tables of a database, in a service that is none of an example. */
const accounts = new Map<string, Account>();
const sessions = new Map<string, { readonly account: Account; readonly until: number }>();
const sessionMs = 30 * 60_000;

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const page = (status: number, body: string): Answer => ({ status, body });
const seeOther = (headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 303,
  headers: { location: '/', ...headers },
});

async function answer(request: IncomingMessage): Promise<Answer> {
  const route = `${request.method} ${new URL(request.url ?? '/', 'http://localhost').pathname}`;
  if (route === 'GET /') return home(request);
  // Forms of other sites: the cookie is SameSite=Strict, and browsers name the origin of a POST.
  if (!isOwnOrigin(request)) return page(403, 'forms of this page only');
  if (route === 'POST /login') return login(await formOf(request));
  if (route === 'POST /logout') return logout(request);
  if (route === 'POST /cards') {
    await newCard();
    return seeOther();
  }
  return page(404, 'not here');
}

async function home(request: IncomingMessage): Promise<Answer> {
  const account = accountOf(request);
  return page(200, account ? welcomePage(account) : loginPage(await cards()));
}

async function login(form: URLSearchParams): Promise<Answer> {
  const card = (await cards()).find(({ cardId }) => cardId === form.get('card'));
  if (card === undefined) return seeOther();
  try {
    // In production the person's phone or a card reader signs: the PIN never reaches a web server.
    const sign = (challenge: string) => signWithCard(card, form.get('pin') ?? '', challenge);
    const ppid = await logIn(card.certificate, sign);
    const account = accounts.get(ppid) ?? { number: accounts.size + 1, logins: 0 };
    account.logins++;
    accounts.set(ppid, account);
    // A new id at every login: one that was planted before is worth nothing.
    const id = randomBytes(32).toString('base64url');
    sessions.set(id, { account, until: Date.now() + sessionMs });
    return seeOther({ 'set-cookie': cookieOf(id, sessionMs / 1000) });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return page(error.status >= 500 ? 503 : 422, loginPage(await cards(), messageOf(error)));
  }
}

function logout(request: IncomingMessage): Answer {
  sessions.delete(sessionIdOf(request));
  return seeOther({ 'set-cookie': cookieOf('', 0) });
}

/** `Secure` is for https, which this example does not speak. */
const cookieOf = (id: string, seconds: number): string =>
  `session=${id}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Strict`;

const sessionIdOf = ({ headers }: IncomingMessage): string =>
  /(?:^|; )session=([\w-]+)/.exec(headers.cookie ?? '')?.[1] ?? '';

function accountOf(request: IncomingMessage): Account | undefined {
  const session = sessions.get(sessionIdOf(request));
  return session !== undefined && Date.now() < session.until ? session.account : undefined;
}

const isOwnOrigin = ({ headers }: IncomingMessage): boolean =>
  headers.origin === `http://${headers.host}` &&
  /^(localhost|127\.0\.0\.1):/.test(headers.host ?? '');

/** What the person can do about it; everything else is for the service's own people. */
function messageOf({ code, type }: Refused): Message {
  const [ja, en] = messages[code] ?? [
    'ログインできませんでした。時間をおいてやり直してください。',
    'The login failed. Please try again later.',
  ];
  return { ja, en, code, ...(type !== undefined && { type }) };
}

const messages: Readonly<Record<string, readonly [ja: string, en: string]>> = {
  'pin-wrong': ['暗証番号が違います。', 'Wrong PIN.'],
  'pin-blocked': [
    '暗証番号がロックされています。市区町村の窓口へお越しください。',
    'The PIN is blocked. Please visit your municipality.',
  ],
  'certificate-revoked': [
    'このカードの証明書は失効しています。市区町村の窓口へお問い合わせください。',
    'The certificate of this card is revoked. Please ask your municipality.',
  ],
  'certificate-expired': [
    'このカードの証明書は有効期限が切れています。',
    'The certificate of this card has expired.',
  ],
  'subject-suspended': ['利用が停止されています。', 'Your use is suspended.'],
};

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > 4096) throw new Error('the form is too long');
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString('utf8'));
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error: unknown): Answer => {
      console.error(error instanceof Error ? error.message : 'unknown failure');
      return page(500, 'out of order / 停止中');
    })
    .then(({ status, headers = {}, body = '' }) => {
      response.writeHead(status, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        ...headers,
      });
      response.end(body);
    })
    .catch(() => response.destroy());
});
server.listen(Number(process.env['PORT'] ?? 8090), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://localhost:${port}`);
});
