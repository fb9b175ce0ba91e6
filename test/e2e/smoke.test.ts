import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { control } from '../../sandbox/jlis/control-client.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';

jest.setTimeout(180_000);

interface Report {
  readonly step?: string;
  readonly outcome?: string;
  readonly evidence?: string;
}

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'my-key-smoke-'));
  sandbox = await startSandbox({ port: 0, jlisPort: 0 });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

function smoke(...more: string[]): Promise<{ code: number; reports: readonly Report[] }> {
  const { clientId, keyFile } = sandbox.operator;
  const argv = ['smoke', '--url', sandbox.apiUrl, '--client', clientId, '--key', keyFile, '--json'];
  return new Promise((resolve) => {
    execFile(process.execPath, ['cli/mykey.mjs', ...argv, ...more], (error, out) => {
      const reports = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Report);
      resolve({ code: Number(error?.code ?? 0), reports });
    });
  });
}

describe('npx mykey smoke against the sandbox', () => {
  it('runs the main job with the operator’s key and finds no fault', async () => {
    const { code, reports } = await smoke();
    const failures = reports.filter(({ outcome }) => outcome === 'failed');
    expect(failures).toEqual([]);
    expect(reports.at(-1)).toEqual({ passed: 8, failed: 0, notRun: 1 });
    expect(code).toBe(0);
    expect(reports.find(({ step }) => step === 'job')?.evidence).toMatch(/301 chunks/);
    expect(reports.find(({ step }) => step === 'quota')?.evidence).toMatch(/429/);
    expect(reports.find(({ step }) => step === 'alarm')?.outcome).toBe('not run');
  });

  it('asks for a valid verdict where a card’s certificate is given', async () => {
    const card = await control(sandbox.jlis.url, 'cards', {});
    const file = join(folder, 'card.pem');
    const base64 = card['user-authentication'].certificate;
    writeFileSync(
      file,
      `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`,
    );
    const asked = ['--only', 'validation', '--certificate', file];
    expect(await smoke(...asked)).toMatchObject({
      code: 0,
      reports: [{ outcome: 'passed', evidence: 'valid' }, { failed: 0 }],
    });
    await control(sandbox.jlis.url, `cards/${card.cardId}/revoke`, { reason: 'keyCompromise' });
    const revoked = await smoke(...asked);
    expect(revoked.code).toBe(1);
    expect(revoked.reports[0]).toMatchObject({
      outcome: 'failed',
      evidence: expect.stringContaining('invalid'),
    });
  });

  it('names the cause when the address differs from the issuer', async () => {
    const { port } = new URL(sandbox.apiUrl);
    const { code, reports } = await smoke('--only', 'discovery', '--url', `http://[::1]:${port}`);
    expect(code).toBe(1);
    expect(reports[0]?.outcome).toBe('failed');
  });
});
