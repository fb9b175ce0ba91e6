import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { control } from '../../sandbox/jlis/control-client.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startPlatform, type PlatformUnderTest } from './platform-under-test.ts';
import { goodCallOf, prepareCalls } from './route-calls.ts';

jest.setTimeout(180_000);

interface Report {
  readonly step?: string;
  readonly outcome?: string;
  readonly evidence?: string;
}

let platform: PlatformUnderTest;
let sandbox: Sandbox;
let folder: string;

function serve(settings: Readonly<Record<string, string>>): void {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'my-key-smoke-'));
    platform = await startPlatform(undefined, settings);
    ({ sandbox } = platform);
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });
}

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

function mainJob(settings: Readonly<Record<string, string>>): void {
  serve(settings);

  it('npx mykey smoke runs the main job with the operator’s key and finds no fault', async () => {
    const { code, reports } = await smoke();
    const failures = reports.filter(({ outcome }) => outcome === 'failed');
    expect(failures).toEqual([]);
    expect(reports.at(-1)).toEqual({ passed: 8, failed: 0, notRun: 1 });
    expect(code).toBe(0);
    expect(reports.find(({ step }) => step === 'job')?.evidence).toMatch(/301 chunks/);
    expect(reports.find(({ step }) => step === 'quota')?.evidence).toMatch(/429/);
    expect(reports.find(({ step }) => step === 'alarm')?.outcome).toBe('not run');
  });

  logsIn();
}

function logsIn(): void {
  it('a card logs its holder in, and its changes are told', async () => {
    const prepared = await prepareCalls(platform);
    for (const id of ['authenticate', 'check-attributes', 'put-link', 'check-revocations']) {
      const call = goodCallOf(id);
      expect([id, (await call.make(prepared)).status]).toEqual([id, call.status]);
    }
  });
}

// The command of docs/deploy.md, with its settings alone.
describe('production as the guide deploys it', () => {
  mainJob({
    stage: 'production',
    domainName: 'api.example.jp',
    hostedZoneId: 'Z0123456789ABC',
    hostedZoneName: 'example.jp',
    alarmEmail: 'operations@example.jp',
    breakGlassRoleArns: 'arn:aws:iam::123456789012:role/break-glass',
  });
});

describe('a private endpoint, from a network with a private line', () => {
  serve({
    stage: 'dev',
    domainName: 'api.example.jp',
    hostedZoneId: 'Z0123456789ABC',
    hostedZoneName: 'example.jp',
    vpc: 'own',
    egress: 'private-line',
    privateLineGatewayId: 'vgw-0a1b',
    privateLineCidrs: '10.0.0.0/8',
    privateEndpointIds: 'vpce-0a,vpce-0b',
  });
  logsIn();
});

describe('stage dev, without a domain', () => {
  mainJob({ stage: 'dev' });

  it('npx mykey smoke asks for a valid verdict where a card’s certificate is given', async () => {
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

  it('npx mykey smoke names the cause when the address differs from the issuer', async () => {
    const { port } = new URL(sandbox.apiUrl);
    const { code, reports } = await smoke('--only', 'discovery', '--url', `http://[::1]:${port}`);
    expect(code).toBe(1);
    expect(reports[0]?.outcome).toBe('failed');
  });
});
