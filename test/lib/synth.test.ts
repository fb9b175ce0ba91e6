import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'my-key-synth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const synth = (environment: Record<string, string>, ...options: string[]) => {
  const args = ['bin/synth.ts', '--output', folder, ...options];
  const env = { ...process.env, ...environment };
  return spawnSync(process.execPath, args, { encoding: 'utf8', env });
};

describe('npm run synth', () => {
  it.each([
    ['at a terminal', { CI: 'false' }],
    ['in CI, in colours', { CI: 'true', FORCE_COLOR: '1' }],
  ])(
    'ends with the templates that it made, and with no word of CDK, %s',
    (_, environment) => {
      const { status, stdout, stderr } = synth(environment);
      const noWordOfCdk = expect.not.stringMatching(/Supply|Successfully/);
      expect({ status, stderr }).toEqual({ status: 0, stderr: noWordOfCdk });
      const templates = stdout.match(
        /^\S+\.template\.json(?= +\d+ resources {2}My Key Platform)/gm,
      );
      expect(templates!.map((file) => /-(\w+)\.template/.exec(file)![1])).toEqual([
        'Data',
        'CrlIngestion',
        'Jobs',
        'Rights',
        'Api',
        'ClientKeys1',
        'Observability',
      ]);
      for (const template of templates!) expect(existsSync(template)).toBe(true);
      expect(stdout).toContain('7 stacks, checked.');
    },
    60_000,
  );

  it('reports invalid options and lists nothing', () => {
    const { status, stdout, stderr } = synth({}, '-c', 'stage=production');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('stage production needs -c deployment=');
  }, 60_000);
});
