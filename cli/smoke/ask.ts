import { cliLimits } from '../limits.ts';
import { endpoint } from '../platform-client.ts';

export interface SmokeAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty if the body is not a JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * One call without the client's error handling: the step examines status, headers and body itself.
 */
export async function ask(url: string, path: string, init: RequestInit = {}): Promise<SmokeAnswer> {
  const response = await fetch(endpoint(url, path), {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.timeout(cliLimits.callTimeoutMs),
  });
  return { status: response.status, headers: response.headers, json: await jsonOf(response) };
}

async function jsonOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    return JSON.parse(await response.text()) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

export function expectStatus({ status, json }: SmokeAnswer, wanted: number): void {
  if (status === wanted) return;
  const code = [json['code'], json['error']].find((value) => typeof value === 'string');
  throw new Error(`HTTP ${status}${code === undefined ? '' : ` ${code}`}, not ${wanted}`);
}
