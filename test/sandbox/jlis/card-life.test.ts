import { X509Certificate, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClock } from '../../../sandbox/jlis/clock.ts';
import { ageAt, endOfBirthday } from '../../../sandbox/jlis/person.ts';
import { startJlis, type Jlis } from '../../../sandbox/jlis/start-jlis.ts';
import { control, linkage, type CardView } from '../../../sandbox/jlis/control-client.ts';

const now = Date.parse('2026-11-20T03:00:00Z');
let jlis: Jlis;

beforeAll(async () => {
  jlis = await startJlis({ port: 0, clock: createClock(0, () => now) });
});
afterAll(() => jlis.close());

const issue = (request: object = {}): Promise<CardView> => control(jlis.url, 'cards', request);
const event = (card: CardView, path: string, body: object = {}): Promise<CardView> =>
  control(jlis.url, `cards/${card.cardId}/${path}`, body);
const show = (card: CardView): Promise<CardView> => control(jlis.url, `cards/${card.cardId}`);

const sign = (card: CardView, pin: string, certificate = 'user-authentication') =>
  control<{ signature: string; triesLeft?: number }>(jlis.url, `cards/${card.cardId}/sign`, {
    pin,
    challenge: Buffer.from('challenge').toString('base64'),
    certificate,
  });

/** What J-LIS says of a certificate now, revoked or not. */
const revocationOf = (slot: { issuer: string; serial: string }): string | undefined =>
  jlis.registry.certificates.find(
    ({ anchorId, serial }) => anchorId === slot.issuer && serial === Number(`0x${slot.serial}`),
  )!.revocation?.reason;

describe('a new card', () => {
  it('carries both certificates, valid to the end of the fifth birthday after issue', async () => {
    const card = await issue({ person: { birthDate: '1980-11-21' } });
    expect(card['user-authentication'].notAfter).toBe('2030-11-21T14:59:59.000Z');
    expect(card['digital-signature']?.notAfter).toBe('2030-11-21T14:59:59.000Z');
  });

  it('has no signature certificate for a person under 15', async () => {
    const child = await issue({ person: { birthDate: '2011-11-21' } });
    expect(child['digital-signature']).toBeNull();
    const answer = await linkage(jlis.url, 'signature-certificates', child['user-authentication']);
    expect(answer.body).toEqual({ signature: null, reason: 'not-issued' });
    const older = await issue({ person: { birthDate: '2011-11-20' } });
    expect(older['digital-signature']).not.toBeNull();
  });

  it('shows none of the four attributes in the user-authentication certificate', async () => {
    const card = await issue();
    const bytes = Buffer.from(card['user-authentication'].certificate, 'base64');
    expect(bytes.includes(Buffer.from(card.person.name))).toBe(false);
    const signature = Buffer.from(card['digital-signature']!.certificate, 'base64');
    expect(signature.includes(Buffer.from(card.person.name))).toBe(true);
  });

  it('cannot come from an authority that is no longer valid', async () => {
    expect(await issue({ generation: '2015' })).toMatchObject({
      status: 409,
      code: 'authority-not-valid',
    });
    const old = await issue({ generation: '2015', issuedAt: '2018-06-01T00:00:00Z' });
    expect(old['user-authentication'].issuer).toBe('user-authentication-2015');
  });

  it('is refused for a request with a field that does not exist', async () => {
    expect(await issue({ colour: 'red' })).toMatchObject({ status: 400, code: 'request-invalid' });
  });
});

describe('the PIN', () => {
  it.each(['card', 'next-generation-card', 'phone'])(
    'lets a %s sign a challenge',
    async (medium) => {
      const card = await issue({ medium });
      const { signature } = await sign(card, '1234');
      const certificate = new X509Certificate(
        Buffer.from(card['user-authentication'].certificate, 'base64'),
      );
      const hash = medium === 'next-generation-card' ? 'sha384' : 'sha256';
      expect(
        verify(
          hash,
          Buffer.from('challenge'),
          certificate.publicKey,
          Buffer.from(signature, 'base64'),
        ),
      ).toBe(true);
    },
  );

  it('is blocked after three wrong entries and stays so for the right one', async () => {
    const card = await issue();
    expect(await sign(card, '0000')).toMatchObject({ status: 403, triesLeft: 2 });
    expect(await sign(card, '0000')).toMatchObject({ status: 403, triesLeft: 1 });
    expect(await sign(card, '0000')).toMatchObject({ status: 403, triesLeft: 0 });
    expect(await sign(card, '1234')).toMatchObject({ status: 423, code: 'pin-blocked' });
    await event(card, 'reset-pin', { pin: '5678' });
    expect(await sign(card, '5678')).toMatchObject({ status: 200 });
  });

  it('has its tries back after a right entry', async () => {
    const card = await issue();
    await sign(card, '0000');
    await sign(card, '1234');
    expect((await show(card))['user-authentication'].triesLeft).toBe(3);
  });

  it('of the signature certificate gives five tries and is counted apart', async () => {
    const card = await issue();
    await sign(card, 'WRONG99', 'digital-signature');
    const seen = await show(card);
    expect(seen['digital-signature']!.triesLeft).toBe(4);
    expect(seen['user-authentication'].triesLeft).toBe(3);
  });
});

describe('the life of a card', () => {
  it('renewed: new certificates, the old superseded, the old serial linked to the new', async () => {
    const old = await issue();
    const fresh = await event(old, 'renew');
    expect(fresh['user-authentication'].serial).not.toBe(old['user-authentication'].serial);
    expect(revocationOf(old['user-authentication'])).toBe('superseded');
    expect(revocationOf(old['digital-signature']!)).toBe('superseded');
    const { issuerKeyId, serial } = old['user-authentication'];
    expect(await linkage(jlis.url, 'renewals', fresh['user-authentication'])).toEqual({
      status: 200,
      body: { predecessor: { issuerKeyId, serial } },
    });
  });

  it('moved: the signature certificate ends, the user-authentication certificate stays', async () => {
    const before = await issue();
    const after = await event(before, 'move');
    expect(after.person.municipality).not.toBe(before.person.municipality);
    expect(after['user-authentication']).toEqual(before['user-authentication']);
    expect(after['user-authentication'].revoked).toBeNull();
    expect(revocationOf(before['digital-signature']!)).toBe('affiliationChanged');
    expect(after['digital-signature']!.revoked).toBeNull();
    expect(after['digital-signature']!.list).toContain(after.person.municipality);
  });

  it('renamed, and no new signature certificate fetched yet', async () => {
    const before = await issue();
    const after = await event(before, 'rename', { name: '砂場　改名', reissue: false });
    expect(after['digital-signature']!.serial).toBe(before['digital-signature']!.serial);
    expect(after['digital-signature']!.revoked?.reason).toBe('affiliationChanged');
    const { body } = await linkage(
      jlis.url,
      'signature-certificates',
      after['user-authentication'],
    );
    expect(body).toMatchObject({ signature: { serial: before['digital-signature']!.serial } });
  });

  it('lost, then replaced: on hold for ever, and the new card linked to the old', async () => {
    const lost = await event(await issue(), 'lose');
    expect(lost['user-authentication'].revoked?.reason).toBe('certificateHold');
    expect(await event(lost, 'renew')).toMatchObject({ status: 409, code: 'card-state' });
    const fresh = await event(lost, 'replace');
    expect(fresh.cardId).not.toBe(lost.cardId);
    expect(fresh.person).toEqual(lost.person);
    expect(revocationOf(lost['user-authentication'])).toBe('certificateHold');
    const { body } = await linkage(jlis.url, 'renewals', fresh['user-authentication']);
    expect(body).toMatchObject({ predecessor: { serial: lost['user-authentication'].serial } });
  });

  it('replaced without a link: nobody can tell that it is the same person', async () => {
    const fresh = await event(await issue(), 'replace', { linked: false });
    const { body } = await linkage(jlis.url, 'renewals', fresh['user-authentication']);
    expect(body).toEqual({ predecessor: null });
  });

  it('over, when the holder dies: every card of theirs, and no new one', async () => {
    const card = await issue();
    const phone = await issue({ personId: card.person.personId, medium: 'phone' });
    await event(card, 'die');
    expect(revocationOf(card['user-authentication'])).toBe('cessationOfOperation');
    expect(revocationOf(phone['user-authentication'])).toBe('cessationOfOperation');
    expect(await issue({ personId: card.person.personId })).toMatchObject({
      status: 409,
      code: 'person-dead',
    });
  });

  it('keeps its first revocation when another would follow', async () => {
    const card = await issue();
    await event(card, 'revoke', { reason: 'keyCompromise', certificate: 'user-authentication' });
    await event(card, 'lose');
    expect(revocationOf(card['user-authentication'])).toBe('keyCompromise');
    expect(revocationOf(card['digital-signature']!)).toBe('certificateHold');
  });
});

describe('the linkage service', () => {
  it('does not know a certificate that was never issued, nor the signature authority’s', async () => {
    const card = await issue();
    const { issuerKeyId } = card['user-authentication'];
    expect((await linkage(jlis.url, 'renewals', { issuerKeyId, serial: '01' })).status).toBe(404);
    expect((await linkage(jlis.url, 'renewals', card['digital-signature']!)).status).toBe(404);
  });

  it('can be out of service', async () => {
    const card = await issue();
    await control(jlis.url, 'services', { linkage: 'unavailable' });
    expect((await linkage(jlis.url, 'renewals', card['user-authentication'])).status).toBe(503);
    await control(jlis.url, 'services', { linkage: 'stopped' });
    await expect(linkage(jlis.url, 'renewals', card['user-authentication'])).rejects.toThrow();
    await control(jlis.url, 'services', { linkage: 'running' });
    expect((await linkage(jlis.url, 'renewals', card['user-authentication'])).status).toBe(200);
  });
});

describe('birthdays are counted in Japan', () => {
  it.each([
    ['on the day before it', '2026-11-19T14:59:59Z', 2026],
    ['on the day itself', '2026-11-20T14:59:58Z', 2026],
    ['when it has just ended', '2026-11-20T14:59:59Z', 2027],
  ])('the next one, %s', (_when, at, year) => {
    const end = endOfBirthday('1980-11-20', Date.parse(at), 1);
    expect(new Date(end).toISOString()).toBe(`${year}-11-20T14:59:59.000Z`);
  });

  it('an age, by Japanese midnight', () => {
    expect(ageAt('2011-11-21', Date.parse('2026-11-20T14:59:59Z'))).toBe(14);
    expect(ageAt('2011-11-21', Date.parse('2026-11-20T15:00:00Z'))).toBe(15);
  });
});
