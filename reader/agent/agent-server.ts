import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type * as z from 'zod';
import type { ReaderCode } from '../core/codes.ts';
import { ReaderError } from '../core/reader-error.ts';
import type { PcscReaders } from '../pcsc/pcsc-readers.ts';
import {
  agentVersion,
  cancellationSchema,
  entrySchema,
  pairingRequestSchema,
  protocolVersion,
  readingRequestSchema,
  type Entry,
} from '../protocol.ts';
import type { Pairing } from './pairing.ts';
import type { ReadingPlatform } from './platform-client.ts';
import { asReaderError, failedEvent, runReading } from './run-reading.ts';
import { agentLimits } from './limits.ts';

export interface AgentOptions {
  /** Port on 127.0.0.1; 0 selects a free one. */
  readonly port: number;
  /** Pages that may use the reader, e.g. `https://my-key.example`. */
  readonly origins: readonly string[];
  readonly pairing: Pairing;
  readonly readers: Pick<PcscReaders, 'waitForCard' | 'list'>;
  readonly platform: ReadingPlatform;
}

export interface Agent {
  readonly port: number;
  close(): Promise<void>;
}

/** One reading at a time: there is one person at the counter. */
interface CurrentReading {
  readonly readingId: string;
  readonly origin: string;
  readonly person: AbortController;
  /** Resolves with the page's next entry. */
  wanted:
    | {
        readonly resolve: (entry: Entry) => void;
        readonly reject: (reason: ReaderError) => void;
      }
    | undefined;
  ended: boolean;
}

export async function startAgent(options: AgentOptions): Promise<Agent> {
  const server = createServer();
  let current: CurrentReading | undefined;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  // A request with another Host reached this port through that name's DNS record (DNS rebinding).
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      const failure = asReaderError(error);
      if (response.headersSent) response.end();
      else sendJson(response, statusOf(failure.code), failedEvent('', failure));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!hosts.includes(request.headers.host ?? '')) throw new ReaderError('host-refused');
    const { origin } = request.headers;
    if (origin === undefined || !options.origins.includes(origin)) {
      throw new ReaderError('origin-refused');
    }
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('vary', 'origin');
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'OPTIONS') return preflight(response);
    const path = request.url ?? '/';
    if (request.method === 'POST' && path === '/v1/pairings') {
      const { code } = await bodyOf(request, pairingRequestSchema);
      return sendJson(response, 200, { token: options.pairing.redeem(code, origin) });
    }
    const token = /^Bearer ([\w-]{43})$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !options.pairing.accepts(token, origin)) {
      throw new ReaderError('pairing-needed');
    }
    switch (`${request.method} ${path}`) {
      case 'GET /v1/status':
        return sendJson(response, 200, await status());
      case 'POST /v1/readings':
        return read(await bodyOf(request, readingRequestSchema), origin, response);
      case 'POST /v1/readings/entry':
        return enter(await bodyOf(request, entrySchema), origin, response);
      case 'POST /v1/readings/cancel':
        return cancel(await bodyOf(request, cancellationSchema), origin, response);
      default:
        throw new ReaderError('request-invalid');
    }
  }

  async function status(): Promise<unknown> {
    const readers = await options.readers.list().catch((error: unknown) => asReaderError(error));
    return {
      agentVersion,
      protocol: protocolVersion,
      busy: current !== undefined,
      ...(readers instanceof ReaderError
        ? { readers: [], trouble: { code: readers.code, cure: readers.cure } }
        : { readers }),
    };
  }

  /** Streams one event per line until the reading has ended. */
  async function read(
    { ticket, reader }: z.infer<typeof readingRequestSchema>,
    origin: string,
    response: ServerResponse,
  ): Promise<void> {
    if (current) throw new ReaderError('reading-in-progress');
    const reading: CurrentReading = {
      readingId: randomUUID(),
      origin,
      person: new AbortController(),
      wanted: undefined,
      ended: false,
    };
    current = reading;
    let gone = false;
    const end = (reason: ReaderError): void => reading.wanted?.reject(reason);
    reading.person.signal.addEventListener('abort', () => {
      end(new ReaderError(gone ? 'page-gone' : 'cancelled'));
    });
    response.on('close', () => {
      if (reading.ended) return;
      gone = true;
      reading.person.abort();
    });
    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
    response.flushHeaders();
    try {
      await runReading(reading.readingId, ticket, reader, {
        platform: options.platform,
        waitForCard: (wait) =>
          options.readers.waitForCard(wait).catch((error: unknown) => {
            const failure = asReaderError(error);
            throw gone && failure.code === 'cancelled' ? new ReaderError('page-gone') : failure;
          }),
        tell: (event) => void response.write(`${JSON.stringify(event)}\n`),
        nextEntry: () =>
          new Promise((resolve, reject) => {
            reading.wanted = { resolve, reject };
            if (reading.person.signal.aborted)
              end(new ReaderError(gone ? 'page-gone' : 'cancelled'));
          }),
        cancelled: reading.person.signal,
      });
    } finally {
      reading.ended = true;
      current = undefined;
      response.end();
    }
  }

  function mine(readingId: string, origin: string): CurrentReading {
    if (current?.readingId !== readingId || current.origin !== origin) {
      throw new ReaderError('reading-unknown');
    }
    return current;
  }

  function enter(entry: Entry, origin: string, response: ServerResponse): void {
    const reading = mine(entry.readingId, origin);
    if (!reading.wanted) throw new ReaderError('request-invalid');
    const { resolve } = reading.wanted;
    reading.wanted = undefined;
    resolve(entry);
    response.writeHead(204).end();
  }

  function cancel(
    { readingId }: z.infer<typeof cancellationSchema>,
    origin: string,
    response: ServerResponse,
  ): void {
    mine(readingId, origin).person.abort();
    response.writeHead(204).end();
  }

  return { port, close: () => closeServer(server) };
}

async function bodyOf<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  // Content types of HTML forms need no CORS preflight; application/json does.
  if (!/^application\/json(;|$)/.test(request.headers['content-type'] ?? '')) {
    throw new ReaderError('request-invalid');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > agentLimits.bodyOctets) throw new ReaderError('request-invalid');
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    // Without `cause`: a JSON parser's message quotes the text, which may contain a PIN.
    throw new ReaderError('request-invalid');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ReaderError('request-invalid');
}

function preflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-private-network': 'true',
      'access-control-max-age': '600',
    })
    .end();
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}

const statusOf = (code: ReaderCode): number => {
  switch (code) {
    case 'origin-refused':
    case 'pairing-refused':
      return 403;
    case 'host-refused':
      return 421;
    case 'pairing-needed':
      return 401;
    case 'reading-in-progress':
      return 409;
    case 'reading-unknown':
      return 404;
    case 'request-invalid':
      return 400;
    default:
      return 500;
  }
};

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
