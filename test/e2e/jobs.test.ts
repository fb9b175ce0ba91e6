import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readClientKey } from '../../cli/client-key.ts';
import { fetchAccessToken, PlatformClient } from '../../cli/platform-client.ts';
import { jobLimits } from '../../lambdas/capabilities/jobs/limits.ts';
import { control } from '../../sandbox/jlis/control-client.ts';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { ownCrlNumber, ownList } from './own-list.ts';

jest.setTimeout(120_000);

const jobsPath = '/v1/revocations/jobs';
let sandbox: Sandbox;
let folder: string;
let service: PlatformClient;
let firstRevoked: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'my-key-jobs-'));
  sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  const { clientId, keyFile } = sandbox.client;
  service = new PlatformClient({
    url: sandbox.apiUrl,
    clientId,
    key: await readClientKey(keyFile),
  });
  const answer = await fetch(`${sandbox.jlis.url}/control/crl/synthetic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ issuer: 'user-authentication-2023', count: 2000 }),
  });
  firstRevoked = Number.parseInt(
    ((await answer.json()) as { firstSerial: string }).firstSerial,
    16,
  );
  await sandbox.cloud.invoke('ingest-crl', { sourceId: 'user-authentication-2023/full' });
});

afterAll(async () => {
  await sandbox?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `npx mykey …` on what runs this test, in the environment that `aws.env` gives. */
async function mykey(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['cli/mykey.mjs', ...argv],
      { env: { ...process.env, ...serviceEnvironment(sandbox.cloud) } },
    );
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

function bulk(file: string, ...more: string[]) {
  const { apiUrl, client } = sandbox;
  const identity = ['--client', client.clientId, '--key', client.keyFile, '--url', apiUrl];
  return mykey('bulk', file, ...identity, ...more);
}

const serial = (offset: number) => (firstRevoked + offset).toString(16);

describe('bulk jobs over HTTP', () => {
  it('answers a CSV file with npx mykey bulk', async () => {
    const file = join(folder, 'cards.csv');
    const rows = [
      `name,serial`,
      `a,${serial(0)}`,
      `b,${serial(1)}`,
      '',
      `"c, d",${serial(3)}`,
      'e,-',
    ];
    writeFileSync(file, rows.join('\r\n'));
    const { code, out, err } = await bulk(file, '--issuer', 'user-authentication-2023', '--json');
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    const totals = { rows: 4, good: 1, revoked: 2, unknown: 0, malformed: 1 };
    expect(JSON.parse(out)).toMatchObject({
      ...totals,
      lists: expect.arrayContaining([
        expect.objectContaining({
          source: 'user-authentication-2023/full',
          crlNumber: expect.any(String),
          thisUpdate: expect.any(String),
          ageSeconds: expect.any(Number),
        }),
      ]),
    });
    const result = readFileSync(join(folder, 'cards.result.csv'), 'utf8').split('\n');
    expect(result.map((line) => line.split(',').slice(0, 3).join())).toEqual([
      'line,serial,status',
      `2,${serial(0)},revoked`,
      `3,${serial(1)},good`,
      `5,${serial(3)},revoked`,
      '',
    ]);
    expect(readFileSync(join(folder, 'cards.malformed.csv'), 'utf8')).toBe(
      'line,code\n6,serial-malformed\n',
    );
  });

  it('answers a packed NDJSON file of several chunks', async () => {
    const file = join(folder, 'many.ndjson.gz');
    const rows = Array.from(
      { length: 210_000 },
      (_, i) => `{"serial":"${serial(i)}","issuer":"user-authentication-2023"}\n`,
    );
    writeFileSync(file, gzipSync(rows.join('')));
    const { out } = await bulk(file, '--not-good', '--json');
    expect(JSON.parse(out)).toMatchObject({ rows: 210_000, revoked: 2000, good: 208_000 });
    const result = gunzipSync(readFileSync(join(folder, 'many.result.ndjson.gz'))).toString();
    const lines = result.trimEnd().split('\n');
    expect(lines).toHaveLength(2000);
    expect(JSON.parse(lines[1]!)).toMatchObject({ line: 4, serial: serial(3), status: 'revoked' });
  });

  it('answers a file of more than 300 chunks', async () => {
    const file = join(folder, 'long.csv');
    const emptyLines = '\n'.repeat(300 * jobLimits.chunkLinesByPpid);
    writeFileSync(file, `ppid\n${emptyLines}${'a'.repeat(32)}\n`);
    const { out, err } = await bulk(file, '--by', 'ppid', '--json');
    if (out === '') throw new Error(err);
    expect(JSON.parse(out)).toMatchObject({
      rows: 1,
      good: 0,
      revoked: 0,
      unknown: 1,
      malformed: 0,
    });
  });

  it('names what is wrong with a file', async () => {
    const file = join(folder, 'header.csv');
    writeFileSync(file, 'card number,name\n1,a\n');
    expect(await bulk(file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('upload-columns-missing'),
    });
    // EUC-JP
    writeFileSync(file, Buffer.from('a5b7a5eaa5a2a5ebc8d6b9e60a310a', 'hex'));
    expect(await bulk(file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('save the file in UTF-8: this is EUC-JP'),
    });
    writeFileSync(file, '<!DOCTYPE html><title>503</title>\n');
    expect(await bulk(file)).toMatchObject({
      code: 65,
      err: expect.stringMatching(/header\.csv: download the file again.*HTML page/),
    });
  });

  it('says so when no row could be read, and never overwrites a file', async () => {
    const file = join(folder, 'none.csv');
    writeFileSync(file, 'serial\n-\n1.23E+15\n');
    const out = join(folder, 'none.out.csv');
    const asked = ['--issuer', 'user-authentication-2023', '--not-good', '--out'];
    const answer = await bulk(file, ...asked, out);
    expect(answer).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /NO ROW COULD BE READ[^]*serial-rounded \(1, first in line 3\): export the column again as text/,
      ),
      err: expect.stringContaining('no row could be read: all 2 are malformed'),
    });
    expect(readFileSync(out, 'utf8')).toMatch(/^no row could be read/);
    for (const taken of [file, out, folder]) {
      const again = await bulk(file, ...asked, taken);
      expect(again).toMatchObject({ code: 64, err: expect.stringContaining('is not overwritten') });
    }
    expect(readFileSync(file, 'utf8')).toBe('serial\n-\n1.23E+15\n');
  });

  it('keeps jobs to the service that made them, and cancels', async () => {
    const request = { format: 'csv', bytes: 3 };
    const { jobId } = await service.request<{ jobId: string }>('POST', jobsPath, request);
    const stranger = new PlatformClient({
      url: sandbox.apiUrl,
      clientId: sandbox.operator.clientId,
      key: await readClientKey(sandbox.operator.keyFile),
    });
    await expect(stranger.request('GET', `${jobsPath}/${jobId}`)).rejects.toThrow(/^job-not-found/);
    await expect(service.request('POST', `${jobsPath}/${jobId}/start`)).rejects.toThrow(
      /^job-state-invalid/,
    );
    await service.request('DELETE', `${jobsPath}/${jobId}`);
    const job = await service.request('GET', `${jobsPath}/${jobId}`);
    expect(job).toMatchObject({ state: 'cancelled' });
  });

  it('is created once by a request that is repeated with its Idempotency-Key', async () => {
    const { clientId, keyFile } = sandbox.client;
    const key = await readClientKey(keyFile);
    const { token } = await fetchAccessToken({ url: sandbox.apiUrl, clientId, key });
    const create = async (bytes: number) => {
      const answer = await fetch(`${sandbox.apiUrl}${jobsPath}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': 'nightly-2026-11-22',
        },
        body: JSON.stringify({ format: 'csv', bytes }),
      });
      const { jobId, code } = (await answer.json()) as { jobId?: string; code?: string };
      return { status: answer.status, jobId, code };
    };
    const first = await create(3);
    expect(first).toMatchObject({ status: 201, jobId: expect.any(String) });
    expect(await create(3)).toEqual(first);
    expect(await create(4)).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });

  it('answers by PPID for the persons whom this service knows', async () => {
    const [kept, lost] = await Promise.all([newPerson(), newPerson()]);
    await control(sandbox.jlis.url, `cards/${lost.cardId}/lose`, {});
    await control(sandbox.jlis.url, 'crl/publish', {});
    await sandbox.ingest();
    const file = join(folder, 'people.csv');
    const rows = ['ppid', kept.ppid, lost.ppid, 'a'.repeat(32), 'nobody'];
    writeFileSync(file, rows.join('\n'));
    const { out } = await bulk(file, '--by', 'ppid', '--json');
    const totals = { rows: 4, good: 1, revoked: 1, unknown: 1, malformed: 1 };
    expect(JSON.parse(out)).toMatchObject(totals);
    const result = readFileSync(join(folder, 'people.result.csv'), 'utf8').split('\n');
    expect(result[1]).toBe(`2,${kept.ppid},good,,`);
    expect(result[2]).toMatch(`3,${lost.ppid},revoked,certificateHold,`);
    expect(result[3]).toBe(`4,${'a'.repeat(32)},unknown,ppid-unknown,`);
  });

  it('uses the platform’s clock where it differs from this machine’s', async () => {
    await control(sandbox.jlis.url, 'clock', { by: 'P1DT6H' });
    const { client, apiUrl } = sandbox;
    const identity = ['--client', client.clientId, '--key', client.keyFile, '--url', apiUrl];
    const { code, out, err } = await mykey('token', ...identity);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('.')).toHaveLength(3);
    const request = { format: 'csv', bytes: 3 };
    expect(await service.request('POST', jobsPath, request)).toMatchObject({
      state: 'awaiting-upload',
    });
  });
});

describe('a list loaded by hand', () => {
  it('is verified, written and served, each phase told once', async () => {
    const file = join(folder, 'full.crl');
    writeFileSync(file, ownList(sandbox.jlis, 'user-authentication-2023', firstRevoked));
    const at = ['--at', new Date(sandbox.jlis.now()).toISOString()];
    const ingest = () =>
      mykey('crl', 'ingest', file, '--deployment', sandbox.deploymentFile, '--json', ...at);
    const { code, out, err } = await ingest();
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/^verify {2}100%.*\nwrite {2}100% {2}\d+ pages of \d+ pages.*\n$/),
    });
    const { crlNumber } = JSON.parse(out) as { crlNumber: string };
    expect(crlNumber).toBe(String(ownCrlNumber));
    expect(JSON.parse((await ingest()).out)).toMatchObject({ outcome: 'unchanged', crlNumber });
    const { sources } = await service.request<{ sources: Record<string, unknown>[] }>(
      'GET',
      '/v1/revocations/sources',
    );
    expect(sources).toContainEqual(
      expect.objectContaining({ sourceId: 'user-authentication-2023/full', crlNumber }),
    );
  });
});

/** A person with a card who has logged in once at the ready-made service. */
async function newPerson(): Promise<{ cardId: string; ppid: string }> {
  const { cardId, 'user-authentication': slot } = await control(sandbox.jlis.url, 'cards', {});
  const { challenge } = await service.request<{ challenge: string }>('POST', '/v1/challenges', {});
  const path = `cards/${cardId}/sign`;
  const signed = { pin: '1234', text: challenge };
  const { signature } = await control<{ signature: string }>(sandbox.jlis.url, path, signed);
  const { ppid } = await service.request<{ ppid: string }>('POST', '/v1/authentications', {
    challenge,
    certificate: slot.certificate,
    signature,
  });
  return { cardId, ppid };
}
