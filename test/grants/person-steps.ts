import { platformAt } from '../../reader/agent/platform-client.ts';
import { runReading } from '../../reader/agent/run-reading.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { personalise, type ChipContents } from '../../sandbox/card/personalise.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { cardOf } from '../../sandbox/jlis/registry.ts';
import type { PreparedCalls } from '../e2e/good-call.ts';
import { signedChallenge, type PlatformUnderTest } from '../e2e/platform-under-test.ts';
import { untilTold } from '../e2e/until-told.ts';
import { signedRequest } from '../capabilities/rights/good-calls.ts';
import { goodCallOf, prepareCalls } from '../e2e/route-calls.ts';
import { newCard } from '../reader/support/cards.ts';
import { expectStatus, hopelessness, untilLogged, type Step } from './step.ts';

/** @returns the person's PPID */
export async function logIn(
  platform: PlatformUnderTest,
  prepared: PreparedCalls,
  { card = prepared.card, method = 'auto' } = {},
): Promise<string> {
  const { clientToken: token } = prepared;
  const json = { ...(await signedChallenge(platform, token, card)), method };
  const answer = await platform.call('POST', '/v1/authentications', { token, json });
  return String(expectStatus(201, answer).body['ppid']);
}

interface Reading {
  readonly mode: 'pin' | 'hold';
  readonly enrolChip: boolean;
}

/** A reading as a counter makes it, with the agent's own client and a card on the reader. */
async function read(
  platform: PlatformUnderTest,
  { counterToken: token, terminal }: PreparedCalls,
  contents: ChipContents,
  json: Reading,
): Promise<string> {
  const { body } = await platform.call('POST', '/v1/reading-sessions', { token, json });
  const reader = new InProcessReader(new VirtualCard(contents));
  await runReading('reading', String(body['ticket']), undefined, {
    platform: platformAt(platform.sandbox.apiUrl, terminal),
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
  const answer = expectStatus(200, await platform.call('GET', path, { token }));
  const result = answer.body['result'] as { outcome?: string; ppid?: string } | undefined;
  if (result?.outcome !== 'read') throw new Error(`${json.mode}: ${JSON.stringify(result)}`);
  return String(result.ppid);
}

async function withoutResponder<T>(platform: PlatformUnderTest, use: () => Promise<T>): Promise<T> {
  await platform.jlis('services', { ocsp: 'stopped' });
  try {
    return await use();
  } finally {
    await platform.jlis('services', { ocsp: 'running' });
  }
}

async function counterReadings(platform: PlatformUnderTest): Promise<void> {
  const { jlis } = platform.sandbox;
  const issuer = { office: jlis, cv: jlis.chipAuthority, roots: [] };
  const request = { pin: '1234', person: { birthDate: '1980-11-21' } };
  const { issued, contents } = await newCard(issuer, request);
  const prepared = await prepareCalls(platform);
  const first = await read(platform, prepared, contents, { mode: 'pin', enrolChip: true });
  await withoutResponder(platform, async () => {
    const held = await read(platform, prepared, contents, { mode: 'hold', enrolChip: false });
    if (held !== first) throw new Error('another person');
  });
  const { cardId } = await platform.jlis(`cards/${issued.cardId}/replace`, {});
  const other = await personalise(jlis, cardOf(jlis.registry, cardId), jlis.chipAuthority);
  const again = await read(platform, prepared, other, { mode: 'pin', enrolChip: true });
  if (again !== first) throw new Error('another PPID');
}

/** A service reports the holder of two cards as two persons; one operator proposes, another approves. */
async function splitPerson(platform: PlatformUnderTest): Promise<void> {
  const prepared = await prepareCalls(platform);
  const { clientToken, operatorToken: token, secondOperatorToken } = prepared;
  const ppid = await logIn(platform, prepared);
  const card = await platform.jlis(`cards/${prepared.card.cardId}/renew`, {});
  await logIn(platform, prepared, { card });
  const report = { token: clientToken, json: { ppids: [ppid] } };
  const { flagId } = (await platform.call('POST', '/v1/persons/reports', report)).body;
  const flag = await platform.call('GET', `/v1/persons/flags/${String(flagId)}`, { token });
  const [person] = flag.body['persons'] as readonly {
    readonly handle: string;
    readonly certificates: readonly {
      readonly handle: string;
      readonly kind: string;
      readonly superseded: boolean;
    }[];
  }[];
  const leaving = person!.certificates.find(
    ({ kind, superseded }) => kind === 'user-authentication' && !superseded,
  )!;
  const wish = { kind: 'split', flagId, person: person!.handle, certificates: [leaving.handle] };
  const json = { ...wish, reason: 'the card was handed to another' };
  const { actId } = (await platform.call('POST', '/v1/persons/acts', { token, json })).body;
  const path = `/v1/persons/acts/${String(actId)}/approval`;
  const approval = { token: secondOperatorToken, json: {} };
  expectStatus(200, await platform.call('POST', path, approval));
  if ((await logIn(platform, prepared, { card })) === ppid) throw new Error('the same PPID');
}

/** @throws Error where the sample service is told nothing, or something else, about the person */
async function expectTold(platform: PlatformUnderTest, ppid: string, type: string): Promise<void> {
  const told = await untilTold(platform, 1, [ppid], hopelessness(platform.sandbox.cloud));
  const types = told.map((event) => event.type).join();
  if (types !== type) throw new Error(`told: ${types}`);
}

/** Looks for records of a former key version. @returns where to go on */
async function reseal(platform: PlatformUnderTest, token: string, json: object): Promise<unknown> {
  const answer = await platform.call('POST', '/v1/key-versions/reseal', { token, json });
  return expectStatus(200, answer).body['next'];
}

/** The good call of its route looks at one of 64 segments, in which there may be no person. */
async function resealRecords(platform: PlatformUnderTest): Promise<void> {
  const prepared = await prepareCalls(platform);
  await logIn(platform, prepared);
  let cursor: unknown;
  do {
    const part = { part: 'records', segment: 0, segments: 1, cursor };
    cursor = await reseal(platform, prepared.operatorToken, part);
  } while (cursor !== undefined);
}

export const persons: readonly Step[] = [
  {
    name: 'a person’s right by a card that only lists vouch for',
    async run(platform) {
      const prepared = await prepareCalls(platform);
      await logIn(platform, prepared);
      await withoutResponder(platform, async () => {
        const call = goodCallOf('disclose-record');
        expectStatus(call.status, await call.make(prepared));
      });
    },
  },
  {
    name: 'a person who asks for deletion and cancels it',
    async run(platform) {
      const prepared = await prepareCalls(platform);
      const first = await logIn(platform, prepared);
      for (const act of ['delete', 'cancel-deletion'] as const) {
        const json = await signedRequest(platform, act, prepared.card);
        expectStatus(200, await platform.call('POST', '/v1/rights/requests', { json }));
      }
      if ((await logIn(platform, prepared)) !== first) throw new Error('another PPID');
    },
  },
  { name: 'a person whom two operators split', run: splitPerson },
  {
    name: 'a person whose card was renewed',
    async run(platform) {
      const prepared = await prepareCalls(platform);
      const first = await logIn(platform, prepared);
      const card = await platform.jlis(`cards/${prepared.card.cardId}/renew`, {});
      if ((await logIn(platform, prepared, { card })) !== first) throw new Error('another PPID');
    },
  },
  {
    name: 'an event of a card that was renewed, before any list tells of it',
    async run(platform) {
      const prepared = await prepareCalls(platform);
      const other = await platform.jlis('cards', {});
      const ppid = await logIn(platform, prepared, { card: other });
      const card = await platform.jlis(`cards/${other.cardId}/renew`, {});
      await logIn(platform, prepared, { card });
      const since = platform.sandbox.cloud.logCount;
      await platform.sandbox.ingest();
      await expectTold(platform, ppid, 'person.renewed');
      await untilLogged(platform, 'DeliverAnnouncements', since, '"announcements-delivered"');
    },
  },
  {
    name: 'an event of a card that a list revokes',
    async run(platform) {
      const prepared = await prepareCalls(platform);
      const ppid = await logIn(platform, prepared);
      await platform.jlis(`cards/${prepared.card.cardId}/lose`, {});
      const { clientToken: token } = prepared;
      const json = { url: 'https://93.184.216.34/never-asked' };
      for (const method of ['PUT', 'GET', 'DELETE']) {
        const body = method === 'PUT' && { json };
        expectStatus(200, await platform.call(method, '/v1/webhook', { token, ...body }));
      }
      await platform.jlis('crl/publish', {});
      const since = platform.sandbox.cloud.logCount;
      await platform.sandbox.ingest();
      await expectTold(platform, ppid, 'person.certificate-revoked');
      await untilLogged(platform, 'CompareLists', since);
    },
  },
  { name: 'every record of a former key version re-sealed', run: resealRecords },
  {
    name: 'waiting numbers of the first services re-sealed',
    async run(platform) {
      const { operatorToken } = await prepareCalls(platform);
      await reseal(platform, operatorToken, { part: 'waiting-numbers' });
    },
  },
  {
    name: 'a login by list',
    async run(platform) {
      await logIn(platform, await prepareCalls(platform), { method: 'crl' });
    },
  },
  {
    name: 'certificates by list',
    async run(platform) {
      const { clientToken: token, card } = await prepareCalls(platform);
      const json = { certificate: card['user-authentication'].certificate, method: 'crl' };
      const answer = await platform.call('POST', '/v1/certificates/validate', { token, json });
      if (expectStatus(200, answer).body['verdict'] !== 'valid') throw new Error('not valid');
    },
  },
  {
    name: 'attributes that the service has confirmed',
    async run(platform) {
      const prepared = await prepareCalls(platform);
      const json = { ppid: await logIn(platform, prepared), confirmed: true, method: 'crl' };
      const { clientToken: token } = prepared;
      const answer = await platform.call('POST', '/v1/attribute-status', { token, json });
      const { status, reason } = expectStatus(200, answer).body;
      if (status !== 'unchanged') throw new Error(`${String(status)}: ${String(reason)}`);
    },
  },
  {
    name: 'a card at a counter: enrolled, held without a responder, replaced by another',
    run: counterReadings,
  },
];
