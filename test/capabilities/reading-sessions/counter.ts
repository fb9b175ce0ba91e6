import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { platformAt, type ReadingPlatform } from '../../../reader/agent/platform-client.ts';
import type { CounterTerms, Service } from '../../../lambdas/capabilities/services/service.ts';
import { runReading } from '../../../reader/agent/run-reading.ts';
import type { ReadingEvent, ReadingResult } from '../../../reader/protocol.ts';
import { InProcessReader } from '../../../sandbox/card/in-process-port.ts';
import type { ChipContents } from '../../../sandbox/card/personalise.ts';
import { VirtualCard } from '../../../sandbox/card/virtual-card.ts';
import { newCard } from '../../reader/support/cards.ts';
import { startCardPlatform } from '../card-platform.ts';
import { libraryCaller, type1Caller } from '../gateway-event.ts';

export const birthDate = '551121';

/** As `open-reading-session` takes it. */
export type Mode = 'pin' | 'hold' | 'pin+attributes' | 'hold+attributes';

/** Registered for cards held without a PIN. */
export const counterTerms: CounterTerms = {
  minimumAssurance: 'chip-presence',
  supervised: true,
  holdsPerDay: 1_000,
  origins: [],
  returnUrls: [],
};

const asRead = (read: ReadingResult): ReadingResult => read;

/** What the holder enters in this mode. */
function credentialsFor({ inputAssistance }: ChipContents, mode: Mode) {
  switch (mode) {
    case 'hold+attributes':
      return { verificationNumberB: inputAssistance!.verificationNumberB.value };
    case 'pin+attributes':
      return {
        userAuthenticationPin: '1234',
        birthDate,
        inputAssistancePin: inputAssistance!.pin.value,
      };
    default:
      return { userAuthenticationPin: '1234', birthDate };
  }
}

/** A counter: the real agent with a virtual card on its reader, before the real handlers. */
export async function openCounter() {
  const platform = await startCardPlatform();
  const { jlis, call } = platform;
  const cv = jlis.chipAuthority;
  const bridge = await bridgeTo(call);
  const pairedAs = async (caller: typeof type1Caller, unattended = false) => {
    const wish = { name: 'Counter 1', unattended };
    const { body } = await call('create-terminal', wish, { caller });
    const { token, terminalId } = await platformAt(bridge.url).pair(String(body['pairingCode']));
    return { terminalId, token, agent: platformAt(bridge.url, token) };
  };
  const { agent, token: terminal } = await pairedAs(type1Caller);

  const register = (serviceId: string, more: Partial<Service> = {}): void => {
    platform.registered.set(serviceId, {
      serviceId,
      organisationId: 'org_a',
      name: 'Counter',
      type: 'type1',
      status: 'active',
      sectorId: `sec_of_${serviceId}`,
      clientIds: ['cli_counter'],
      counter: counterTerms,
      createdAt: 0,
      updatedAt: 0,
      ...more,
    });
  };
  register(type1Caller.serviceId);
  register('svc_other');
  register(libraryCaller.serviceId, { type: 'library', name: 'Library' });

  const open = async (
    mode: Mode,
    enrolChip = false,
    caller = type1Caller,
    more: { readonly myKeyId?: { readonly choice?: string } } = {},
  ) => {
    const wish = { mode, enrolChip, ...more };
    const { body } = await call('open-reading-session', wish, { caller });
    return { sessionId: String(body['sessionId']), ticket: String(body['ticket']) };
  };
  const agents = new Map([[type1Caller.serviceId, agent]]);
  const agentOf = async (caller: typeof type1Caller) => {
    const known = agents.get(caller.serviceId) ?? (await pairedAs(caller)).agent;
    agents.set(caller.serviceId, known);
    return known;
  };
  /** The last event that the page was told. */
  const readTicket = async (
    contents: ChipContents,
    mode: Mode,
    ticket: string,
    spoil = asRead,
    claiming: Pick<ReadingPlatform, 'claim'> = agent,
  ): Promise<ReadingEvent> => {
    const events: ReadingEvent[] = [];
    const reader = new InProcessReader(new VirtualCard(contents));
    const spoiling: ReadingPlatform = {
      claim: (given) => claiming.claim(given),
      report: (token, read) => agent.report(token, spoil(read)),
    };
    await runReading('reading-1', ticket, undefined, {
      platform: spoiling,
      waitForCard: async () => reader,
      tell: (event) => void events.push(event),
      nextEntry: async () => ({
        readingId: 'reading-1',
        credentials: credentialsFor(contents, mode),
        useLastTry: [],
      }),
      cancelled: new AbortController().signal,
    });
    return events.at(-1)!;
  };
  const result = async (sessionId: string, caller = type1Caller) =>
    (await call('get-reading-session', undefined, { caller, path: { sessionId } })).body['result'];

  return {
    ...platform,
    cv,
    agent,
    terminal,
    pairedAs,
    agentOf,
    register,
    open,
    result,
    close: async () => {
      await bridge.close();
      await jlis.close();
    },
    issue: () =>
      newCard(
        { office: jlis, cv, roots: [] },
        { pin: '1234', person: { birthDate: '1980-11-21' } },
      ),
    readTicket,
    /** A whole reading; what the service gets in the end, and what the page was told. */
    async read(
      contents: ChipContents,
      mode: Mode,
      {
        enrolChip = false,
        caller = type1Caller,
        spoil = asRead,
        ...more
      }: {
        enrolChip?: boolean;
        caller?: typeof type1Caller;
        spoil?: typeof asRead;
        myKeyId?: { readonly choice?: string };
      } = {},
    ) {
      const { sessionId, ticket } = await open(mode, enrolChip, caller, more);
      const paired = await agentOf(caller);
      const last = await readTicket(contents, mode, ticket, spoil, paired);
      return { sessionId, result: await result(sessionId, caller), last };
    },
  };
}

const operations: Readonly<Record<string, string>> = {
  '/v/v1/terminals/pairings': 'pair-terminal',
  '/v/v1/reading-sessions/claim': 'claim-reading-ticket',
  '/v/v1/reading-sessions/result': 'report-reading',
};

/** The two public routes over HTTP, below a stage, for the agent's own client. */
async function bridgeTo(call: Awaited<ReturnType<typeof startCardPlatform>>['call']) {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { authorization } = request.headers;
      const answer = await call(
        operations[request.url!]!,
        JSON.parse(Buffer.concat(chunks).toString('utf8')),
        { headers: authorization === undefined ? {} : { Authorization: authorization } },
      );
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
