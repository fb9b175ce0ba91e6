import { generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { compactDecrypt, exportJWK, type JWK } from 'jose';
import { startAgent, type Agent } from '../../reader/agent/agent-server.ts';
import { agentLimits } from '../../reader/agent/limits.ts';
import { Pairing } from '../../reader/agent/pairing.ts';
import { platformAt } from '../../reader/agent/platform-client.ts';
import { readingEventSchema, type ReadingEvent } from '../../reader/protocol.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { printedNumber } from '../../sandbox/card/personalise.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { personOf } from '../../sandbox/jlis/registry.ts';
import { newCard, openIssuer, type IssuedCard, type Issuer } from './support/cards.ts';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';

const page = 'https://counter.example';
let issuer: Issuer;
let tanaka: IssuedCard;
let platform: LocalPlatform;
let reader: InProcessReader;
let agent: Agent;
let pairing: Pairing;
let token: string;
let tickets = 0;

beforeAll(async () => {
  issuer = await openIssuer();
  tanaka = await newCard(issuer, { pin: '8317', person: { birthDate: '1980-11-21' } });
});

beforeEach(async () => {
  tanaka.issued.slots['user-authentication'].triesLeft = 3;
  platform = await startLocalPlatform();
  reader = new InProcessReader(new VirtualCard(tanaka.contents));
  pairing = new Pairing(undefined);
  agent = await startAgent({
    port: 0,
    origins: [page, 'https://other.example'],
    pairing,
    readers: {
      waitForCard: async () => Object.assign(reader, { reader: 'in process' }),
      list: async () => [{ name: 'in process', card: 'present' }],
    },
    platform: platformAt(platform.url),
  });
  token = pairing.redeem(pairing.open(), page);
});

afterEach(async () => {
  await agent.close();
  await platform.close();
});

const challenge = Buffer.from('challenge of a reading session');
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

function ticketFor(instructions: Record<string, unknown>): string {
  const ticket = `ticket-number-${++tickets}-${'x'.repeat(16)}`;
  platform.tickets.set(ticket, instructions);
  return ticket;
}

interface Call {
  readonly method?: string;
  readonly body?: unknown;
  /** The body as it is sent, instead of `body` as JSON. */
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

/** As a browser calls, but free to state any Host and Origin. */
function call(
  path: string,
  { method = 'POST', body, text: sent, headers = {} }: Call = {},
  onLine: (event: ReadingEvent) => void = () => {},
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: agent.port,
        path,
        method,
        headers: {
          origin: page,
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...headers,
        },
      },
      (response) => {
        let text = '';
        let told = 0;
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          const lines = text.split('\n').slice(0, -1);
          for (const line of lines.slice(told)) onLine(readingEventSchema.parse(JSON.parse(line)));
          told = lines.length;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode!, text, headers: response.headers });
        });
      },
    );
    request.on('error', reject);
    request.end(sent ?? (body === undefined ? undefined : JSON.stringify(body)));
  });
}

/** A whole reading; what is entered at each question of the agent. */
async function readWith(
  ticket: string,
  ...entries: readonly { credentials: object; useLastTry?: readonly string[] }[]
): Promise<readonly ReadingEvent[]> {
  const events: ReadingEvent[] = [];
  const entering: Promise<unknown>[] = [];
  let asked = 0;
  await call('/v1/readings', { body: { ticket } }, (event) => {
    events.push(event);
    if (event.event !== 'entry-needed') return;
    const entry = entries[asked++];
    entering.push(
      entry
        ? call('/v1/readings/entry', { body: { readingId: event.readingId, ...entry } })
        : call('/v1/readings/cancel', { body: { readingId: event.readingId } }),
    );
  });
  await Promise.all(entering);
  return events;
}

const codeIn = ({ text }: { text: string }): string => (JSON.parse(text) as { code: string }).code;
const pinEntry = (userAuthenticationPin: string) => ({ credentials: { userAuthenticationPin } });
const pinSession = { mode: 'pin', challenge: base64url(challenge) };

describe('a reading', () => {
  it('with PIN: the platform gets certificate and signature, the page neither', async () => {
    const events = await readWith(ticketFor(pinSession), pinEntry('8317'));
    expect(events.map(({ event }) => event)).toEqual([
      'progress',
      'progress',
      'entry-needed',
      'progress',
      'progress',
      'finished',
    ]);
    expect(events.at(-1)).toMatchObject({
      assurance: ['card-signature'],
      handover: 'handover-code',
    });
    const [result] = platform.results;
    if (result?.outcome !== 'read') throw new Error('not read');
    const { publicKey } = new X509Certificate(Buffer.from(result.certificate, 'base64url'));
    const signature = Buffer.from(result.signature!.value, 'base64url');
    expect(verify('sha256', challenge, publicKey, signature)).toBe(true);
    expect(JSON.stringify(events)).not.toContain(result.certificate.slice(100, 160));
  });

  it('without PIN asks the page for nothing', async () => {
    const session = { mode: 'hold', chipChallenge: base64url(challenge) };
    const events = await readWith(ticketFor(session));
    expect(events.map(({ event }) => event)).not.toContain('entry-needed');
    expect(platform.results[0]).toMatchObject({ outcome: 'read', assurance: ['chip-presence'] });
  });

  it('reports the remaining tries and asks again after a wrong PIN', async () => {
    const events = await readWith(ticketFor(pinSession), pinEntry('0000'), pinEntry('8317'));
    const asked = events.filter(({ event }) => event === 'entry-needed');
    expect(asked).toMatchObject([
      { wanted: [{ credential: 'userAuthenticationPin', triesLeft: 3 }] },
      { wanted: [{ credential: 'userAuthenticationPin', triesLeft: 2 }], because: 'pin-wrong' },
    ]);
    expect(events.at(-1)).toMatchObject({ event: 'finished' });
  });

  it('does not use the last try unless the page says that the holder agrees', async () => {
    tanaka.issued.slots['user-authentication'].triesLeft = 1;
    const events = await readWith(ticketFor(pinSession), pinEntry('8317'), {
      ...pinEntry('8317'),
      useLastTry: ['userAuthenticationPin'],
    });
    expect(events.find((event) => 'because' in event)).toMatchObject({ because: 'pin-last-try' });
    expect(events.at(-1)).toMatchObject({ event: 'finished' });
  });

  it('that the person cancels is cancelled, for the platform as well', async () => {
    const events = await readWith(ticketFor(pinSession));
    expect(events.at(-1)).toMatchObject({ event: 'failed', code: 'cancelled' });
    expect(platform.results).toEqual([{ outcome: 'failed', code: 'cancelled' }]);
  });

  it('whose page is closed is not called cancelled', async () => {
    const ticket = ticketFor(pinSession);
    await new Promise<void>((resolve) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port: agent.port,
        path: '/v1/readings',
        method: 'POST',
        headers: {
          origin: page,
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
      });
      request.on('response', (response) => {
        response.on('data', (chunk: Buffer) => {
          if (chunk.includes('entry-needed')) request.destroy();
        });
        response.on('error', () => {});
      });
      request.on('close', resolve);
      request.end(JSON.stringify({ ticket }));
    });
    for (let i = 0; i < 100 && platform.results.length === 0; i++) {
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
    expect(platform.results).toEqual([{ outcome: 'failed', code: 'page-gone' }]);
  });

  it('of a phone without PIN ends as unsupported before any entry is requested', async () => {
    const phone = await newCard(issuer, { medium: 'phone' });
    reader.put(phone.card);
    const session = { mode: 'hold', chipChallenge: base64url(challenge) };
    const events = await readWith(ticketFor(session));
    expect(events.at(-1)).toMatchObject({
      event: 'failed',
      code: 'pinless-unsupported',
      cure: { ja: expect.stringContaining('スマートフォン') },
    });
  });
});

describe('the four attributes', () => {
  it('reach the service, bound to its session, and nobody on the way', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { name, address } = personOf(issuer.office.registry, tanaka.issued.personId);
    const verificationNumberB = printedNumber(
      issuer.office,
      tanaka.issued,
      personOf(issuer.office.registry, tanaka.issued.personId),
    );
    const session = {
      mode: 'hold+attributes',
      sessionId: 'rse_of_the_service',
      chipChallenge: base64url(challenge),
      attributesKey: { ...(await exportJWK(publicKey)), kid: 'service-key' },
      chipRoots: [{ keyId: issuer.cv.rootKeyId, publicKey: issuer.cv.rootPublicKey }],
    };
    const events = await readWith(ticketFor(session), { credentials: { verificationNumberB } });
    const [result] = platform.results;
    if (result?.outcome !== 'read') throw new Error(JSON.stringify(events.at(-1)));
    const { plaintext, protectedHeader } = await compactDecrypt(result.attributes!, privateKey);
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toMatchObject({
      name,
      address,
      birthDate: '19801121',
    });
    expect(protectedHeader).toMatchObject({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      kid: 'service-key',
      apv: base64url(Buffer.from('rse_of_the_service')),
    });
    const seen = [...platform.received, JSON.stringify(events)].join('\n');
    for (const secret of [name, address, '19801121', verificationNumberB]) {
      expect(seen).not.toContain(secret);
    }
  });

  it('are not encrypted to a private key, nor to one of another kind', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const keys: readonly JWK[] = [
      await exportJWK(pair.privateKey),
      await exportJWK(rsa.publicKey),
      await exportJWK(other.publicKey),
    ];
    for (const attributesKey of keys) {
      const session = {
        mode: 'pin+attributes',
        challenge: base64url(challenge),
        attributesKey,
        chipRoots: [{ keyId: issuer.cv.rootKeyId, publicKey: issuer.cv.rootPublicKey }],
      };
      const events = await readWith(ticketFor(session), {
        credentials: { userAuthenticationPin: '8317', inputAssistancePin: '8317' },
      });
      expect(events.at(-1)).toMatchObject({ event: 'failed', code: 'platform-refused' });
    }
  });
});

describe('the PIN', () => {
  it('goes from page to agent and no further', async () => {
    const events = await readWith(ticketFor(pinSession), pinEntry('8311'), pinEntry('8317'));
    const seen = [...platform.received, JSON.stringify(events)].join('\n');
    expect(seen).not.toMatch(/\b831[17]\b/);
  });

  it('is not quoted when a request cannot be read', async () => {
    const answer = await call('/v1/readings/entry', {
      body: { readingId: 'x', credentials: { userAuthenticationPin: 8317 } },
    });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('8317');
  });
});

describe('nothing is given to', () => {
  it.each([
    ['a foreign page', { origin: 'https://evil.example' }, 403, 'origin-refused'],
    ['no page', { origin: '' }, 403, 'origin-refused'],
    [
      'a page with a name that looks alike',
      { origin: `${page}.evil.example` },
      403,
      'origin-refused',
    ],
    ['the same host without TLS', { origin: 'http://counter.example' }, 403, 'origin-refused'],
    ['DNS rebinding', { host: 'evil.example:17510' }, 421, 'host-refused'],
    ['DNS rebinding on our port', { host: 'evil.example' }, 421, 'host-refused'],
    ['a page that is not paired', { authorization: '' }, 401, 'pairing-needed'],
    ['another token', { authorization: `Bearer ${'A'.repeat(43)}` }, 401, 'pairing-needed'],
    [
      'another page with a stolen token',
      { origin: 'https://other.example' },
      401,
      'pairing-needed',
    ],
    ['a form', { 'content-type': 'text/plain' }, 400, 'request-invalid'],
  ])('%s', async (_, headers, status, code) => {
    const answer = await call('/v1/readings', {
      body: { ticket: ticketFor(pinSession) },
      headers,
    });
    expect([answer.status, codeIn(answer)]).toEqual([status, code]);
    if (code === 'origin-refused' || code === 'host-refused') {
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(platform.received).toEqual([]);
  });

  it('a request that is longer than a ticket or a PIN can make it', async () => {
    const [most, longer] = await Promise.all(
      [agentLimits.bodyOctets, agentLimits.bodyOctets + 1].map((octets) =>
        call('/v1/readings/cancel', { text: '{"readingId":"x"}'.padEnd(octets, ' ') }),
      ),
    );
    expect([most?.status, longer?.status]).toEqual([404, 400]);
  });

  it('a second tab while a reading is in progress', async () => {
    let second: Promise<{ status: number; text: string }> | undefined;
    await call('/v1/readings', { body: { ticket: ticketFor(pinSession) } }, (event) => {
      if (event.event !== 'entry-needed') return;
      second = call('/v1/readings', { body: { ticket: ticketFor(pinSession) } }).then(
        async (answer) => {
          await call('/v1/readings/cancel', { body: { readingId: event.readingId } });
          return answer;
        },
      );
    });
    expect(codeIn((await second)!)).toBe('reading-in-progress');
  });

  it('another page that knows the reading’s id', async () => {
    const otherToken = pairing.redeem(pairing.open(), 'https://other.example');
    let stolen: { text: string } | undefined;
    await call('/v1/readings', { body: { ticket: ticketFor(pinSession) } }, (event) => {
      if (event.event !== 'entry-needed') return;
      const { readingId } = event;
      void call('/v1/readings/entry', {
        body: { readingId, ...pinEntry('0000') },
        headers: { origin: 'https://other.example', authorization: `Bearer ${otherToken}` },
      }).then(async (answer) => {
        stolen = answer;
        await call('/v1/readings/cancel', { body: { readingId } });
      });
    });
    expect(codeIn(stolen!)).toBe('reading-unknown');
    expect(tanaka.issued.slots['user-authentication'].triesLeft).toBe(3);
  });

  it('a second use of a ticket', async () => {
    const ticket = ticketFor({ mode: 'hold', chipChallenge: base64url(challenge) });
    await readWith(ticket);
    const events = await readWith(ticket);
    expect(events).toMatchObject([{ event: 'failed', code: 'ticket-used' }]);
    expect(platform.results).toHaveLength(1);
  });

  it('an invented ticket', async () => {
    const events = await readWith('a-ticket-that-was-never-given');
    expect(events).toMatchObject([{ event: 'failed', code: 'ticket-invalid' }]);
  });
});

describe('the platform', () => {
  it.each([
    [426, 'agent-outdated', 'agent-outdated'],
    [503, 'maintenance', 'platform-refused'],
  ])('that answers %i %s is told so', async (status, code, told) => {
    platform.refuseWith = { status, code };
    const [event] = await readWith(ticketFor(pinSession));
    expect(event).toMatchObject({ event: 'failed', code: told, details: { platformCode: code } });
  });

  it('before which a proxy answers 503 is named as unreachable, not as refusing', async () => {
    platform.refuseWith = { status: 503, code: '' };
    const [event] = await readWith(ticketFor(pinSession));
    expect(event).toMatchObject({ event: 'failed', code: 'platform-unreachable', details: {} });
  });

  it('that is away is named as unreachable', async () => {
    await platform.close();
    expect((await readWith(ticketFor(pinSession)))[0]).toMatchObject({
      code: 'platform-unreachable',
    });
    platform = await startLocalPlatform();
  });

  it.each(['http://platform.example', 'ftp://127.0.0.1', 'http://127.0.0.1.evil.example'])(
    'is not reached at %s',
    (url) => {
      expect(() => platformAt(url)).toThrow(RangeError);
    },
  );

  it('whose instructions lack what their mode needs is refused', async () => {
    const [event] = await readWith(ticketFor({ mode: 'pin' }));
    expect(event).toMatchObject({ code: 'platform-refused' });
  });
});

const pair = (entered: string) => call('/v1/pairings', { body: { code: entered } });

describe('pairing', () => {
  it('takes a code once, and only the one that is shown', async () => {
    const code = pairing.open();
    const wrong = String((Number(code) + 1) % 100_000_000).padStart(8, '0');
    expect(codeIn(await pair(wrong))).toBe('pairing-refused');
    const answer = await pair(code);
    expect(answer.status).toBe(200);
    expect(codeIn(await pair(code))).toBe('pairing-refused');
  });

  it('is void after five wrong codes, and after five minutes', () => {
    let clock = 0;
    const timed = new Pairing(undefined, () => clock);
    const code = timed.open();
    const wrong = code === '00000000' ? '00000001' : '00000000';
    for (let i = 0; i < 5; i++) expect(() => timed.redeem(wrong, page)).toThrow();
    expect(() => timed.redeem(code, page)).toThrow();
    const late = timed.open();
    clock += 5 * 60 * 1000 + 1;
    expect(() => timed.redeem(late, page)).toThrow();
  });

  it('is kept over a restart without the token, and can be revoked', () => {
    const folder = mkdtempSync(join(tmpdir(), 'my-key-pairing-'));
    try {
      const path = join(folder, 'sub', 'reader.json');
      const first = new Pairing(path);
      const kept = first.redeem(first.open(), page);
      expect(readFileSync(path, 'utf8')).not.toContain(kept);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const second = new Pairing(path);
      expect(second.accepts(kept, page)).toBe(true);
      expect(second.accepts(kept, 'https://other.example')).toBe(false);
      expect(second.revoke(page)).toBe(1);
      expect(new Pairing(path).accepts(kept, page)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('answers a page’s preflight request and permits loopback access', async () => {
  const { status, headers } = await call('/v1/readings', { method: 'OPTIONS' });
  expect(status).toBe(204);
  expect(headers).toMatchObject({
    'access-control-allow-origin': page,
    'access-control-allow-private-network': 'true',
  });
});

it('the status names version, readers and whether a reading is in progress', async () => {
  const { text } = await call('/v1/status', { method: 'GET' });
  expect(JSON.parse(text)).toEqual({
    agentVersion: '0.1.0',
    protocol: 1,
    busy: false,
    readers: [{ name: 'in process', card: 'present' }],
  });
});
