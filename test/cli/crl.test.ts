import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { run } from '../../cli/crl.ts';
import { forgetRunning, rememberRunning } from '../../sandbox/running.ts';
import { buildList, createAuthority, now, someEntries } from '../crl-store/list-fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'mykey-crl-'));
const authority = createAuthority('ua-2023');
const file = (name: string): string => join(folder, name);
const at = new Date(now).toISOString();

beforeAll(() => {
  const list = buildList(authority, { entries: someEntries(1000) });
  writeFileSync(file('list.crl'), list);
  writeFileSync(file('cut.crl'), list.subarray(0, 500));
  writeFileSync(file('issuer.der'), authority.anchor.certificate.der);
  writeFileSync(file('list.pem'), '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n');
  writeFileSync(file('empty.crl'), '');
  writeFileSync(file('other.der'), createAuthority('other').anchor.certificate.der);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function crl(...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const { log, error } = console;
  const write = process.stderr.write.bind(process.stderr);
  console.log = (line: string) => void out.push(line);
  console.error = (line: string) => void err.push(line);
  let progress = '';
  process.stderr.write = (text: string) => (progress += text) !== '';
  try {
    const code = await run([...argv]);
    return { code, progress, out: out.join('\n'), err: err.join('\n') };
  } finally {
    Object.assign(console, { log, error });
    process.stderr.write = write;
  }
}

const dry = (list: string, issuer = 'issuer.der') =>
  crl('ingest', file(list), '--issuer', file(issuer), '--dry-run', '--at', at, '--json');

describe('mykey crl ingest', () => {
  it('verifies a list and prints its figures in a dry run', async () => {
    const { code, out, progress } = await dry('list.crl');
    expect(code).toBe(0);
    expect(progress).toMatch(/^verify {2}100%.*\nbuild {2}100% {2}3 pages of 3 pages.*\n$/);
    expect(JSON.parse(out)).toMatchObject({ crlNumber: '10', entries: 1000, pages: 3 });
  });

  it.each([
    [
      'a truncated list',
      'cut.crl',
      'issuer.der',
      /crl-malformed: give the whole CRL: it is cut, 500 of/,
    ],
    ['PEM', 'list.pem', 'issuer.der', /openssl crl .* makes DER of it: this is PEM/],
    ['an empty file', 'empty.crl', 'issuer.der', /this is nothing/],
    [
      'a certificate',
      'other.der',
      'issuer.der',
      /give the CRL in its place: this is a certificate/,
    ],
    ['a list of another key', 'list.crl', 'other.der', /crl-signature-invalid/],
  ])('refuses %s by its code', async (_, list, issuer, message) => {
    const { code, err } = await dry(list, issuer);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });

  it('distinguishes a missing file from wrong usage', async () => {
    expect((await dry('none.crl')).code).toBe(66);
    expect((await crl('ingest')).code).toBe(64);
    expect((await crl('ingest', file('list.crl'), '--now')).code).toBe(64);
    const nowhere = await crl('ingest', '--now', '--url', 'http://localhost:9');
    expect(nowhere).toMatchObject({ code: 69, err: expect.stringContaining('npm start') });
    expect((await crl('ingest', file('list.crl'))).code).toBe(64);
    expect(
      (await crl('ingest', file('list.crl'), '--issuer', file('issuer.der'), '--at', at)).code,
    ).toBe(64);
    expect((await crl('--help')).out).toContain('--dry-run');
  });
});

describe('mykey crl ingest --now', () => {
  /** A sandbox's servers: status, and Lambda's Invoke API. */
  let answer: { readonly status: number; readonly body: string; readonly failed?: boolean };
  let invoked: { readonly url: string; readonly authorization: string; readonly body: string }[];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { url = '', headers } = request;
      if (url === '/v1/status') {
        response.end(JSON.stringify({ time: at }));
        return;
      }
      invoked.push({ url, authorization: headers.authorization ?? '', body });
      if (answer.failed) response.setHeader('x-amz-function-error', 'Unhandled');
      response.writeHead(answer.status).end(answer.body);
    });
  });
  let apiUrl: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    apiUrl = `http://localhost:${(server.address() as AddressInfo).port}`;
    const key = { clientId: 'cli_a', keyFile: 'none' };
    rememberRunning({
      pid: process.pid,
      apiUrl,
      jlisUrl: apiUrl,
      lambdaEndpoint: apiUrl,
      aws: { accessKeyId: 'AKIDOPERATOR', secretAccessKey: 'secret', sessionToken: 'token' },
      operator: key,
      client: key,
    });
  });
  beforeEach(() => {
    invoked = [];
  });
  afterAll(() => {
    forgetRunning(apiUrl);
    server.close();
    server.closeAllConnections();
  });

  it('invokes the ingestion as the operator, and prints its summary', async () => {
    answer = { status: 200, body: '{"switched":3,"refused":0}' };
    const { code, out } = await crl('ingest', '--now', '--url', apiUrl, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ switched: 3, refused: 0 });
    expect(invoked).toEqual([
      {
        url: '/2015-03-31/functions/ingest-crl/invocations',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIDOPERATOR\/\d{8}\/ap-northeast-1\/lambda\/aws4_request/,
        ),
        body: '{}',
      },
    ]);
  });

  it.each([
    ['a list was refused', { status: 200, body: '{"switched":2,"refused":1}' }, /refused/],
    [
      'the function failed',
      { status: 200, failed: true, body: '{"errorMessage":"no room"}' },
      /the ingestion failed: .*no room/,
    ],
    ['it is of another start', { status: 403, body: 'denied' }, /restart the sandbox/],
  ])('ends with 1 where %s', async (_, given, said) => {
    answer = given;
    const { code, out, err } = await crl('ingest', '--now', '--url', apiUrl);
    expect(code).toBe(1);
    expect(out + err).toMatch(said);
  });
});
