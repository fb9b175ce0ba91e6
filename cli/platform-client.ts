import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClientKey } from './client-key.ts';
import { CommandFailure, exitCodes } from './run-command.ts';
import { cliLimits } from './limits.ts';

export interface ClientIdentity {
  /** Base URL of the platform, e.g. `http://localhost:8080`. */
  readonly url: string;
  readonly clientId: string;
  readonly key: ClientKey;
  /** Space-separated; absent: all scopes that the client may have. */
  readonly scope?: string;
}

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly scope: string;
}

/** RFC 6749 §5.1. */
interface TokenResponse {
  readonly access_token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly scope?: string;
}

/** RFC 9457, and RFC 6749 §5.2 with `code` as an additional member. */
interface Problem {
  readonly code?: string;
  readonly error?: string;
  readonly detail?: string;
  readonly error_description?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** An error response of the platform. */
export class PlatformProblem extends CommandFailure {
  /** A code of docs/problems.md, or the HTTP status. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, words: string, status: number) {
    super(words === '' ? code : `${code}: ${words}`);
    this.code = code;
    this.status = status;
  }
}

/** The platform did not answer. */
export class PlatformUnreachable extends CommandFailure {
  constructor(message: string, cause: unknown) {
    super(message, exitCodes.unavailable, { cause });
  }
}

/**
 * True if a call may have had an effect although it failed: no answer, a fault of the platform, or
 * a first attempt that still runs (docs/problems.md, `request-in-progress`).
 */
export const isOutcomeUnknown = (error: unknown): boolean =>
  error instanceof PlatformProblem
    ? error.status >= 500 || error.code === 'request-in-progress'
    : error instanceof CommandFailure && error.exitCode === exitCodes.unavailable;

/**
 * Client credentials with private_key_jwt (RFC 6749 §4.4, RFC 7523 §2.2). If the platform refuses
 * the assertion and its clock differs (a sandbox whose clock was moved, a laptop with a wrong
 * clock), the request is repeated with the platform's time.
 */
export async function fetchAccessToken(identity: ClientIdentity): Promise<AccessToken> {
  try {
    return await takeToken(identity, Date.now());
  } catch (error) {
    if (!(error instanceof PlatformProblem) || error.code !== 'client-authentication-failed') {
      throw error;
    }
    const theirs = await platformTime(identity.url);
    if (Math.abs(theirs - Date.now()) < cliLimits.noticedSkewMs) throw error;
    return takeToken(identity, theirs);
  }
}

/** The platform's issuer identifier from its metadata (RFC 8414 §3). */
export async function issuerOf(url: string): Promise<string> {
  const metadata = endpoint(url, '/.well-known/oauth-authorization-server');
  const { issuer } = (await (await call(metadata, { method: 'GET' })).json()) as {
    readonly issuer: string;
  };
  return issuer;
}

/** Milliseconds since 1970, by the platform's clock. */
export async function platformTime(url: string): Promise<number> {
  const response = await call(endpoint(url, '/v1/status'), { method: 'GET' });
  return Date.parse(((await response.json()) as { readonly time: string }).time);
}

async function takeToken(identity: ClientIdentity, now: number): Promise<AccessToken> {
  const { key, clientId, scope } = identity;
  const tokenUrl = endpoint(identity.url, '/oauth2/token');
  const issuedAt = Math.floor(now / 1000);
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({
      alg: key.algorithm,
      ...(key.keyId !== undefined && { kid: key.keyId }),
      typ: 'JWT',
    })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + cliLimits.assertionSeconds)
    .sign(key.privateKey);
  const response = await call(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      ...(scope === undefined ? {} : { scope }),
    }),
  });
  const body = (await response.json()) as TokenResponse;
  return {
    token: body.access_token,
    // Measured with this machine's clock, whatever its offset.
    expiresAt: Date.now() + body.expires_in * 1000,
    scope: body.scope ?? '',
  };
}

/** JSON calls with a token that is renewed a minute before it expires. */
export class PlatformClient {
  readonly #identity: ClientIdentity;
  #token: AccessToken | undefined;

  constructor(identity: ClientIdentity) {
    this.#identity = identity;
  }

  /** @throws PlatformProblem, CommandFailure */
  async request<T>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    if (this.#token === undefined || this.#token.expiresAt - Date.now() < 60_000) {
      this.#token = await fetchAccessToken(this.#identity);
    }
    try {
      return await this.#send<T>(method, path, body, headers, this.#token.token);
    } catch (error) {
      // The platform's clock was ahead of this machine's.
      if (!(error instanceof PlatformProblem) || error.code !== 'token-expired') throw error;
      this.#token = await fetchAccessToken(this.#identity);
      return this.#send<T>(method, path, body, headers, this.#token.token);
    }
  }

  async #send<T>(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    token: string,
  ): Promise<T> {
    const response = await call(endpoint(this.#identity.url, path), {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

export function endpoint(url: string, path: string): string {
  try {
    // A deployed stage has a path: https://….amazonaws.com/prod
    return new URL(`${new URL(url).href.replace(/\/$/, '')}${path}`).href;
  } catch (error) {
    throw new CommandFailure(`--url ${url} is not a URL`, exitCodes.usage, { cause: error });
  }
}

/** Calls fetch; error responses are thrown with the problem's code and detail. */
async function call(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(cliLimits.callTimeoutMs) });
  } catch (error) {
    const why = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
    throw new PlatformUnreachable(`${new URL(url).origin} does not answer (${why})`, error);
  }
  if (response.ok) return response;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<CommandFailure> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as Problem;
    const code = problem.code ?? problem.error ?? String(response.status);
    const words = problem.detail ?? problem.error_description ?? problem.title ?? '';
    const fields = (problem.errors ?? []).map(({ pointer, detail }) => `; ${pointer} ${detail}`);
    return new PlatformProblem(code, `${words}${fields.join('')}`, response.status);
  } catch {
    return new PlatformProblem(`HTTP ${response.status}`, response.statusText, response.status);
  }
}
