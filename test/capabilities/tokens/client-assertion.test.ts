import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { parseClientJwks } from '../../../lambdas/capabilities/services/client-jwks.ts';
import { authenticateClient } from '../../../lambdas/capabilities/tokens/client-assertion.ts';
import { memoryAssertionStore } from '../../fakes/memory-stores.ts';
import { baseUrl, now } from '../gateway-event.ts';

const seconds = Math.floor(now / 1000);
const pairs = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'another P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'another RSA': generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
type PairName = keyof typeof pairs;

const registered = (...keys: readonly { readonly pair: PairName; readonly alg?: string }[]) => ({
  clientId: 'cli_a',
  serviceId: 'svc_a',
  scopes: [],
  keys: parseClientJwks({
    keys: keys.map(({ pair, alg }) => ({
      ...pairs[pair].publicKey.export({ format: 'jwk' }),
      ...(alg && { alg }),
    })),
  }),
});

let count = 0;
const signed = (key: KeyObject, alg: string, claims: JWTPayload = {}, header = {}) =>
  new SignJWT({
    iss: 'cli_a',
    sub: 'cli_a',
    aud: baseUrl,
    jti: `assertion-${++count}`,
    iat: seconds,
    exp: seconds + 60,
    ...claims,
  })
    .setProtectedHeader({ alg, ...header })
    .sign(key);

/** `ok`, or what is said. */
async function outcome(assertion: string, client: ReturnType<typeof registered> | undefined) {
  const find = async (id: string) => (id === 'cli_a' ? client : undefined);
  const rules = { audience: [baseUrl], now };
  try {
    await authenticateClient(assertion, find, memoryAssertionStore(), rules);
    return 'ok';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the algorithm of an assertion', () => {
  it.each<[PairName, string, string | undefined]>([
    ['P-256', 'ES256', undefined],
    ['P-384', 'ES384', undefined],
    ['RSA', 'RS256', undefined],
    ['RSA', 'PS256', undefined],
    ['RSA', 'RS256', 'RS256'],
    ['RSA', 'PS256', 'PS256'],
  ])('%s may sign by %s where it is registered for %s', async (pair, alg, registeredAlg) => {
    const client = registered({ pair, ...(registeredAlg && { alg: registeredAlg }) });
    expect(await outcome(await signed(pairs[pair].privateKey, alg), client)).toBe('ok');
  });

  it.each<[string, string]>([
    ['RS256', 'PS256'],
    ['PS256', 'RS256'],
  ])('is named to whom holds the key: registered for %s, signed by %s', async (alg, other) => {
    const client = registered({ pair: 'RSA', alg });
    for (const header of [{}, { kid: client.keys[0]!.kid }]) {
      const assertion = await signed(pairs.RSA.privateKey, other, {}, header);
      expect(await outcome(assertion, client)).toContain(`registered for ${alg}`);
    }
  });

  it('picks the key that fits among several', async () => {
    const client = registered({ pair: 'another RSA' }, { pair: 'P-256' }, { pair: 'RSA' });
    for (const [pair, alg] of [
      ['P-256', 'ES256'],
      ['RSA', 'PS256'],
    ] as const) {
      expect(await outcome(await signed(pairs[pair].privateKey, alg), client)).toBe('ok');
    }
  });
});

describe('before the signature is verified', () => {
  it('returns one message for every reason, so that it does not reveal which clients exist', async () => {
    const client = registered({ pair: 'P-256' }, { pair: 'RSA', alg: 'RS256' });
    const [first, second] = client.keys;
    const stranger = pairs['another P-256'].privateKey;
    const strangerRsa = pairs['another RSA'].privateKey;
    const asked: readonly (readonly [string, string])[] = await Promise.all(
      (
        [
          ['no kid', stranger, 'ES256', {}],
          ['a kid that is registered', stranger, 'ES256', { kid: first!.kid }],
          ['a kid of another type', stranger, 'ES256', { kid: second!.kid }],
          ['a kid that is not registered', stranger, 'ES256', { kid: 'none' }],
          ['an algorithm of no key', pairs['P-384'].privateKey, 'ES384', {}],
          ['an algorithm that the key is not registered for', strangerRsa, 'PS256', {}],
          ['a registered kid and such an algorithm', strangerRsa, 'PS256', { kid: second!.kid }],
        ] as const
      ).map(async ([why, key, alg, header]) => [why, await signed(key, alg, {}, header)] as const),
    );
    for (const [why, assertion] of asked) {
      const said = await outcome(assertion, client);
      expect([why, said]).toEqual([why, await outcome(assertion, undefined)]);
      expect(said).toMatch(/^no registered key .* kid and alg/);
    }
  });

  it('claims are not looked at', async () => {
    const client = registered({ pair: 'P-256' });
    const stranger = pairs['another P-256'].privateKey;
    for (const claims of [{ aud: 'https://elsewhere.example' }, { exp: 1 }, { iat: 9e9 }]) {
      const assertion = await signed(stranger, 'ES256', claims);
      expect(await outcome(assertion, client)).toMatch(/^no registered key/);
    }
  });

  it('names a forbidden algorithm to every caller', async () => {
    const hs = await new SignJWT({ iss: 'cli_a', sub: 'cli_a' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new Uint8Array(32));
    for (const client of [registered({ pair: 'P-256' }), undefined]) {
      expect(await outcome(hs, client)).toBe('alg must be one of ES256, ES384, RS256, PS256');
    }
  });
});

describe('iat', () => {
  const client = registered({ pair: 'P-256' });
  const at = async (iat: number) =>
    outcome(await signed(pairs['P-256'].privateKey, 'ES256', { iat }), client);

  it('may lie ahead by the skew of 30 s, and no further', async () => {
    expect(await at(seconds + 30)).toBe('ok');
    expect(await at(seconds + 31)).toMatch(/^iat is in the future/);
    expect(await at(seconds + 86_400)).toMatch(/^iat is in the future/);
  });

  it('may be left out', async () => {
    const assertion = await signed(pairs['P-256'].privateKey, 'ES256', { iat: undefined as never });
    expect(await outcome(assertion, client)).toBe('ok');
  });
});
