import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deliverAnnouncements } from '../../../lambdas/people/announcements.ts';
import { readFeed } from '../../../lambdas/people/feed.ts';
import { personOfPpid } from '../../../lambdas/people/find-person.ts';
import { announcementShards } from '../../../lambdas/people/layout.ts';
import { retention } from '../../people/scene.ts';
import { awaitUserNumber, findLink } from '../../../lambdas/people/links.ts';
import type { PersonEvent } from '../../../lambdas/people/person-event.ts';
import { listHeld } from '../../../lambdas/people/records.ts';
import type { CardView } from '../../../sandbox/jlis/control-client.ts';
import { startCardPlatform } from '../card-platform.ts';
import { now, type2Caller } from '../gateway-event.ts';

let platform: Awaited<ReturnType<typeof startCardPlatform>>;
beforeAll(async () => {
  platform = await startCardPlatform();
});
afterAll(() => platform.jlis.close());
beforeEach(() => {
  platform.jlis.services.ocsp = 'running';
  platform.jlis.services.linkage = 'running';
});

const logIn = async (card: CardView, caller = type2Caller) =>
  platform.call('authenticate', await platform.signed(card, caller), { caller });
const otherService = { ...type2Caller, clientId: 'cli_b', serviceId: 'svc_b', sectorId: 'sec_b' };

/** What a service can read an hour later, after the announcements were delivered. */
async function eventsOf(serviceId: string): Promise<readonly PersonEvent[]> {
  const ports = { ...platform.people, now };
  for (let shard = 0; shard < announcementShards; shard++)
    await deliverAnnouncements({ ...ports, timeIsUp: () => false }, shard);
  const later = { ...ports, now: now + 3_600_000 };
  return (await readFeed(later, serviceId, { after: undefined, limit: 500 })).events;
}

describe('POST /v1/authentications', () => {
  it('gives the PPID and names what proved the certificate', async () => {
    const { status, body } = await logIn(await platform.issue());
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ppid: expect.stringMatching(/^[a-z2-7]{32}$/),
      assurance: 'card-signature',
      validation: {
        kind: 'user-authentication',
        revocation: {
          status: 'good',
          method: 'ocsp',
          ageSeconds: 0,
          attempts: [{ outcome: 'good' }],
        },
      },
    });
  });

  it('completes the link of a user number that the service handed in', async () => {
    const ports = { ...platform.people, now: Date.now(), retention };
    await awaitUserNumber(ports, 'svc_a', 'card-7');
    const card = await platform.issue();
    const named = { ...(await platform.signed(card)), userNumber: 'card-7' };
    const { body } = await platform.call('authenticate', named);
    expect(body['link']).toEqual({ outcome: 'linked' });
    const { ppid } = await findLink(ports, 'svc_a', { userNumber: 'card-7' });
    expect(ppid).toBe(body['ppid']);
  });

  it('logs a person in although the user number is refused, and reports why it is not linked', async () => {
    const card = await platform.issue();
    const named = { ...(await platform.signed(card)), userNumber: 'not-handed-in' };
    const { status, body } = await platform.call('authenticate', named);
    expect([status, body['link']]).toEqual([
      201,
      { outcome: 'refused', code: 'user-number-not-awaited' },
    ]);
  });

  it('works with a next-generation card (P-384)', async () => {
    const { status, body } = await logIn(await platform.issue({ generation: 'next' }));
    expect([status, body['code']]).toEqual([201, undefined]);
  });

  it('gives the same PPID again, after a renewal too, and another one to another service', async () => {
    const card = await platform.issue();
    const first = await logIn(card);
    expect((await logIn(card)).body['ppid']).toBe(first.body['ppid']);
    const renewed = await platform.change(card, 'renew');
    expect((await logIn(renewed)).body['ppid']).toBe(first.body['ppid']);
    expect((await logIn(renewed, otherService)).body['ppid']).not.toBe(first.body['ppid']);
  });

  it('files the whole line at first sight, so that an unseen old card is no other person', async () => {
    const old = await platform.issue();
    const renewed = await platform.change(await platform.change(old, 'renew'), 'renew');
    const { body } = await logIn(renewed);
    const person = await personOfPpid(platform.people, 'svc_a', body['ppid'] as string);
    const held = await listHeld(platform.people, person!.value.subjectId);
    expect(held.filter(({ value }) => value.superseded)).toHaveLength(2);
    const cards = held.filter(({ value }) => value.kind === 'user-authentication');
    expect(cards).toHaveLength(3);
  });

  it('ends concurrent first logins in one PPID', async () => {
    const card = await platform.issue();
    const answers = await Promise.all(Array.from({ length: 6 }, () => logIn(card)));
    expect(new Set(answers.map(({ body }) => body['ppid'])).size).toBe(1);
  });

  it('mints nothing while the linkage service is out, and logs in afterwards', async () => {
    const card = await platform.issue();
    platform.jlis.services.linkage = 'unavailable';
    const { status, body, headers } = await logIn(card);
    expect([status, body['code'], headers['Retry-After']]).toEqual([
      503,
      'linkage-unavailable',
      '5',
    ]);
    platform.jlis.services.linkage = 'running';
    expect((await logIn(card)).status).toBe(201);
  });

  it('does not need the linkage service for a card that it knows', async () => {
    const card = await platform.issue();
    await logIn(card);
    platform.jlis.services.linkage = 'stopped';
    expect((await logIn(card)).status).toBe(201);
  });

  it('refuses a revoked card, and reports revocation only to its holder', async () => {
    const card = await platform.issue();
    await platform.change(card, 'lose');
    expect((await logIn(card)).body['code']).toBe('certificate-revoked');
    const forged = {
      ...(await platform.signed(card)),
      signature: Buffer.alloc(256, 1).toString('base64'),
    };
    expect((await platform.call('authenticate', forged)).body['code']).toBe(
      'challenge-signature-invalid',
    );
  });

  it('tells the services that know the holder of a revoked card, once, and nobody of a stranger’s', async () => {
    const [card, stranger] = [await platform.issue(), await platform.issue()];
    const { body } = await logIn(card);
    for (const each of [card, stranger]) await platform.change(each, 'lose');
    for (const each of [card, card, stranger])
      expect((await logIn(each)).body['code']).toBe('certificate-revoked');
    const forged = { ...(await platform.signed(card)), signature: 'AAAA' };
    await platform.call('authenticate', forged);
    const told = (await eventsOf('svc_a')).filter(({ source }) => source === 'ocsp');
    expect(told.map(({ type, ppid }) => [type, ppid])).toEqual([
      ['person.certificate-revoked', body['ppid']],
    ]);
  });

  it('tells every service that knows a person of a renewal, once, by its own PPID', async () => {
    const card = await platform.issue();
    const [here, there] = [await logIn(card), await logIn(card, otherService)];
    const renewed = await platform.change(card, 'renew');
    for (const service of [type2Caller, otherService, type2Caller]) await logIn(renewed, service);
    for (const [serviceId, { body }] of [
      ['svc_a', here],
      ['svc_b', there],
    ] as const) {
      const told = (await eventsOf(serviceId)).filter(({ ppid }) => ppid === body['ppid']);
      expect(told.map(({ type, source }) => [type, source])).toEqual([['person.renewed', 'login']]);
    }
  });

  it('refuses an undetermined revocation status, with the reason', async () => {
    platform.jlis.services.ocsp = 'unavailable';
    const { status, body } = await logIn(await platform.issue());
    expect([status, body['code']]).toEqual([503, 'revocation-unknown']);
  });
});

describe('a challenge', () => {
  it('is used up by a login, and by a failed attempt as well', async () => {
    const card = await platform.issue();
    const good = await platform.signed(card);
    expect((await platform.call('authenticate', good)).status).toBe(201);
    const again = await platform.call('authenticate', good);
    expect([again.status, again.body['code']]).toEqual([409, 'challenge-used']);
    const failing = await platform.signed(card);
    const truncated = Buffer.from(failing.certificate, 'base64').subarray(0, -1).toString('base64');
    const refused = await platform.call('authenticate', { ...failing, certificate: truncated });
    expect([refused.status, refused.body['code']]).toEqual([400, 'certificate-malformed']);
    expect((await platform.call('authenticate', failing)).body['code']).toBe('challenge-used');
  });

  it('of another client is not found', async () => {
    const request = await platform.signed(await platform.issue());
    const { status, body } = await platform.call('authenticate', request, { caller: otherService });
    expect([status, body['code']]).toEqual([404, 'challenge-not-found']);
  });

  it('expires after five minutes', async () => {
    const request = await platform.signed(await platform.issue());
    platform.moveClock(300_000);
    const { status, body } = await platform.call('authenticate', request);
    expect([status, body['code']]).toEqual([410, 'challenge-expired']);
  });
});

describe('what is no login', () => {
  it('refuses the signature certificate', async () => {
    const card = await platform.issue();
    const { certificate } = card['digital-signature']!;
    const { body } = await platform.call('authenticate', {
      ...(await platform.signed(card)),
      certificate,
    });
    expect(body['code']).toBe('certificate-kind-wrong');
  });

  it("refuses another card's certificate with this card's signature", async () => {
    const [mine, other] = [await platform.issue(), await platform.issue()];
    const { certificate } = other['user-authentication'];
    const { body } = await platform.call('authenticate', {
      ...(await platform.signed(mine)),
      certificate,
    });
    expect(body['code']).toBe('challenge-signature-invalid');
  });

  it('keeps Type 1 from asking for the CRL method', async () => {
    const caller = { ...type2Caller, serviceType: 'type1' };
    const request = { ...(await platform.signed(await platform.issue())), method: 'crl' };
    const { status, body } = await platform.call('authenticate', request, { caller });
    expect([status, body['code']]).toEqual([403, 'revocation-method-not-permitted']);
  });
});

describe('an Idempotency-Key', () => {
  it('brings back the answer that was lost on the way', async () => {
    const headers = { 'Idempotency-Key': 'login-0001' };
    const request = await platform.signed(await platform.issue());
    const first = await platform.call('authenticate', request, { headers });
    const second = await platform.call('authenticate', request, { headers });
    expect([second.status, second.body]).toEqual([201, first.body]);
  });

  it('makes the repetition after an unknown outcome the same attempt at the challenge', async () => {
    const headers = { 'Idempotency-Key': 'login-0002' };
    const request = await platform.signed(await platform.issue());
    platform.jlis.services.linkage = 'unavailable';
    expect((await platform.call('authenticate', request, { headers })).status).toBe(503);
    platform.jlis.services.linkage = 'running';
    const other = { headers: { 'Idempotency-Key': 'login-0003' } };
    for (const stranger of [{}, other]) {
      const { status, body } = await platform.call('authenticate', request, stranger);
      expect([status, body['code']]).toEqual([409, 'challenge-used']);
    }
    const again = await platform.call('authenticate', request, { headers });
    expect([again.status, again.body['code']]).toEqual([201, undefined]);
  });
});

describe('the log', () => {
  it('contains neither PPID nor serial nor certificate', async () => {
    const card = await platform.issue();
    const { body } = await logIn(card);
    const text = JSON.stringify(platform.lines);
    const { serial, certificate } = card['user-authentication'];
    expect(text).toContain('"operation":"authenticate"');
    for (const secret of [body['ppid'] as string, certificate.slice(40, 80), `"${serial}"`]) {
      expect(text).not.toContain(secret);
    }
  });
});
