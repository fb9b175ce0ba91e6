import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { httpOcspClient } from '../../../../lambdas/platform/adapters/ocsp/http-ocsp-client.ts';

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

describe('the OCSP client over HTTP', () => {
  it('asks by GET while the URL stays below 255 octets', async () => {
    const { url, asked } = await responder((_, response) => answer(response, Buffer.from('yes')));
    const exchange = await httpOcspClient.ask(question(url));
    expect(exchange).toEqual({ outcome: 'answered', response: Buffer.from('yes') });
    expect(asked).toEqual([`GET ${Buffer.from('short request').toString('base64')}`]);
  });

  it('asks by POST with the media type when the URL would be longer', async () => {
    const types: (string | undefined)[] = [];
    const { url, asked } = await responder((request, response) => {
      types.push(request.headers['content-type']);
      answer(response, Buffer.from('yes'));
    });
    const long = Buffer.alloc(300, 7);
    expect(await httpOcspClient.ask(question(url, long))).toMatchObject({ outcome: 'answered' });
    expect(asked).toEqual([`POST ${long.toString('base64')}`]);
    expect(types).toEqual(['application/ocsp-request']);
  });

  it('tries once more, by POST, after an HTTP error', async () => {
    const { url, asked } = await responder((request, response) =>
      request.method === 'GET'
        ? response.writeHead(503).end()
        : answer(response, Buffer.from('yes')),
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

  it('says unreachable when nobody listens', async () => {
    const exchange = await httpOcspClient.ask(question('http://127.0.0.1:1/ocsp'));
    expect(exchange).toEqual({ outcome: 'unreachable' });
  });
});
