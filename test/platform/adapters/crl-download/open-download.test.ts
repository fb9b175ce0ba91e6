import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { createServer as createDirectory, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  der,
  enumerated,
  integer,
  octetString,
  sequence,
  setOf,
} from '../../../../sandbox/pki/der-writer.ts';
import { refuseOtherForms } from '../../../../lambdas/platform/adapters/crl-download/other-forms.ts';
import { openDownload } from '../../../../lambdas/platform/adapters/crl-download/open-download.ts';

const list = Buffer.concat([Buffer.of(0x30), Buffer.alloc(299_999, 7)]);
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    switch (request.url) {
      case '/list':
        response.setHeader('content-length', list.length);
        response.end(list);
        return;
      case '/chunked':
        response.write(list.subarray(0, 1000));
        response.end(list.subarray(1000));
        return;
      case '/cut':
        response.setHeader('content-length', list.length);
        response.write(list.subarray(0, 1000));
        setTimeout(() => response.destroy(), 20);
        return;
      case '/silent':
        return;
      case '/moved':
        response.writeHead(302, { location: '/list' }).end();
        return;
      default:
        response.writeHead(404).end('no');
    }
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const nothing = { send: (async () => ({})) as never };

async function outcome(url: string, limits = {}, objects = nothing): Promise<number | string> {
  try {
    let bytes = 0;
    const all = { totalMs: 20_000, maximumBytes: 1e6, ...limits };
    for await (const chunk of openDownload(url, objects, all)) bytes += chunk.length;
    return bytes;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('a download over HTTP', () => {
  it.each([
    ['of a known length', '/list', 300_000],
    ['in chunks', '/chunked', 300_000],
    ['that breaks off', '/cut', 'crl-download-failed'],
    ['that is not there', '/none', 'crl-download-failed'],
    ['that points elsewhere', '/moved', 'crl-download-failed'],
  ])('%s', async (_, path, expected) => {
    expect(await outcome(base + path)).toBe(expected);
  });

  it('that does not end in its time', async () => {
    expect(await outcome(`${base}/silent`, { totalMs: 100 })).toBe('crl-download-failed');
  });

  it.each(['/list', '/chunked'])('of more than its limit: %s', async (path) => {
    expect(await outcome(base + path, { maximumBytes: 1000 })).toBe('crl-too-large');
  });

  it('from nobody', async () => {
    expect(await outcome('http://127.0.0.1:1/list')).toBe('crl-download-failed');
  });
});

const objects = (bytes: number) => ({
  send: (async ({ input }: { input: { Bucket: string; Key: string } }) => {
    if (input.Bucket !== 'drops-bucket' || input.Key !== 'drops/a list.crl')
      throw new Error('none');
    return { Body: Readable.from([list.subarray(0, bytes)]), ContentLength: list.length };
  }) as never,
});

describe('a download from S3', () => {
  it('gives the object', async () => {
    const url = 's3://drops-bucket/drops%2Fa%20list.crl';
    expect(await outcome(url, {}, objects(list.length))).toBe(300_000);
  });

  it('notices that it was cut', async () => {
    const url = 's3://drops-bucket/drops/a%20list.crl';
    expect(await outcome(url, {}, objects(5))).toBe('crl-download-failed');
  });

  it('says when there is none', async () => {
    expect(await outcome('s3://drops-bucket/other', {}, objects(5))).toBe('crl-download-failed');
  });
});

/** A directory with one entry: answers every search with it, or with nothing for another name. */
function startDirectory(): Promise<{ readonly url: string; readonly close: () => void }> {
  const directory = createDirectory((socket) => {
    socket.on('data', (request) => {
      const isSearch = request.includes(0x63) && request[2] === 0x02;
      if (!isSearch) return;
      const id = integer(request[4]!);
      const list = sequence(
        octetString(Buffer.from('certificateRevocationList;binary')),
        setOf(octetString(directoryList)),
      );
      const entry = der(0x64, octetString(Buffer.from('cn=crl')), sequence(list));
      const found = request.includes('cn=crl') ? [sequence(id, entry)] : [];
      const done = der(0x65, enumerated(0), octetString(), octetString());
      socket.write(Buffer.concat([...found, sequence(id, done)]));
    });
    socket.on('error', () => {});
  });
  return new Promise((resolve) => {
    directory.listen(0, '127.0.0.1', () => {
      const { port } = directory.address() as AddressInfo;
      resolve({ url: `ldap://127.0.0.1:${port}`, close: () => directory.close() });
    });
  });
}

const directoryList = Buffer.concat([Buffer.of(0x30), Buffer.alloc(2_499_999, 7)]);

describe('a download over LDAP', () => {
  it('gives the attribute of the entry, within the limit', async () => {
    const directory = await startDirectory();
    const limits = { maximumBytes: 3e6 };
    expect(await outcome(`${directory.url}/cn=crl`, limits)).toBe(2_500_000);
    const named = `${directory.url}/cn=crl?certificateRevocationList;binary?base`;
    expect(await outcome(named, limits)).toBe(2_500_000);
    expect(await outcome(`${directory.url}/cn=crl`)).toBe('crl-too-large');
    expect(await outcome(`${directory.url}/cn=none`)).toBe('crl-download-failed');
    directory.close();
    expect(await outcome(`${directory.url}/cn=crl`)).toBe('crl-download-failed');
  });
});

/** Announces a value of 200 MB, sends for ever, and counts what was taken. */
async function flood(announced: number): Promise<{ outcome: unknown; sent: number }> {
  let sent = 0;
  const directory = createDirectory((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      const head = Buffer.alloc(6);
      head.writeUInt16BE(0x3084);
      head.writeUInt32BE(announced, 2);
      socket.write(head);
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) sent += 65_536;
        socket.once('drain', more);
      };
      more();
    });
  });
  await new Promise<void>((resolve) => directory.listen(0, '127.0.0.1', resolve));
  const { port } = directory.address() as AddressInfo;
  const ended = await outcome(`ldap://127.0.0.1:${port}/cn=crl`, { maximumBytes: 1e6 });
  directory.close();
  return { outcome: ended, sent };
}

it.each([200e6, 1_000_000])('ends a flood over LDAP while it arrives (%d announced)', async (n) => {
  const { outcome: ended, sent } = await flood(n);
  expect(ended).toBe('crl-too-large');
  // The buffers of two sockets on one machine.
  expect(sent).toBeLessThan(40e6);
});

async function readMoved(): Promise<void> {
  const limits = { totalMs: 2000, maximumBytes: 1000 };
  for await (const chunk of openDownload(`${base}/moved`, nothing, limits)) void chunk;
}

describe('what is no DER is named', () => {
  const pem = '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n';
  it.each<[string, Buffer, RegExp]>([
    ['PEM', Buffer.from(pem), /^openssl .*: this is PEM/],
    ['PEM behind comments', Buffer.from(`issuer: x\n${pem}`), /^openssl .*: this is PEM/],
    ['a certificate in PEM', Buffer.from(pem.replaceAll('X509 CRL', 'CERTIFICATE')), /CERTIFICATE/],
    ['gzip', gzipSync('x'), /gzip/],
    ['an HTML page', Buffer.from('\uFEFF\n<!DOCTYPE html><html>'), /HTML/],
    ['UTF-16', Buffer.from(`\uFEFF${pem}`, 'utf16le'), /UTF-16/],
    ['UTF-16 without a mark', Buffer.from(pem, 'utf16le'), /UTF-16/],
    ['LDIF', Buffer.from('version: 1\ndn: cn=crl\n'), /LDIF/],
    ['base64', Buffer.from('MIIB'.repeat(200)), /base64/],
    ['JSON', Buffer.from('{"error":1}'), /JSON/],
    ['XML', Buffer.from('<?xml version="1.0"?><Error/>'), /XML/],
    ['zero octets', Buffer.alloc(2000), /zero octets/],
    ['text', Buffer.from('not found'), /this is text$/],
    ['noise', Buffer.of(0x81, 0xff, 0x02), /0x81/],
    ['nothing', Buffer.alloc(0), /nothing/],
  ])('%s', async (_, content, words) => {
    for (const size of [1, 7, 10_000]) {
      const pieces = async function* () {
        for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
      };
      const read = async () => {
        for await (const chunk of refuseOtherForms(pieces())) expect(chunk).toBeUndefined();
      };
      await expect(read()).rejects.toMatchObject({
        code: 'crl-malformed',
        message: expect.stringMatching(words),
      });
    }
  });

  it('a redirect is refused with the setting to correct', async () => {
    await expect(readMoved()).rejects.toThrow(/redirects \(302\)/);
  });
});

it('refuses every other way', async () => {
  expect(() => openDownload('file:///etc/passwd', nothing)).toThrow(
    expect.objectContaining({ code: 'crl-download-failed' }),
  );
});
