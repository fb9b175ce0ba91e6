import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { MyKeyError } from '../../../lambdas/errors.ts';
import type { ServiceRegistry } from '../../../lambdas/capabilities/services/service-registry.ts';
import { servicesHandler } from '../../../lambdas/capabilities/services/handler.ts';
import { challengesHandler } from '../../../lambdas/capabilities/challenges/handler.ts';
import { scopes } from '../../../lib/operations.ts';
import { memoryIdempotencyStore, memoryServiceRegistry } from '../../fakes/memory-stores.ts';
import {
  baseUrl,
  eventFor,
  now,
  operatorCaller,
  type1Caller,
  type2Caller,
} from '../gateway-event.ts';
import { expectAsPublished } from '../openapi-contract.ts';
import { calculateJwkThumbprint, SignJWT, type JWK } from 'jose';
import { jwksWithProofs, type SetMember } from '../../../cli/key-proofs.ts';

/** A key with its public JWK as it is registered. */
async function member(kind: 'P-256' | 'P-384' | 'RSA') {
  const { privateKey, publicKey } =
    kind === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: kind });
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const alg = { 'P-256': 'ES256', 'P-384': 'ES384', RSA: 'PS256' }[kind];
  return { privateKey, jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), alg } };
}
const first = await member('P-256');
const stranger = await member('P-256');
/** Of a second service: a key belongs to one client. */
const next = await member('P-384');
const { jwk } = first;
const proved = (members: readonly SetMember[], subject: string, change: object = {}) =>
  jwksWithProofs(members, { issuer: baseUrl, subject, now, ...change });
const named = async (name: string, of = first) => ({ name, jwks: await proved([of], name) });
const serviceIdOf = (body: Readonly<Record<string, unknown>>) => ({
  serviceId: body['serviceId'] as string,
});
const application = {
  organisation: { name: 'Sample City' },
  ...(await named('Health portal')),
  type: 'type2',
};

const recordedAt = '2026-11-22T03:00:00Z';
const pledge = {
  documentSha256: 'ab'.repeat(32),
  version: '1',
  signerRole: 'Mayor',
  signedOn: '2026-11-01',
};
const encryptionKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  format: 'jwk',
}) as { kty: 'EC'; crv: 'P-256'; x: string; y: string };

function services(registry: ServiceRegistry = memoryServiceRegistry()) {
  const settings = {
    publicBaseUrl: baseUrl,
    clock: () => now,
    log: () => undefined,
    idempotency: memoryIdempotencyStore(),
  };
  const handler = servicesHandler({ registry, scopes }, settings);
  return async (
    id: string,
    body?: unknown,
    path?: Record<string, string>,
    headers: Readonly<Record<string, string>> = {},
    caller: Readonly<Record<string, string>> = operatorCaller,
  ) => {
    const parts = { body, caller, headers, ...(path && { path }) };
    const result = await handler(eventFor(id, parts), {});
    expectAsPublished(id, result);
    return { status: result.statusCode, body: JSON.parse(result.body) as Record<string, unknown> };
  };
}

const scopesIn = ({ body }: { body: Readonly<Record<string, unknown>> }) =>
  (body['clients'] as { scopes: string[] }[])[0]!.scopes;

describe('services', () => {
  it('are registered with organisation, sector and a client, and can be read', async () => {
    const call = services();
    const made = await call('create-service', application);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'Health portal', type: 'type2', status: 'applied' });
    const path = serviceIdOf(made.body);
    expect((await call('get-service', undefined, path)).body).toEqual(made.body);
    const { body } = await call('get-service-jwks', undefined, path);
    expect(body['keys']).toMatchObject([{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }]);
  });

  it('walk through their life cycle and no other way', async () => {
    const call = services();
    const { body } = await call('create-service', application);
    const path = serviceIdOf(body);
    const move = async (status: string) =>
      (await call('change-service-status', { status }, path)).status;
    expect(await move('active')).toBe(409);
    for (const step of ['testing', 'active', 'suspended', 'active', 'retired']) {
      expect([step, await move(step)]).toEqual([step, 200]);
    }
    expect(await move('active')).toBe(409);
    expect((await call('replace-service-jwks', { keys: [jwk] }, path)).status).toBe(409);
  });

  it('of Type 1 need the pledge before they are tested', async () => {
    const call = services();
    const type1 = { ...application, type: 'type1' };
    const refused = await call('create-service', { ...type1, status: 'testing' });
    expect([refused.status, refused.body['code']]).toEqual([409, 'service-pledge-missing']);
    const { body } = await call('create-service', type1);
    const path = serviceIdOf(body);
    expect((await call('change-service-status', { status: 'testing' }, path)).status).toBe(409);
    for (const signedOn of ['2026-13-45', '2026-02-30', '2026-11-01T00:00:00Z']) {
      const step = { status: 'testing', pledge: { ...pledge, signedOn } };
      const noDay = await call('change-service-status', step, path);
      expect([signedOn, noDay.body['code']]).toEqual([signedOn, 'request-invalid']);
    }
    const tested = await call('change-service-status', { status: 'testing', pledge }, path);
    expect([tested.status, tested.body['pledges']]).toEqual([200, [{ ...pledge, recordedAt }]]);
  });

  it('keep every pledge that was received, and add none for a repetition', async () => {
    const call = services();
    const type1 = { ...application, type: 'type1', status: 'active', pledge };
    const { body } = await call('create-service', type1);
    const path = serviceIdOf(body);
    await call('change-service-status', { status: 'active', pledge }, path);
    const second = { ...pledge, version: '2', documentSha256: 'cd'.repeat(32) };
    const { body: changed } = await call(
      'change-service-status',
      { status: 'active', pledge: second },
      path,
    );
    expect(changed['pledges']).toEqual([
      { ...pledge, recordedAt },
      { ...second, recordedAt },
    ]);
  });

  it('of Type 1 have terms for their counters, which the operator registers', async () => {
    const call = services();
    const { body } = await call('create-service', { ...application, type: 'type1' });
    const path = serviceIdOf(body);
    const terms = {
      minimumAssurance: 'chip-presence',
      supervised: true,
      origins: ['https://counter.example', 'http://localhost:9000'],
      returnUrls: ['https://counter.example/return?from=screen'],
    };
    const changed = await call('change-counter-terms', terms, path);
    expect([changed.status, changed.body['counter']]).toEqual([
      200,
      { ...terms, holdsPerDay: 2_000 },
    ]);
    for (const wrong of [
      { origins: ['https://counter.example/'] },
      { origins: ['http://counter.example'] },
      { origins: ['https://user@counter.example'] },
      { origins: ['*'] },
      { origins: ["https://counter.example; script-src 'unsafe-inline'"] },
      { returnUrls: ['http://counter.example/'] },
      { returnUrls: ['https://counter.example/#part'] },
      { returnUrls: ['javascript:alert(1)'] },
      { returnUrls: ['/return'] },
      { holdsPerDay: 0 },
      { holdsPerDay: 100_001 },
      { minimumAssurance: 'none' },
    ]) {
      const refused = await call('change-counter-terms', { ...terms, ...wrong }, path);
      expect([wrong, refused.body['code']]).toEqual([wrong, 'request-invalid']);
    }
    const own = { ...type2Caller, serviceId: path.serviceId };
    const bySelf = await call('change-counter-terms', terms, path, {}, own);
    expect([bySelf.status, bySelf.body['code']]).toEqual([403, 'scope-insufficient']);
  });

  it('of another type have neither such terms nor an encryption key', async () => {
    const call = services();
    const { body } = await call('create-service', application);
    const terms = { minimumAssurance: 'card-signature' };
    for (const [id, change] of [
      ['change-counter-terms', terms],
      ['replace-encryption-key', encryptionKey],
    ] as const) {
      const refused = await call(id, change, serviceIdOf(body));
      expect([id, refused.status, refused.body['code']]).toEqual([id, 409, 'service-form-wrong']);
    }
    const another = { ...application, organisation: { name: 'Third City' }, counter: terms };
    expect((await call('create-service', another)).body['code']).toBe('service-form-wrong');
  });

  it('of Type 1 register their encryption key themselves, and no private or foreign kind', async () => {
    const call = services();
    const { body } = await call('create-service', { ...application, type: 'type1' });
    const path = serviceIdOf(body);
    const own = { ...type1Caller, serviceId: path.serviceId };
    const stored = await call('replace-encryption-key', encryptionKey, path, {}, own);
    const kid = await calculateJwkThumbprint(encryptionKey);
    expect([stored.status, stored.body]).toEqual([
      200,
      { ...encryptionKey, use: 'enc', alg: 'ECDH-ES', kid },
    ]);
    const { body: read } = await call('get-service', undefined, path, {}, own);
    expect(read['encryptionKey']).toEqual(stored.body);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const wrong of [
      privateKey.export({ format: 'jwk' }),
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }),
      { ...encryptionKey, y: encryptionKey.x },
      { ...encryptionKey, use: 'sig' },
      { ...encryptionKey, alg: 'ECDH-ES+A128KW' },
    ]) {
      const refused = await call('replace-encryption-key', wrong, path, {}, own);
      expect([refused.status, refused.body['code']]).toEqual([400, 'request-invalid']);
      expect(JSON.stringify(refused.body)).not.toContain(privateKey.export({ format: 'jwk' }).d);
    }
    await call('change-service-status', { status: 'retired' }, path);
    const late = await call('replace-encryption-key', encryptionKey, path, {}, own);
    expect(late.body['code']).toBe('service-transition-invalid');
  });

  it('have the scopes of their type and those that the operator grants', async () => {
    const call = services();
    const bulk = ['revocations:check', 'revocation-reasons:read', 'jobs:write'];
    const granted = (answer: Parameters<typeof scopesIn>[0]) =>
      scopesIn(answer).filter((scope) => bulk.includes(scope));
    const type1 = { ...application, type: 'type1' };
    const made = await call('create-service', type1);
    expect(granted(made)).toEqual([]);
    const grant = (grants: readonly string[]) =>
      call('change-service-grants', { grants }, serviceIdOf(made.body));
    expect(granted(await grant(bulk))).toEqual(expect.arrayContaining(bulk));
    const before = scopesIn(made);
    expect(scopesIn(await grant([]))).toEqual(before);
    const refused = await grant(['services:write']);
    expect([refused.status, refused.body['code']]).toEqual([400, 'scope-unknown']);
    const read = await call('get-service', undefined, serviceIdOf(made.body));
    expect(scopesIn(read)).toEqual(before);
    const granting = { ...application, grants: ['revocation-reasons:read'] };
    const type2 = {
      ...granting,
      ...(await named('Health portal', next)),
      organisation: { name: 'Another City' },
    };
    expect(granted(await call('create-service', type2)).toSorted()).toEqual(bulk.toSorted());
  });

  it('have the number of serials a day that the operator sets, or that of the deployment', async () => {
    const call = services();
    const { body } = await call('create-service', application);
    const path = serviceIdOf(body);
    const grant = (more: object) => call('change-service-grants', { grants: [], ...more }, path);
    const of = async () =>
      (await call('get-service', undefined, path)).body['checkedIdentifiersPerDay'];
    expect(await of()).toBeUndefined();
    const set = await grant({ checkedIdentifiersPerDay: 5_000_000 });
    expect([set.status, set.body['checkedIdentifiersPerDay'], await of()]).toEqual([
      200, 5_000_000, 5_000_000,
    ]);
    for (const wrong of [0, 1.5, 2_000_000_001, '7'])
      expect((await grant({ checkedIdentifiersPerDay: wrong })).body['code']).toBe(
        'request-invalid',
      );
    await grant({});
    expect(await of()).toBeUndefined();
  });

  it('from before usage keys draw one when their status is set', async () => {
    const registry = memoryServiceRegistry();
    let drawn = 0;
    // As the table holds a client of the first release.
    const old: ServiceRegistry = {
      ...registry,
      client: async (id) => {
        const { usageKey: _, ...client } = (await registry.client(id))!;
        return client;
      },
      drawUsageKey: async (id) => {
        drawn += 1;
        return registry.drawUsageKey(id);
      },
    };
    const call = services(old);
    const { body } = await call('create-service', { ...application, status: 'testing' });
    await call('change-service-status', { status: 'testing' }, serviceIdOf(body));
    expect(drawn).toBe(1);
    await call('change-service-status', { status: 'retired' }, serviceIdOf(body));
    expect(drawn).toBe(1);
  });

  it('are refused where no API key is left for their client', async () => {
    const call = services(memoryServiceRegistry(0));
    const { status, body } = await call('create-service', application);
    expect([status, body['code']]).toEqual([409, 'client-keys-used-up']);
    expect(body['detail']).toMatch(/^deploy with a larger clientKeys/);
  });

  it('have one name in an organisation', async () => {
    const call = services();
    const { body } = await call('create-service', application);
    const again = { ...application, organisation: { organisationId: body['organisationId'] } };
    expect((await call('create-service', again)).body['code']).toBe('service-exists');
    const taxes = { ...again, ...(await named('Tax office', next)) };
    expect((await call('create-service', taxes)).status).toBe(201);
    const nowhere = { ...again, organisation: { organisationId: 'org_none' } };
    expect((await call('create-service', nowhere)).body['code']).toBe('organisation-not-found');
  });

  it('are made once, whatever became of the first answer', async () => {
    const registry = memoryServiceRegistry();
    const made: string[] = [];
    const losing: ServiceRegistry = {
      ...registry,
      async register(registration) {
        const outcome = await registry.register(registration);
        made.push(outcome);
        if (made.length < 3) throw new MyKeyError('dependency-unavailable', 'no answer');
        return outcome;
      },
    };
    const call = services(losing);
    const headers = { 'Idempotency-Key': 'key-00000001' };
    const create = async () => call('create-service', application, undefined, headers);
    expect([(await create()).status, (await create()).status]).toEqual([503, 503]);
    const { status, body } = await create();
    expect([status, made]).toEqual([201, ['registered', 'stood', 'stood']]);
    expect((await call('get-service', undefined, serviceIdOf(body))).body).toEqual(body);
    expect((await create()).body).toEqual(body);
    const organisation = { name: 'Elsewhere' };
    const second = { ...application, ...(await named('Another portal')), organisation };
    const other = await call('create-service', second, undefined, headers);
    expect(other.body['code']).toBe('idempotency-key-reused');
  });

  it.each<[string, string]>([
    ['half of a surrogate pair', 'Health \ud83d'],
    ['a direction override', 'Health \u202eportal'],
    ['an isolate', 'Health \u2067portal'],
    ['a mark that nobody sees', 'Health\u200b portal'],
    ['a line', 'Health\nportal'],
    ['nothing but blanks', '  \u3000 '],
  ])('have no name with %s', async (_, name) => {
    const { status, body } = await services()('create-service', { ...application, name });
    expect([status, body['code']]).toEqual([400, 'request-invalid']);
  });

  it('have one name however it is composed', async () => {
    const call = services();
    const spelt = { ...application, ...(await named('市民か\u3099いど 𠮷')) };
    const made = await call('create-service', spelt);
    expect(made.body['name']).toBe('市民がいど 𠮷');
    const organisation = { organisationId: made.body['organisationId'] };
    const again = { ...application, ...(await named('市民がいど 𠮷')), organisation };
    expect((await call('create-service', again)).body['code']).toBe('service-exists');
  });

  it.each<[string, unknown, RegExp]>([
    ['a single JWK', jwk, /wrap it/],
    ['a jwks_uri', { jwks_uri: 'https://example.com/jwks' }, /never fetched/],
    ['an empty object', {}, /"keys" is missing/],
    ['keys that are no list', { keys: jwk }, /not an array/],
  ])('are told what to send instead of %s', async (_, jwks, words) => {
    const { status, body } = await services()('create-service', { ...application, jwks });
    expect([status, body['code'], body['detail']]).toEqual([
      422,
      'jwks-invalid',
      expect.stringMatching(words),
    ]);
  });

  it.each([
    ['a jwks_uri', { jwks_uri: 'https://example.com/jwks' }, /a jwks_uri is never fetched$/],
    ['a single JWK', { jwk }, /^send the public keys as "jwks"/],
    ['keys', { keys: [jwk] }, /^send the public keys as "jwks"/],
    ['something else', { jwksUri: 'x' }, /^unknown field: jwksUri$/],
  ])('are told where keys belong instead of %s in the body', async (_, sent, words) => {
    const { jwks: __, ...rest } = application;
    const { status, body } = await services()('create-service', { ...rest, ...sent });
    const details = (body['errors'] as { detail: string }[]).map(({ detail }) => detail);
    expect([status, details]).toEqual([
      400,
      expect.arrayContaining([expect.stringMatching(words)]),
    ]);
  });

  it.each(['{"keys":[]}', [], null, 5])(
    'have a JWK Set that is an object, not %j',
    async (jwks) => {
      const { status, body } = await services()('create-service', { ...application, jwks });
      expect([status, body['errors']]).toMatchObject([
        400,
        [{ pointer: '#/jwks', detail: expect.stringMatching(/^send an object, a JWK Set/) }],
      ]);
    },
  );

  it('get a list of the ignored keys', async () => {
    const call = services();
    const odd = { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' };
    const { keys, proofs } = application.jwks;
    const jwks = { keys: [...keys, odd], proofs };
    const made = await call('create-service', { ...application, jwks });
    expect(made.body['ignoredKeys']).toEqual([expect.stringContaining('keys[1]')]);
    const replaced = await call(
      'replace-service-jwks',
      { keys: [odd, jwk] },
      serviceIdOf(made.body),
    );
    expect(replaced.body['ignored']).toEqual([expect.stringContaining('keys[0]')]);
  });

  it('are listed with their organisations: all to the operator, its own to a client', async () => {
    const call = services();
    const { body: first } = await call('create-service', application);
    const elsewhere = {
      ...application,
      ...(await named('Health portal', next)),
      organisation: { name: 'Elsewhere' },
    };
    const { body: second } = await call('create-service', elsewhere);
    const { body } = await call('list-services');
    expect(body['services']).toMatchObject([
      { serviceId: first['serviceId'], organisation: { name: 'Sample City' } },
      { serviceId: second['serviceId'], organisation: { name: 'Elsewhere' } },
    ]);
    const own = { ...type2Caller, serviceId: second['serviceId'] as string };
    const listed = await call('list-services', undefined, undefined, {}, own);
    expect(listed.body['services']).toMatchObject([{ serviceId: second['serviceId'] }]);
  });

  it('are read, and their keys replaced, by their own clients alone', async () => {
    const call = services();
    const { body } = await call('create-service', application);
    const path = serviceIdOf(body);
    const own = { ...type2Caller, serviceId: path.serviceId };
    const next = await member('P-384');
    const rolled = await proved([{ jwk }, next], path.serviceId);
    for (const [caller, status] of [
      [own, 200],
      [type2Caller, 404],
    ] as const) {
      const ask = async (id: string, sent?: unknown) =>
        (await call(id, sent, path, {}, caller)).status;
      expect(await ask('get-service')).toBe(status);
      expect(await ask('get-service-jwks')).toBe(status);
      expect(await ask('replace-service-jwks', rolled)).toBe(status);
      expect(await ask('change-service-status', { status: 'retired' })).toBe(403);
    }
  });

  it('share no key with another client, whose it is not told', async () => {
    const call = services();
    const { body } = await call('create-service', application);
    const elsewhere = { ...application, organisation: { name: 'Elsewhere' } };
    const refused = await call('create-service', elsewhere);
    expect([refused.status, refused.body['code']]).toEqual([409, 'client-key-taken']);
    expect(JSON.stringify(refused.body)).not.toContain(serviceIdOf(body).serviceId);
    const other = { ...elsewhere, ...(await named('Health portal', next)) };
    const path = serviceIdOf((await call('create-service', other)).body);
    const rolled = await proved([next, first], path.serviceId);
    const taken = await call('replace-service-jwks', rolled, path);
    expect([taken.status, taken.body['code']]).toEqual([409, 'client-key-taken']);
    // Whoever cannot prove the key does not learn that it is registered.
    const { proofs } = await proved([next], path.serviceId);
    const unproved = await call('replace-service-jwks', { keys: [next.jwk, jwk], proofs }, path);
    expect([unproved.status, unproved.body['code']]).toEqual([422, 'jwks-invalid']);
  });

  it('belong to organisations of different names', async () => {
    const call = services();
    await call('create-service', application);
    const taxes = { ...application, ...(await named('Tax office')) };
    const again = await call('create-service', taxes);
    expect([again.status, again.body['code']]).toEqual([409, 'organisation-exists']);
  });

  it('roll their keys over', async () => {
    const call = services();
    const { body } = await call('create-service', application);
    const path = serviceIdOf(body);
    const rolled = await proved([{ jwk }, await member('RSA')], path.serviceId);
    expect((await call('replace-service-jwks', rolled, path)).status).toBe(200);
    const stored = (await call('get-service-jwks', undefined, path)).body['keys'] as unknown[];
    expect(stored).toHaveLength(2);
  });

  const week = 604_800_000;
  it.each<[string, () => Promise<object>, RegExp]>([
    ['no proof', async () => ({ keys: [jwk] }), /^prove that you hold keys\[0\]/],
    [
      "somebody else's key beside its own",
      async () => ({ ...(await proved([first, { jwk: stranger.jwk }], 'Health portal')) }),
      /^prove that you hold keys\[1\]/,
    ],
    [
      "somebody else's key, signed for by its own",
      () => proved([{ jwk: stranger.jwk, privateKey: first.privateKey }], 'Health portal'),
      /^sign the proof of keys\[0\] by the private key/,
    ],
    ['a proof for another service', () => proved([first], 'Tax office'), /with sub the service/],
    [
      'a proof for another platform',
      () => proved([first], 'Health portal', { issuer: 'https://elsewhere.test' }),
      /with aud "/,
    ],
    [
      'a proof of more than a week ago',
      () => proved([first], 'Health portal', { now: now - week - 31_000 }),
      /it is over$/,
    ],
    [
      'a proof of the future',
      () => proved([first], 'Health portal', { now: now + 60_000 }),
      /in the future$/,
    ],
    [
      'a proof for another set',
      async () => {
        const { proofs } = await proved([first, stranger], 'Health portal');
        return { keys: [jwk], proofs: proofs.slice(0, 1) };
      },
      /with jkts/,
    ],
    [
      'a proof of no key of the set',
      async () => {
        const { proofs } = await proved([stranger], 'Health portal');
        return { ...application.jwks, proofs: [...application.jwks.proofs, ...proofs] };
      },
      /^remove from "proofs"/,
    ],
    [
      'a second proof for the same key',
      async () => {
        const { proofs } = await proved([first], 'Health portal');
        return { ...application.jwks, proofs: [...application.jwks.proofs, ...proofs] };
      },
      /^send one proof for each key: proofs\[1\]/,
    ],
    [
      'a proof for longer than a week',
      async () => {
        const iat = now / 1000;
        const header = { typ: 'mykey-key-proof+jwt', alg: 'ES256', kid: jwk.kid };
        const claims = { aud: baseUrl, sub: 'Health portal', iat, exp: iat + week / 1000 + 1 };
        const jwt = new SignJWT({ ...claims, jkts: [jwk.kid] }).setProtectedHeader(header);
        return { keys: [jwk], proofs: [await jwt.sign(first.privateKey)] };
      },
      /exp at most 604800 seconds later$/,
    ],
    [
      'an assertion for a proof',
      async () => {
        const header = { typ: 'JWT', alg: 'ES256', kid: jwk.kid };
        const claims = { aud: baseUrl, sub: 'Health portal', iat: now / 1000, exp: now / 1000 + 9 };
        const jwt = new SignJWT({ ...claims, jkts: [jwk.kid] }).setProtectedHeader(header);
        return { keys: [jwk], proofs: [await jwt.sign(first.privateKey)] };
      },
      /^set typ of proofs\[0\]/,
    ],
    ['no JWT', async () => ({ keys: [jwk], proofs: ['x'] }), /proofs\[0\] is none$/],
    [
      'proofs that are no list',
      async () => ({ keys: [jwk], proofs: 'x' }),
      /^send "proofs" as an array/,
    ],
  ])('are not registered with %s', async (_, jwks, words) => {
    const asked = { ...application, jwks: await jwks() };
    const { status, body } = await services()('create-service', asked);
    expect([status, body['code'], body['detail']]).toEqual([
      422,
      'jwks-invalid',
      expect.stringMatching(words),
    ]);
  });

  it('take a new key only with its proof, the ones that they have without', async () => {
    const call = services();
    const path = serviceIdOf((await call('create-service', application)).body);
    const send = async (jwks: object) => (await call('replace-service-jwks', jwks, path)).status;
    expect(await send({ keys: [jwk] })).toBe(200);
    expect(await send({ keys: [jwk, stranger.jwk] })).toBe(422);
    expect(await send(await proved([first, stranger], 'Health portal'))).toBe(422);
    expect(await send(await proved([{ jwk }, stranger], path.serviceId))).toBe(200);
  });

  it('are not found under an unknown id', async () => {
    const answer = await services()('get-service', undefined, { serviceId: 'svc_none' });
    expect([answer.status, answer.body['code']]).toEqual([404, 'service-not-found']);
  });
});

describe('challenges', () => {
  it('name platform and service, for five minutes', async () => {
    const settings = { publicBaseUrl: baseUrl, clock: () => now, log: () => undefined };
    const handler = challengesHandler(async () => Buffer.alloc(32), settings);
    const result = await handler(eventFor('create-challenge', { caller: type2Caller }), {});
    expectAsPublished('create-challenge', result);
    const body = JSON.parse(result.body) as { challenge: string; expiresAt: string };
    expect(body.challenge).toContain(` issuer=${baseUrl} service=${type2Caller.serviceId} `);
    expect(Date.parse(body.expiresAt) - now).toBe(300_000);
  });
});
