import { fetchAccessToken } from '../platform-client.ts';
import { ask, expectStatus } from './ask.ts';
import { StepNotRun, type SmokeTarget } from './smoke-target.ts';

const path = '/v1/revocations/sources';

/** 401 without a token, 401 with a malformed one, 200 with a valid one. */
export async function protectedRoute({ url, identity }: SmokeTarget): Promise<string> {
  const bare = await ask(url, path);
  expectStatus(bare, 401);
  const { token, scope } = await fetchAccessToken(identity);
  expectStatus(await call(url, `${token.slice(0, -4)}AAAA`), 401);
  if (!scope.split(' ').includes('lists:read'))
    throw new StepNotRun('the client lacks the scope lists:read');
  expectStatus(await call(url, token), 200);
  return `401 ${String(bare.json['code'])} without a token, 401 with a broken one, 200 with a good one`;
}

const call = (url: string, token: string) =>
  ask(url, path, { headers: { authorization: `Bearer ${token}` } });
