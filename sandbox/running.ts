import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Credentials } from './cloud/iam/principals.ts';

/** Where the demo and other programs of this machine find a running sandbox. */
export interface RunningSandbox {
  readonly pid: number;
  readonly apiUrl: string;
  readonly jlisUrl: string;
  /** Lambda's Invoke API: `POST /2015-03-31/functions/ingest-crl/invocations`. */
  readonly lambdaEndpoint: string;
  /** The operator's credentials for AWS services. */
  readonly aws: Credentials;
  readonly operator: { readonly clientId: string; readonly keyFile: string };
  readonly client: { readonly clientId: string; readonly keyFile: string };
}

const defaultFolder = fileURLToPath(new URL('../.sandbox/running/', import.meta.url));
const fileOf = (folder: string, apiUrl: string): string =>
  join(folder, `${new URL(apiUrl).port}.json`);

/** @param folder for tests */
export function rememberRunning(sandbox: RunningSandbox, folder = defaultFolder): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder, sandbox.apiUrl), JSON.stringify(sandbox, null, 2), { mode: 0o600 });
}

export const forgetRunning = (apiUrl: string, folder = defaultFolder): void =>
  rmSync(fileOf(folder, apiUrl), { force: true });

/**
 * The sandbox at that URL, if one is up; without a URL the one at port 8080, else any other.
 * @param folder for tests
 */
export async function findRunning(
  apiUrl?: string,
  folder = defaultFolder,
): Promise<RunningSandbox | undefined> {
  if (apiUrl !== undefined && !isLoopback(apiUrl)) return undefined;
  const usual = fileOf(folder, 'http://localhost:8080');
  const files =
    apiUrl === undefined
      ? [usual, ...namesIn(folder).filter((path) => path !== usual)]
      : [fileOf(folder, apiUrl)];
  for (const file of files) {
    const sandbox = await running(file);
    if (sandbox !== undefined) return sandbox;
  }
  return undefined;
}

/** Sandboxes are known by port: the same port of another host is none. */
function isLoopback(url: string): boolean {
  return URL.canParse(url) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

const namesIn = (path: string): readonly string[] =>
  existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];

/** Undefined if the file or the sandbox that it names is gone. */
async function running(file: string): Promise<RunningSandbox | undefined> {
  try {
    const sandbox = JSON.parse(readFileSync(file, 'utf8')) as RunningSandbox;
    // Another program may listen at the port of a sandbox that was killed. Signal 0 only asks.
    process.kill(sandbox.pid, 0);
    const answer = await fetch(`${sandbox.apiUrl}/v1/status`, {
      signal: AbortSignal.timeout(5000),
    });
    // 503: the sandbox runs and reports what it waits for.
    return answer.ok || answer.status === 503 ? sandbox : undefined;
  } catch {
    return undefined;
  }
}
