import { describe, expect, it } from '@jest/globals';
import {
  issueAccessToken,
  publicJwks,
  verifyAccessToken,
} from '../../../lambdas/capabilities/tokens/access-token.ts';
import type { TokenKey } from '../../../lambdas/capabilities/tokens/token-key.ts';
import { memoryTokenKey } from '../../fakes/token-key.ts';

const issuer = 'https://api.example.jp';
const now = Date.parse('2026-04-01T00:00:00Z');
const claims = {
  clientId: 'cli_a',
  serviceId: 'svc_a',
  keyThumbprint: 'thumbprint-of-the-client-key',
  scopes: ['challenges:write'],
};

const issued = (key: TokenKey) => issueAccessToken(key, claims, issuer, now);
const verified = (key: TokenKey, token: string) => verifyAccessToken(key, token, issuer, now);

describe('a rotation of the token key', () => {
  const old = memoryTokenKey();
  const next = memoryTokenKey();
  /** The same two keys, as `-c tokenKeys=1,2` with `-c tokenKey=1` and then `=2` deploys them. */
  const published: TokenKey = { ...old, publicKeys: both(old, next) };
  const rotated: TokenKey = { ...next, publicKeys: both(next, old) };

  it('publishes the next key before it signs', async () => {
    const kids = (await publicJwks(published)).map(({ kid }) => kid);
    expect(kids).toHaveLength(2);
    expect((await publicJwks(rotated)).map(({ kid }) => kid)).toEqual(kids.toReversed());
  });

  it('causes no interruption: old and new functions accept the tokens of both', async () => {
    const tokens = [await issued(old), await issued(next)];
    for (const key of [published, rotated])
      for (const token of tokens) await expect(verified(key, token)).resolves.toEqual(claims);
  });

  it('ends with the previous key unknown', async () => {
    await expect(verified(next, await issued(old))).rejects.toMatchObject({
      code: 'token-invalid',
    });
  });
});

function both(first: TokenKey, second: TokenKey): TokenKey['publicKeys'] {
  return async () => [await first.publicKey(), await second.publicKey()];
}
