/**
 * `npm run synth`: runs `cdk synth` with the options after `--`, then lists the generated
 * templates. CDK's own closing message, which asks for a stack name, is suppressed.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

interface Assembly {
  readonly artifacts: Readonly<
    Record<string, { readonly type: string; readonly properties?: { templateFile?: string } }>
  >;
}

interface StackTemplate {
  readonly Description?: string;
  readonly Resources: object;
}

const cdk = fileURLToPath(new URL('../node_modules/aws-cdk/bin/cdk', import.meta.url));
const synthesis = spawn(process.execPath, [cdk, 'synth', '--quiet', ...process.argv.slice(2)], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
let directory = 'cdk.out';
// CDK writes to stderr, or to stdout if CI is set, and in colours if they are forced.
for (const output of [synthesis.stdout, synthesis.stderr]) {
  createInterface(output).on('line', (line) => {
    const words = stripVTControlCharacters(line);
    const found = /^Successfully synthesized to (.+)$/.exec(words);
    if (found) directory = found[1]!;
    else if (!words.startsWith('Supply a stack id ')) console.error(line);
  });
}
synthesis.on('close', (code) => {
  if (code === 0) describe(shortened(directory));
  process.exitCode = code ?? 1;
});

/** One line for each stack with its template, in deployment order. */
function describe(directory: string): void {
  const { artifacts } = readJson(join(directory, 'manifest.json')) as Assembly;
  const files = Object.values(artifacts)
    .filter(({ type }) => type === 'aws:cloudformation:stack')
    .map(({ properties }) => join(directory, properties!.templateFile!));
  const width = Math.max(...files.map((file) => file.length));
  for (const file of files) {
    const { Description = '', Resources } = readJson(file) as StackTemplate;
    const resources = `${Object.keys(Resources).length} resources`;
    console.log(`${file.padEnd(width)}  ${resources.padStart(13)}  ${Description}`);
  }
  console.log(
    `\n${files.length} stacks, checked. They deploy by: npx cdk deploy --all, with the same -c options`,
  );
}

/** Path relative to the current directory. */
function shortened(path: string): string {
  const fromHere = relative('.', path);
  return fromHere.startsWith('..') ? path : fromHere;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
