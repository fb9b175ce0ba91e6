import { strangeRequest } from '../loopback-only.ts';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface LoopbackServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Reads the request's body, at most `limit` bytes. */
export type ReadBody = (limit: number) => Promise<Buffer>;

type Handle = (
  request: IncomingMessage,
  body: ReadBody,
  response: ServerResponse,
) => Promise<Answer | undefined>;

/**
 * A small HTTP server for one of the cloud's service endpoints, on a free loopback port.
 * A handler that returns undefined has written the response itself.
 */
export async function serveLoopback(handle: Handle, port = 0): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    void answer(handle, request, response);
  });
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(handle: Handle, request: IncomingMessage, response: ServerResponse) {
  try {
    const strange = strangeRequest(request);
    if (strange !== undefined) {
      request.resume();
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`${strange}\n`);
      return;
    }
    const result = await handle(request, (limit) => readBody(request, limit), response);
    if (result === undefined) return;
    response.writeHead(result.status, {
      ...result.headers,
      'content-length': String(Buffer.byteLength(result.body)),
    });
    response.end(request.method === 'HEAD' ? undefined : result.body);
  } catch {
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { 'content-length': '0' }).end();
  }
}

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}
