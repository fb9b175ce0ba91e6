import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { platformAt, type ReadingPlatform } from '../../../reader/agent/platform-client.ts';
import { runReading } from '../../../reader/agent/run-reading.ts';
import type { ReadingEvent, ReadingResult } from '../../../reader/protocol.ts';
import { InProcessReader } from '../../../sandbox/card/in-process-port.ts';
import type { ChipContents } from '../../../sandbox/card/personalise.ts';
import { VirtualCard } from '../../../sandbox/card/virtual-card.ts';
import { newCard } from '../../reader/support/cards.ts';
import { startCardPlatform } from '../card-platform.ts';
import { type1Caller } from '../gateway-event.ts';

export const birthDate = '551121';

/** A counter: the real agent with a virtual card on its reader, before the real handlers. */
export async function openCounter() {
  const platform = await startCardPlatform();
  const { jlis, call } = platform;
  const cv = jlis.chipAuthority;
  const bridge = await bridgeTo(call);
  const agent = platformAt(bridge.url);

  const open = async (mode: 'pin' | 'hold', enrolChip = false, caller = type1Caller) => {
    const { body } = await call('open-reading-session', { mode, enrolChip }, { caller });
    return { sessionId: String(body['sessionId']), ticket: String(body['ticket']) };
  };
  const result = async (sessionId: string, caller = type1Caller) =>
    (await call('get-reading-session', undefined, { caller, path: { sessionId } })).body['result'];

  return {
    ...platform,
    cv,
    agent,
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
    /** A whole reading; what the service gets in the end, and what the page was told. */
    async read(
      contents: ChipContents,
      mode: 'pin' | 'hold',
      {
        enrolChip = false,
        caller = type1Caller,
        spoil = (read: ReadingResult): ReadingResult => read,
      } = {},
    ) {
      const { sessionId, ticket } = await open(mode, enrolChip, caller);
      const events: ReadingEvent[] = [];
      const reader = new InProcessReader(new VirtualCard(contents));
      const spoiling: ReadingPlatform = {
        claim: (given) => agent.claim(given),
        report: (token, read) => agent.report(token, spoil(read)),
      };
      await runReading('reading-1', ticket, undefined, {
        platform: spoiling,
        waitForCard: async () => reader,
        tell: (event) => void events.push(event),
        nextEntry: async () => ({
          readingId: 'reading-1',
          credentials: { userAuthenticationPin: '1234', birthDate },
          useLastTry: [],
        }),
        cancelled: new AbortController().signal,
      });
      return { result: await result(sessionId, caller), last: events.at(-1)! };
    },
  };
}

const operations: Readonly<Record<string, string>> = {
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
