import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  askingOcspClient,
  httpOcspClient,
} from '../../../../lambdas/platform/adapters/ocsp/http-ocsp-client.ts';

/** RFC 6960 §4.2.1: an OCSPResponse that holds nothing but its status. */
const bare = (status: number): Uint8Array => Buffer.from([0x30, 0x03, 0x0a, 0x01, status]);
const yes = bare(3);

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Answers each request with the handler; returns its URL and what was asked. */
async function responder(handler: Handler): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const path = decodeURIComponent((request.url ?? '').slice('/ocsp'.length + 1));
      asked.push(`${request.method} ${body.length ? body.toString('base64') : path}`);
      handler(request, response, body);
    });
  });
  await new Promise<void>((resolve) => {
    server!.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ocsp`, asked };
}

const answer = (response: ServerResponse, body: Uint8Array, type = 'application/ocsp-response') =>
  response.writeHead(200, { 'content-type': type }).end(body);

const question = (url: string, request: Uint8Array = Buffer.from('short request')) => ({
  url,
  request,
  timeoutMs: 2000,
  maximumBytes: 1024,
});

const optional = (url: string) => ({ ...question(url), timeoutMs: 100, mayBeSkipped: true });

describe('the OCSP client over HTTP', () => {
  it('asks by GET while the URL stays below 255 octets', async () => {
    const { url, asked } = await responder((_, response) => answer(response, yes));
    const exchange = await httpOcspClient.ask(question(url));
    expect(exchange).toEqual({ outcome: 'answered', response: yes });
    expect(asked).toEqual([`GET ${Buffer.from('short request').toString('base64')}`]);
  });

  it('asks by POST with the media type when the URL would be longer', async () => {
    const types: (string | undefined)[] = [];
    const { url, asked } = await responder((request, response) => {
      types.push(request.headers['content-type']);
      answer(response, yes);
    });
    const long = Buffer.alloc(300, 7);
    expect(await httpOcspClient.ask(question(url, long))).toMatchObject({ outcome: 'answered' });
    expect(asked).toEqual([`POST ${long.toString('base64')}`]);
    expect(types).toEqual(['application/ocsp-request']);
  });

  it('tries once more, by POST, after an HTTP error', async () => {
    const { url, asked } = await responder((request, response) =>
      request.method === 'GET' ? response.writeHead(503).end() : answer(response, yes),
    );
    expect(await httpOcspClient.ask(question(url))).toMatchObject({ outcome: 'answered' });
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['GET', 'POST']);
  });

  it('tries no third time', async () => {
    const { url, asked } = await responder((_, response) => response.writeHead(500).end());
    expect(await httpOcspClient.ask(question(url))).toEqual({ outcome: 'unreachable' });
    expect(asked).toHaveLength(2);
  });

  it('follows no redirect', async () => {
    const { url, asked } = await responder((_, response) =>
      response.writeHead(302, { location: '/ocsp/elsewhere' }).end(),
    );
    expect(await httpOcspClient.ask(question(url))).toEqual({ outcome: 'unreachable' });
    expect(asked.some((line) => line.endsWith('elsewhere'))).toBe(false);
  });

  it('reads no more octets than it may', async () => {
    const { url } = await responder((_, response) => {
      response.writeHead(200, { 'content-type': 'application/ocsp-response' });
      response.write(Buffer.alloc(1000));
      response.end(Buffer.alloc(1000));
    });
    expect(await httpOcspClient.ask(question(url))).toEqual({ outcome: 'malformed' });
  });

  it('takes no page of another media type for an answer', async () => {
    const { url } = await responder((_, response) =>
      answer(response, Buffer.from('<html>'), 'text/html'),
    );
    expect(await httpOcspClient.ask(question(url))).toEqual({ outcome: 'malformed' });
  });

  it('ends in time when the responder never answers', async () => {
    const { url } = await responder(() => undefined);
    const exchange = await httpOcspClient.ask({ ...question(url), timeoutMs: 150 });
    expect(exchange).toEqual({ outcome: 'timeout' });
  });

  it('reports unreachable when no server listens', async () => {
    const exchange = await httpOcspClient.ask(question('http://127.0.0.1:1/ocsp'));
    expect(exchange).toEqual({ outcome: 'unreachable' });
  });

  it.each<[string, Uint8Array, string]>([
    ['a page that calls itself a response', Buffer.from('<html>'), 'application/ocsp-response'],
    ['a page', Buffer.from('<html>'), 'text/html'],
    ['nothing', Buffer.alloc(0), 'application/ocsp-response'],
    ['half a response', yes.subarray(0, 3), 'application/ocsp-response'],
    ['a response with octets behind it', Buffer.from([...yes, 0]), 'application/ocsp-response'],
    ['malformedRequest', bare(1), 'application/ocsp-response'],
  ])('asks by POST what GET answered with %s', async (_, body, type) => {
    const { url, asked } = await responder((request, response) =>
      request.method === 'GET' ? answer(response, body, type) : answer(response, yes),
    );
    const exchange = await httpOcspClient.ask(question(url));
    expect(exchange).toEqual({ outcome: 'answered', response: yes });
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['GET', 'POST']);
  });

  it('takes tryLater for an answer, and asks no second time', async () => {
    const { url, asked } = await responder((_, response) => answer(response, bare(3)));
    expect(await httpOcspClient.ask(question(url))).toMatchObject({ outcome: 'answered' });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['?tenant=a%2Fb', /^\/ocsp\/[^?]+\?tenant=a%2Fb$/],
    ['/?tenant=a', /^\/ocsp\/[^?/]+\?tenant=a$/],
  ])('keeps the query of a responder URL behind the request: %s', async (more, path) => {
    const paths: (string | undefined)[] = [];
    const { url } = await responder((request, response) => {
      paths.push(request.url);
      answer(response, request.method === 'GET' ? Buffer.from('no') : yes);
    });
    await httpOcspClient.ask(question(`${url}${more}`));
    expect(paths[0]).toMatch(path);
    expect(paths[1]).toBe(`/ocsp${more}`);
  });

  it('asks by POST where a nonce is sent, which no cache can answer', async () => {
    const { url, asked } = await responder((_, response) => answer(response, yes));
    await httpOcspClient.ask({ ...question(url), sendsNonce: true });
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['POST']);
  });

  it('counts an answer that takes most of the time', async () => {
    const { url } = await responder(
      (_, response) => void setTimeout(() => answer(response, yes), 400),
    );
    const exchange = await httpOcspClient.ask({ ...question(url), timeoutMs: 600 });
    expect(exchange).toMatchObject({ outcome: 'answered' });
  });

  it('starts a second concurrent try when a connection hangs', async () => {
    const { url, asked } = await responder((request, response) => {
      if (request.method === 'POST') answer(response, yes);
    });
    const exchange = await httpOcspClient.ask({ ...question(url), timeoutMs: 500 });
    expect([exchange.outcome, asked.length]).toEqual(['answered', 2]);
  });
});

describe('the memory of responders that just failed', () => {
  it('skips one for five seconds where another source can answer, and no longer', async () => {
    let now = 0;
    const client = askingOcspClient(() => now);
    const { url, asked } = await responder(() => undefined);
    expect(await client.ask(optional(url))).toEqual({ outcome: 'timeout' });
    const askedBefore = asked.length;
    now = 4_999;
    expect(await client.ask(optional(url))).toEqual({ outcome: 'recently-failed' });
    expect(asked).toHaveLength(askedBefore);
    now = 5_000;
    expect(await client.ask(optional(url))).toEqual({ outcome: 'timeout' });
  });

  it('skips no responder that is the only source or has answered since', async () => {
    const client = askingOcspClient(() => 0);
    let away = true;
    const { url } = await responder((_, response) => {
      if (!away) answer(response, yes);
    });
    const needed = { ...question(url), timeoutMs: 100 };
    expect(await client.ask(needed)).toEqual({ outcome: 'timeout' });
    away = false;
    expect(await client.ask({ ...needed, timeoutMs: 2000 })).toMatchObject({ outcome: 'answered' });
    expect(await client.ask({ ...optional(url), timeoutMs: 2000 })).toMatchObject({
      outcome: 'answered',
    });
  });
});
