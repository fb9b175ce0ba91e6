import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'my-key-synth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const synth = (...options: string[]) => {
  const args = ['bin/synth.ts', '--output', folder, ...options];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
};

describe('npm run synth', () => {
  it('ends with the templates that it made, and with nothing that sounds like a mistake', () => {
    const { status, stdout, stderr } = synth();
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/Supply|Successfully/);
    const templates = stdout.match(/^\S+\.template\.json(?= +\d+ resources {2}My Key Platform)/gm);
    expect(templates!.map((file) => /-(\w+)\.template/.exec(file)![1])).toEqual([
      'Data',
      'CrlIngestion',
      'Jobs',
      'Api',
      'Observability',
    ]);
    for (const template of templates!) expect(existsSync(template)).toBe(true);
    expect(stdout).toContain('5 stacks, checked.');
  }, 60_000);

  it('says what is wrong with the options, and lists nothing', () => {
    const { status, stdout, stderr } = synth('-c', 'stage=production');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('stage production needs -c deployment=');
  }, 60_000);
});
