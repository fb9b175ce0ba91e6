import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { drawn } from '../../cli/kiosk-terminal.ts';
import { staffText } from '../../cli/reading-text.ts';
import { codeTexts, situations } from '../../lambdas/capabilities/reading-screen/screen-texts.ts';
import { heldCardOrCode, libraryPlatform, writeAnswer } from '../../cli/library-answer.ts';
import { PlatformClient } from '../../cli/platform-client.ts';
import { platformAt } from '../../reader/agent/platform-client.ts';
import { cures } from '../../reader/core/codes.ts';
import { userNumberOfHeldCard } from '../../reader/library/held-card.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { newCard, openIssuer, type IssuedCard } from '../reader/support/cards.ts';

let card: IssuedCard;
const servers: Server[] = [];
beforeAll(async () => {
  card = await newCard(await openIssuer());
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const answering = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(listener))}`;

/** One held card, as `npx mykey library --once` takes it. */
async function holdAt(url: string) {
  const said: string[] = [];
  jest.spyOn(console, 'error').mockImplementation((line) => void said.push(String(line)));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { privateKey, algorithm: 'ES256', keyId: undefined, clientId: undefined } as const;
  const platform = libraryPlatform(new PlatformClient({ url, clientId: 'cli_library', key }));
  const delivered: string[] = [];
  const held = await heldCardOrCode(() =>
    userNumberOfHeldCard(new InProcessReader(card.card), platformAt(url), platform),
  );
  const exitCode = await writeAnswer(held, async (userNumber) => void delivered.push(userNumber));
  return { exitCode, delivered, said: said.join('\n') };
}

const refusingPort = async (): Promise<string> => {
  const server = createServer();
  const url = `http://127.0.0.1:${await listening(server)}`;
  await new Promise((resolve) => servers.pop()!.close(resolve));
  return url;
};

/** A certificate that no trust store vouches for. */
const untrusted = async (): Promise<string> => {
  const { certificate, key } = card.contents.jpki;
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
  const server = createTlsServer({
    cert: pem,
    key: key.export({ type: 'pkcs8', format: 'pem' }),
  });
  return `https://127.0.0.1:${await listening(server)}`;
};

describe('without an answer of the platform nobody is recognised, exit code 69:', () => {
  it.each<[string, () => Promise<string>, RegExp]>([
    ['connection refused', refusingPort, /does not answer \(ECONNREFUSED\)/],
    [
      'no such name',
      async () => 'https://platform.invalid',
      /does not answer \((ENOTFOUND|EAI_AGAIN)\)/,
    ],
    [
      'a certificate that is not trusted',
      untrusted,
      /does not answer \([A-Z_]*(CERT|SIGNATURE)[A-Z_]*\)/,
    ],
    [
      'a proxy that answers 503',
      () => answering((_, response) => response.writeHead(503).end('<html>')),
      /^platform-unreachable/,
    ],
  ])('%s', async (_, where, reason) => {
    const { exitCode, delivered, said } = await holdAt(await where());
    expect([exitCode, delivered]).toEqual([69, []]);
    expect(said).toMatch(reason);
    const { ja, en } = cures['platform-unreachable'];
    expect(said).toContain(`platform-unreachable: ${ja}\n${en}`);
  });

  it('no answer in time', async () => {
    const soon = AbortSignal.timeout(50);
    jest.spyOn(AbortSignal, 'timeout').mockReturnValue(soon);
    const { exitCode, delivered, said } = await holdAt(await answering(() => undefined));
    expect([exitCode, delivered]).toEqual([69, []]);
    expect(said).toMatch(/does not answer \(TimeoutError\)\nplatform-unreachable: /);
  });

  it('the platform’s own outage, by its code', async () => {
    const problem = JSON.stringify({ code: 'dependency-unavailable', detail: 'try again' });
    const url = await answering((_, response) => response.writeHead(503).end(problem));
    const { exitCode, delivered, said } = await holdAt(url);
    expect([exitCode, delivered]).toEqual([69, []]);
    expect(said).toMatch(
      /^dependency-unavailable: いまは確認できません。.+待って、やり直してください。\nThis cannot be checked now\..+Wait a little and start again\.$/,
    );
  });

  it('while a refusal of the card is another exit code', async () => {
    const problem = JSON.stringify({ code: 'hold-not-permitted', detail: 'use the PIN' });
    const url = await answering((_, response) => response.writeHead(403).end(problem));
    expect(await holdAt(url)).toMatchObject({
      exitCode: 1,
      said: [
        'hold-not-permitted: 暗証番号なしでは使えません。この端末またはサービスでは、かざし利用が認められていません。暗証番号を使って読み取ってください。',
        'Not possible without the PIN. Cards may not be held without a PIN at this terminal or service. Read the card with its PIN.',
      ].join('\n'),
    });
  });

  it('and what no reading ends with is said in the platform’s own words', async () => {
    const problem = JSON.stringify({ code: 'teapot', detail: 'put the kettle on' });
    const url = await answering((_, response) => response.writeHead(418).end(problem));
    const { exitCode, said } = await holdAt(url);
    expect([exitCode, said]).toEqual([1, 'teapot: put the kettle on\nteapot']);
  });
});

describe('a code with which a reading ends', () => {
  it('is told to staff as the reading screen tells it, in both languages', () => {
    for (const [code, { situation, staff }] of Object.entries(codeTexts)) {
      const [ja, en] = staffText(code)!;
      expect(ja).toContain(staff[0]);
      expect(en).toContain(staff[1]);
      if (Object.hasOwn(cures, code)) continue;
      expect(ja).toContain(situations[situation].staff[0]);
      expect(en).toContain(situations[situation].staff[1]);
    }
  });

  it('is told to the holder at a kiosk without a word for staff', () => {
    for (const [code, { situation, holder }] of Object.entries(codeTexts)) {
      const text = holder ?? situations[situation].holder;
      const screen = drawn({ at: 'failed', code });
      expect(screen).toContain(`${text.join('\r\n')}\r\n${code}`);
      expect(screen).not.toContain('npx mykey');
    }
  });
});
