import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { settings, type Setting } from '../../lib/settings.ts';
import { snippetsOf } from './markdown-snippets.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const pages = [
  'README.md',
  'examples/README.md',
  ...globSync('docs/*.md', { cwd: root }),
].toSorted();
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const sources = globSync('cli/**/*.ts', { cwd: root }).map(read).join('\n');
const verbs = [...read('cli/mykey.mjs').matchAll(/^ {2}(\w+): \(\) => import/gm)].map(
  ([, verb]) => verb,
);

/** What pages tell people to type: in blocks, and in a line of text between backquotes. */
const typed = (text: string, command: string): readonly string[] =>
  [...text.replaceAll(/\\\n\s*/g, '').matchAll(new RegExp(`${command} ([^\`\n#|]+)`, 'g'))].map(
    ([, words]) => words!,
  );

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('names commands of mykey that exist, with options that they know', () => {
    for (const words of typed(text, 'npx mykey')) {
      const [verb = ''] = /^[a-z]+/.exec(words) ?? [];
      if (verb !== '') expect(verbs).toContain(verb);
      for (const [option] of words.matchAll(/(?<=\s)--[a-z-]+/g)) {
        expect(sources).toMatch(new RegExp(`${option}\\b|\\b'?${option.slice(2)}'?: \\{ type:`));
      }
    }
  });

  it('names scripts of npm that exist', () => {
    for (const words of typed(text, 'npm run')) {
      const [, script = ''] = /^(?:--silent )?([a-z:]+)/.exec(words) ?? [];
      expect(Object.keys(scripts)).toContain(script);
    }
  });

  it('gives cdk settings that it knows, with values that it accepts', () => {
    for (const [given, setting, value] of text.matchAll(/-c (?!name=)(\w+)=([^\s`]+)/g)) {
      const known: Setting | undefined = Object.hasOwn(settings, setting!)
        ? settings[setting as keyof typeof settings]
        : undefined;
      // `…`, `<address>` and ARN stand for a value.
      const isSound = /[…<]|ARN/.test(value!) || known?.form.safeParse(value).success;
      expect([given, known !== undefined && isSound]).toEqual([given, true]);
    }
  });
});

describe('the README', () => {
  const readme = read('README.md');
  const blocks = [...readme.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block!);

  it('begins with what CI runs: the installation, the tests', () => {
    expect(commandsIn(blocks[0]!)).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    const run = commandsIn(read('.ci/run'));
    expect(run).toContain('npm ci');
    expect(run).toContain('npm run check || status=$?');
    expect(scripts['check']!.split(' && ')).toContain('npm test');
  });

  it('names the command that starts the sandbox, and where it listens', async () => {
    const [start] = blocks[1]!.split('\n');
    const [, command, api, jlis] =
      /^(npm start) +# API on http:\/\/localhost:(\d+), J-LIS on http:\/\/127\.0\.0\.1:(\d+)/.exec(
        start!,
      )!;
    const usage = await inShell(`${command} -- --help`);
    expect(usage).toContain(`the API (default ${api};`);
    expect(usage).toContain(`the simulated J-LIS (default ${jlis})`);
  });

  it.each(['npm start', 'npm run bench'])('%s -- --help shows the options', async (command) => {
    const [, row = ''] = new RegExp(`^\\| \`${command}\` +\\|(.*)\\|$`, 'm').exec(readme)!;
    expect(row).toContain('`-- --help`');
    const usage = await inShell(`${command} -- --help`);
    for (const [, option] of row.matchAll(/`(--[a-z-]+)/g)) {
      if (option !== '--') expect(usage).toContain(option);
    }
  });
});

const inShell = async (command: string): Promise<string> =>
  (await promisify(execFile)('sh', ['-c', command], { cwd: root })).stdout;

describe('pages for integrators', () => {
  it.each(['docs/integrate.md', 'docs/integrate.ja.md'])(
    'have no commands that no test runs: %s',
    (page) => {
      const blocks = read(page).match(/^```(?:sh|bash|console)$/gm) ?? [];
      expect(snippetsOf(page)).toHaveLength(blocks.length);
    },
  );
});

/** The commands of a block or script, without comments. */
const commandsIn = (text: string): readonly string[] =>
  text
    .replaceAll(/ *#.*$/gm, '')
    .split('\n')
    .filter((line) => line !== '');
