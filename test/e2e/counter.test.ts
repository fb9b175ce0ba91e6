import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { platformAt } from '../../reader/agent/platform-client.ts';
import { runReading } from '../../reader/agent/run-reading.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { newCard, type IssuedCard } from '../reader/support/cards.ts';
import type { PreparedCalls } from './good-call.ts';
import { startPlatform, type PlatformUnderTest } from './platform-under-test.ts';
import { prepareCalls } from './route-calls.ts';

let platform: PlatformUnderTest;
let prepared: PreparedCalls;
let card: IssuedCard;
beforeAll(async () => {
  platform = await startPlatform();
  prepared = await prepareCalls(platform);
  const { jlis } = platform.sandbox;
  card = await newCard(
    { office: jlis, cv: jlis.chipAuthority, roots: [] },
    { pin: '1234', person: { birthDate: '1980-11-21' } },
  );
}, 180_000);
afterAll(() => platform.sandbox.close());

/** A reading as a counter makes it: the deployed API, the agent's own client, a card on the reader. */
async function read(mode: 'pin' | 'hold', enrolChip: boolean): Promise<unknown> {
  const token = prepared.counterToken;
  const json = { mode, enrolChip };
  const { body } = await platform.call('POST', '/v1/reading-sessions', { token, json });
  const reader = new InProcessReader(new VirtualCard(card.contents));
  await runReading('reading', String(body['ticket']), undefined, {
    platform: platformAt(platform.sandbox.apiUrl, prepared.terminal),
    waitForCard: async () => reader,
    tell: () => undefined,
    nextEntry: async () => ({
      readingId: 'reading',
      credentials: { userAuthenticationPin: '1234', birthDate: '551121' },
      useLastTry: [],
    }),
    cancelled: new AbortController().signal,
  });
  const path = `/v1/reading-sessions/${String(body['sessionId'])}`;
  return (await platform.call('GET', path, { token })).body['result'];
}

it('a counter enrols a card at a login with its PIN, and then knows it when it is held', async () => {
  expect(await read('hold', false)).toEqual({ outcome: 'refused', code: 'enrolment-required' });
  const login = (await read('pin', true)) as { ppid: string };
  expect(login).toMatchObject({ assurance: 'card-signature', chipEnrolled: true });
  expect(await read('hold', false)).toMatchObject({
    outcome: 'read',
    assurance: 'chip-presence',
    ppid: login.ppid,
  });
}, 60_000);
