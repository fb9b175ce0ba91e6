import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startAgent, type Agent } from '../../reader/agent/agent-server.ts';
import { Pairing } from '../../reader/agent/pairing.ts';
import { platformAt } from '../../reader/agent/platform-client.ts';
import { defaultPort } from '../../reader/protocol.ts';
import { openNativePcsc } from '../../reader/pcsc/native-pcsc.ts';
import { PcscReaders } from '../../reader/pcsc/pcsc-readers.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { pcscdLacks, startPcscd, type PcscdSandbox } from '../../sandbox/card/pcscd.ts';
import type { ChipContents } from '../../sandbox/card/personalise.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { inBrowser, isThere, openBrowser } from '../browser/chromium.ts';
import type { PreparedCalls } from './good-call.ts';

/** The whole way: the municipal page, the deployed screen in Chromium, the reader program, a card. */
export function counterInBrowser(
  prepared: () => PreparedCalls,
  card: () => { readonly contents: ChipContents; readonly pin: string },
): void {
  const openSession = async (mode: string): Promise<string> => {
    const { platform, counterToken: token } = prepared();
    const { body } = await platform.call('POST', '/v1/reading-sessions', {
      token,
      json: { mode },
    });
    return String(body['ticket']);
  };

  describe('at the counter, in a browser,', () => {
    let municipal: Server;
    let back: string;
    let agent: Agent;
    let pairing: Pairing;
    let browser: Browser;
    let pcscd: PcscdSandbox | undefined;
    let readers: PcscReaders | undefined;

    beforeAll(async () => {
      if (!isThere) return;
      const { platform, operatorToken, counterServiceId, terminal } = prepared();
      municipal = createServer((_, response) => response.end('<!doctype html><title>窓口</title>'));
      await new Promise<void>((resolve) => municipal.listen(0, '127.0.0.1', resolve));
      back = `http://127.0.0.1:${(municipal.address() as AddressInfo).port}/return?case=7`;
      const { status } = await platform.call('PUT', `/v1/services/${counterServiceId}/counter`, {
        token: operatorToken,
        json: { minimumAssurance: 'chip-presence', supervised: true, returnUrls: [back] },
      });
      expect(status).toBe(200);
      const { origin, port } = new URL(platform.sandbox.apiUrl);
      pairing = new Pairing(undefined);
      agent = await startAgent({
        port: defaultPort,
        origins: [origin],
        pairing,
        readers: await open(),
        platform: platformAt(platform.sandbox.apiUrl, terminal),
      });
      // The sandbox counts as a site of the internet, so that the browser gates its calls to this machine.
      const spaces = [`127.0.0.1:${port}=public`, `[::1]:${port}=public`];
      browser = await openBrowser([`--ip-address-space-overrides=${spaces.join(',')}`]);
    }, 150_000);

    /** PC/SC where this machine has it, as a counter's machine does. */
    async function open(): Promise<Pick<PcscReaders, 'waitForCard' | 'list'>> {
      const virtualCard = new VirtualCard(card().contents);
      if (pcscdLacks() !== undefined) {
        const port = Object.assign(new InProcessReader(virtualCard), { reader: 'in process' });
        return {
          waitForCard: async () => port,
          list: async () => [{ name: port.reader, card: 'present' }],
        };
      }
      pcscd = await startPcscd();
      await pcscd.slots[0].put(virtualCard);
      readers = new PcscReaders(openNativePcsc());
      return readers;
    }

    afterAll(async () => {
      await browser?.close();
      await agent?.close();
      await readers?.close();
      await pcscd?.close();
      municipal?.close();
      municipal?.closeAllConnections();
    });

    /** The page of the screen as the municipal system redirects to it. */
    async function redirect(page: Page, ticket: string): Promise<void> {
      const { platform, counterServiceId } = prepared();
      const screen = `${platform.sandbox.apiUrl}/counter/${counterServiceId}`;
      await page.goto(`${screen}#ticket=${ticket}&return=${encodeURIComponent(back)}`);
    }

    const visit = async (permissions: readonly string[]): Promise<Page> => {
      const context = await browser.newContext();
      // What is not granted is denied.
      await context.grantPermissions([...permissions]);
      return context.newPage();
    };

    inBrowser(
      'loopback permission denied: the screen says so, and no ticket is used up; granted: pairing, PIN, outcome',
      async () => {
        const { platform, counterToken: token } = prepared();
        const ticket = await openSession('pin');
        const denied = await visit(['geolocation']);
        await redirect(denied, ticket);
        await denied.getByText('permission-denied').waitFor();
        const granted = await visit(['local-network-access']);
        await redirect(granted, ticket);
        await granted.getByRole('heading', { name: /Pair this screen/ }).waitFor();
        await granted.keyboard.type(pairing.open());
        await granted.keyboard.press('Enter');
        await granted.getByLabel(/PIN \(4 digits\)/).waitFor();
        await granted.keyboard.type(card().pin);
        await granted.keyboard.press('Enter');
        await granted.waitForURL(/return\?case=7&handover=/);
        const handover = new URL(granted.url()).searchParams.get('handover');
        const redeemed = await platform.call('POST', '/v1/reading-sessions/handover', {
          token,
          json: { handover },
        });
        expect(redeemed.body['result']).toMatchObject({
          outcome: 'read',
          assurance: 'card-signature',
          ppid: expect.stringMatching(/^[a-z2-7]{32}$/),
        });
        // Paired once: a card that is held then asks for nothing.
        await redirect(granted, await openSession('hold'));
        await granted.waitForURL(/return\?case=7&handover=/);
      },
      60_000,
    );
  });
}
