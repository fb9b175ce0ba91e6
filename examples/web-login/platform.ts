import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { importJWK, SignJWT, type JWK } from 'jose';

const platform = process.env['MYKEY_URL'] ?? 'http://localhost:8080';
const keyFile = process.env['MYKEY_KEY'] ?? '.sandbox/8080/client.jwk';

interface Problem {
  readonly code?: string;
  /** A page with meaning and cure. */
  readonly type?: string;
  readonly detail?: string;
}

/** The platform, or the card, will not do it (RFC 9457). */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly type: string | undefined;

  constructor(status: number, { code = 'unknown', type, detail }: Problem) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.type = type;
  }
}

/** @throws Refused where the answer is no 2xx */
export async function call<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
  const body = (await response.json()) as T & Problem;
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

export const post = <T>(url: string, body: object, token?: string): Promise<T> =>
  call<T>(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });

/** One login: a challenge, its signature by the card, the person's PPID at this service. */
export async function logIn(
  certificate: string,
  sign: (challenge: string) => Promise<string>,
): Promise<string> {
  const token = await accessToken();
  const { challenge } = await post<{ challenge: string }>(`${platform}/v1/challenges`, {}, token);
  const signature = await sign(challenge);
  const login = { challenge, certificate, signature };
  const { ppid } = await post<{ ppid: string }>(`${platform}/v1/authentications`, login, token);
  return ppid;
}

let kept: { readonly token: string; readonly until: number } | undefined;

/** One token serves every login until half a minute before its end. */
async function accessToken(): Promise<string> {
  if (kept !== undefined && Date.now() < kept.until) return kept.token;
  const jwk = JSON.parse(await readFile(keyFile, 'utf8')) as JWK & { client_id: string };
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: jwk.alg!, kid: jwk.kid! })
    .setIssuer(jwk.client_id)
    .setSubject(jwk.client_id)
    .setAudience(`${platform}/oauth2/token`)
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(await importJWK(jwk));
  const answer = await call<{ access_token: string; expires_in: number }>(
    `${platform}/oauth2/token`,
    {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        scope: 'challenges:write authentications:write',
      }),
    },
  );
  kept = { token: answer.access_token, until: Date.now() + (answer.expires_in - 30) * 1000 };
  return kept.token;
}
