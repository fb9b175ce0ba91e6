/**
 * Access token, login and bulk check from TypeScript (Node 22.18 or newer; `npm install jose`).
 *
 *   node login.ts
 *
 * MYKEY_URL   the platform            http://localhost:8080
 * MYKEY_KEY   the client's JWK file   .sandbox/8080/client.jwk
 * JLIS_URL    the sandbox's cards     http://127.0.0.1:8081
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { importJWK, SignJWT, type JWK } from 'jose';

const platform = process.env['MYKEY_URL'] ?? 'http://localhost:8080';
const keyFile = process.env['MYKEY_KEY'] ?? '.sandbox/8080/client.jwk';
const jlis = process.env['JLIS_URL'] ?? 'http://127.0.0.1:8081';

/** A refusal of the platform: RFC 9457, or RFC 6749 §5.2 with the code beside `error`. */
class Refused extends Error {
  constructor(status: number, problem: { code?: string; detail?: string }) {
    super(`${status} ${problem.code}: ${problem.detail}`);
  }
}

async function call<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
  const body = (await response.json()) as T & { code?: string; detail?: string };
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

const post = <T>(url: string, body: object, token?: string): Promise<T> =>
  call<T>(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });

/** OAuth 2.0 client credentials with private_key_jwt (RFC 7523): a new assertion for every request. */
async function takeToken(): Promise<string> {
  const jwk = JSON.parse(await readFile(keyFile, 'utf8')) as JWK & { client_id: string };
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: jwk.alg!, kid: jwk.kid! })
    .setIssuer(jwk.client_id)
    .setSubject(jwk.client_id)
    .setAudience(`${platform}/oauth2/token`)
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(await importJWK(jwk));
  const answer = await call<{ access_token: string }>(`${platform}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  return answer.access_token;
}

interface Card {
  readonly cardId: string;
  readonly 'user-authentication': { readonly certificate: string; readonly serial: string };
}

/** The sandbox's virtual card; in production a card reader or the person's phone does this. */
const cardSigns = (card: Card, challenge: string): Promise<{ signature: string }> =>
  post(`${jlis}/control/cards/${card.cardId}/sign`, { pin: '1234', text: challenge });

const token = await takeToken();

const card = await post<Card>(`${jlis}/control/cards`, {});
const challenge = await post<{ challenge: string }>(`${platform}/v1/challenges`, {}, token);
const { signature } = await cardSigns(card, challenge.challenge);
const login = await post<{ ppid: string }>(
  `${platform}/v1/authentications`,
  {
    challenge: challenge.challenge,
    certificate: card['user-authentication'].certificate,
    signature,
  },
  token,
);
console.log(`ppid ${login.ppid}`);

const check = await post<{
  counts: { total: number; good: number };
  evidence?: { thisUpdate: string };
}>(
  `${platform}/v1/revocations/check`,
  { issuer: 'user-authentication-2023', serials: [card['user-authentication'].serial] },
  token,
);
console.log(
  `good ${check.counts.good} of ${check.counts.total}, list of ${check.evidence?.thisUpdate}`,
);
