import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { claimSchema, readingResultSchema, type ReadingResult } from '../../../reader/protocol.ts';

/** The platform's side of docs/reader-protocol.md, as small as a test needs it. */
export interface LocalPlatform {
  readonly url: string;
  /** Instructions that the next claim of a ticket gets. */
  readonly tickets: Map<string, Record<string, unknown>>;
  readonly results: ReadingResult[];
  /** Every octet that was sent here, to look for what should not be among them. */
  readonly received: string[];
  /** A problem code with which every call is answered. */
  refuseWith: { status: number; code: string } | undefined;
  close(): Promise<void>;
}

export async function startLocalPlatform(): Promise<LocalPlatform> {
  const used = new Set<string>();
  const resultTokens = new Set<string>();
  const server = createServer((request, response) => void answerTo(request, response));
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    platform.received.push(text);
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    const refused = platform.refuseWith;
    if (refused) return answer(refused.status, { code: refused.code });
    if (request.url === '/v1/reading-sessions/claim') {
      const { ticket } = claimSchema.parse(JSON.parse(text));
      if (used.has(ticket)) return answer(409, { code: 'ticket-used' });
      const instructions = platform.tickets.get(ticket);
      if (!instructions) return answer(401, { code: 'ticket-invalid' });
      used.add(ticket);
      const resultToken = `result-token-of-${ticket}`;
      resultTokens.add(resultToken);
      return answer(200, { resultToken, ...instructions });
    }
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    if (!resultTokens.delete(token)) return answer(401, { code: 'token-invalid' });
    platform.results.push(readingResultSchema.parse(JSON.parse(text)));
    return answer(200, { handover: 'handover-code' });
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const platform: LocalPlatform = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tickets: new Map(),
    results: [],
    received: [],
    refuseWith: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return platform;
}
