import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPlatform, type PlatformUnderTest } from '../e2e/platform-under-test.ts';
import { againstSandbox, snippetsOf } from './markdown-snippets.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ppid = /^[a-z2-7]{32}$/;

let platform: PlatformUnderTest;

beforeAll(async () => {
  platform = await startPlatform();
}, 180_000);
afterAll(async () => {
  await platform?.sandbox.close();
});

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (command: string, args: readonly string[], environment: object = {}): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { cwd: root, env: { ...process.env, ...environment }, timeout: 120_000 },
      (error, stdout, stderr) => resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
    );
  });

const installed = (command: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(command, [...args], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const itWith = (present: boolean) => (present ? it : it['skip']);
const hasShellTools = installed('jq', '--version') && installed('curl', '--version');

describe.each([['README.md'], ['docs/integrate.md']])('the commands of %s', (page) => {
  it('are marked, so that this test runs them', () => {
    expect(snippetsOf(page).map(({ name }) => name)).toContain('login');
  });

  itWith(hasShellTools)(
    'log a virtual card in when pasted into a terminal',
    async () => {
      const { text } = snippetsOf(page).find(({ name }) => name === 'login')!;
      const script = againstSandbox(text, {
        apiUrl: platform.sandbox.apiUrl,
        jlisUrl: platform.sandbox.jlis.url,
        keyFile: platform.sandbox.client.keyFile,
      });
      const { code, stdout, stderr } = await run('bash', [
        '--norc',
        '-euo',
        'pipefail',
        '-c',
        script,
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const answer = JSON.parse(stdout) as { ppid: string; assurance: string };
      expect(answer.ppid).toMatch(ppid);
      expect(answer.assurance).toBe('card-signature');
    },
    150_000,
  );
});

const environment = (): object => ({
  MYKEY_URL: platform.sandbox.apiUrl,
  MYKEY_KEY: platform.sandbox.client.keyFile,
  JLIS_URL: platform.sandbox.jlis.url,
});

describe('the example programmes', () => {
  const examples: readonly (readonly [string, boolean, string, readonly string[]])[] = [
    ['TypeScript', true, process.execPath, ['--no-warnings', 'examples/typescript/login.ts']],
    [
      'Python',
      installed('python3', '-c', 'import cryptography'),
      'python3',
      ['examples/python/login.py'],
    ],
    ['Java', installed('java', '-version'), 'java', ['examples/java/Login.java']],
  ];

  for (const [language, present, command, args] of examples) {
    itWith(present)(
      `in ${language} takes a token, logs a card in and checks its serial`,
      async () => {
        const { code, stdout, stderr } = await run(command, args, environment());
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const [login, check] = stdout.trim().split('\n');
        expect(login!.replace('ppid ', '')).toMatch(ppid);
        expect(check).toMatch(/^good 1 of 1, list of \d{4}-\d\d-\d\dT/);
      },
      150_000,
    );
  }
});
