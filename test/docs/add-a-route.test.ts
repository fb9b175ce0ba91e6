import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/add-a-route.md'), 'utf8');
/** The files that the page tells to write. */
const files = [...page.matchAll(/^```ts file=(\S+)\n([^]*?)^```$/gm)].map(
  ([, path, contents]) => [path!, contents!] as const,
);

let copy: string;

/** A copy of the project, with nothing added but what the page tells. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'my-key-route-'));
  for (const part of ['bin', 'lib', 'lambdas', 'cli', 'sandbox', 'test', 'bench', 'reader', 'docs'])
    cpSync(join(root, part), join(copy, part), { recursive: true, force: true });
  const modules = readdirSync(root).filter((file) => /\.(mjs|d\.mts)$/.test(file));
  for (const file of ['package.json', 'tsconfig.json', 'cdk.json', ...modules])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [path, contents] of files) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), contents, { flag: 'wx' });
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface JestReport {
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** The titles of the tests that passed in the copy; none may fail. */
function passedInCopy(...args: readonly string[]): readonly string[] {
  const report = join(copy, 'report.json');
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--reporters=default', '--json', `--outputFile=${report}`, '--runInBand'];
  spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', jest, ...options, ...args],
    // Node's cache of compiled code goes by path, and this copy has a new one each time.
    { cwd: copy, encoding: 'utf8', env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' } },
  );
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.filter(({ status }) => status === 'failed').map(({ title }) => title);
  expect({ failed, messages: testResults.map(({ message }) => message).join('') }).toEqual({
    failed: [],
    messages: '',
  });
  return results.filter(({ status }) => status === 'passed').map(({ title }) => title);
}

describe('docs/add-a-route.md, followed in a copy of the project', () => {
  it('touches the folder of the capability, that of its tests, and no other', () => {
    expect(files.length).toBeGreaterThanOrEqual(8);
    for (const [path] of files)
      expect(path).toMatch(/^(lambdas|test)\/capabilities\/greetings\/[\w.-]+\.ts$/);
  });

  it('passes the type check', () => {
    const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '--noEmit'], {
      cwd: copy,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  }, 120_000);

  it('gives a function with the grants of the page, and a route of the API before it', () => {
    const passed = passedInCopy('test/lib/grants', 'test/lib/api', 'test/lib/alarms', 'greetings');
    expect(passed).toEqual(
      expect.arrayContaining([
        'gives Greetings what it needs and nothing else',
        'has the routes of the catalogue and no other, each before its own function',
        'greets a municipality by its name, at the time it is told',
      ]),
    );
  }, 300_000);

  it('gives a route that the sandbox serves, OpenAPI describes and the access tests cover', () => {
    const passed = passedInCopy('test/e2e/main-job', '-t', 'POST /v1/greetings');
    const route = 'POST /v1/greetings';
    expect(passed).toEqual(
      expect.arrayContaining([
        `answers its example as /openapi.json describes and shows it: ${route}`,
        `none: ${route}`,
        `signed by a stranger: ${route}`,
        `for another audience: ${route}`,
        `without the scope: ${route}`,
        `not JSON: ${route}`,
        `1 MB of zeros: ${route}`,
        `another media type: ${route}`,
        `an unknown member: ${route}`,
        route,
      ]),
    );
  }, 300_000);
});
