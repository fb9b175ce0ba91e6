import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SandboxStartError } from './cloud/sandbox-start-error.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Synthesises the CDK app into `outputDir`, like `cdk synth -c …`, without the CLI.
 *
 * @throws SandboxStartError with the app's output
 */
export async function synthesise(
  outputDir: string,
  context: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  const settings = JSON.parse(readFileSync(`${root}/cdk.json`, 'utf8')) as {
    app: string;
    context: Record<string, unknown>;
  };
  const [, ...programme] = settings.app.split(' ');
  try {
    await promisify(execFile)(process.execPath, ['--no-warnings', ...programme], {
      cwd: root,
      ...(signal === undefined ? {} : { signal }),
      env: {
        ...process.env,
        // CDK's template checks take four fifths of the time; `npm run synth` runs them.
        CDK_VALIDATION: 'false',
        CDK_OUTDIR: outputDir,
        CDK_CONTEXT_JSON: JSON.stringify({ ...settings.context, ...context }),
      },
    });
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string };
    throw new SandboxStartError(`the CDK app does not synthesise: ${stderr.trim()}`, { cause });
  }
}
