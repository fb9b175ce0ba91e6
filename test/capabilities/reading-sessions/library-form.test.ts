import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { personOfMyKeyId, revokeMyKeyId } from '../../../lambdas/people/my-key-id-records.ts';
import { readMyKeyId } from '../../../lambdas/people/my-key-id.ts';
import type { Generation } from '../../../lambdas/pki/revocation/stored-lists.ts';
import type { IssuedCard } from '../../reader/support/cards.ts';
import { libraryCaller as caller, now, type1Caller, type2Caller } from '../gateway-event.ts';
import { openCounter } from './counter.ts';

let counter: Awaited<ReturnType<typeof openCounter>>;
beforeAll(async () => {
  counter = await openCounter();
});
afterAll(() => counter.close());
beforeEach(() => {
  counter.jlis.services.ocsp = 'running';
});

type Result = Readonly<Record<string, unknown>>;
const read = async (
  { contents }: IssuedCard,
  mode: 'pin' | 'hold',
  more: { enrolChip?: boolean; myKeyId?: { choice?: string } } = {},
): Promise<Result> => (await counter.read(contents, mode, { caller, ...more })).result as Result;
const issued = async (card: IssuedCard, more = {}): Promise<string> =>
  String((await read(card, 'pin', { myKeyId: {}, ...more }))['myKeyId']);
const revoke = async (myKeyId: string): Promise<void> => {
  const person = await personOfMyKeyId(counter.people, myKeyId);
  await revokeMyKeyId({ ...counter.people, now }, person!.value.subjectId);
};
const open = async (body: object, by = caller) => {
  const { status, body: answer } = await counter.call('open-reading-session', body, { caller: by });
  return [status, answer['code']];
};

describe('a library’s counter', () => {
  it('issues a My Key ID to the person who enters the PIN, and gets no PPID', async () => {
    const card = await counter.issue();
    const result = await read(card, 'pin', { myKeyId: {} });
    expect(Object.keys(result).toSorted()).toEqual([
      'assurance',
      'chipEnrolled',
      'myKeyId',
      'outcome',
      'readAt',
    ]);
    const myKeyId = String(result['myKeyId']);
    expect(readMyKeyId(myKeyId)).toEqual({ myKeyId });
    expect(await read(card, 'pin')).toMatchObject({ outcome: 'read', myKeyId });
    expect(await issued(card)).toBe(myKeyId);
  });

  it('issues the characters that a person chose, once', async () => {
    const [mine, other] = [await counter.issue(), await counter.issue()];
    expect(await issued(mine, { myKeyId: { choice: 'tanaka7' } })).toMatch(/^TANAKA7.$/);
    expect(await read(other, 'pin', { myKeyId: { choice: 'TANAKA7' } })).toEqual({
      outcome: 'refused',
      code: 'my-key-id-taken',
    });
  });

  it('recognises nobody without a My Key ID in force, from the moment of its revocation', async () => {
    const card = await counter.issue();
    const refused = { outcome: 'refused', code: 'my-key-id-not-found' };
    expect(await read(card, 'pin', { enrolChip: true })).toEqual(refused);
    // Refused before the chip was enrolled.
    expect(await read(card, 'hold')).toMatchObject({ code: 'enrolment-required' });
    const myKeyId = await issued(card, { enrolChip: true });
    expect(await read(card, 'hold')).toMatchObject({ myKeyId, assurance: 'chip-presence' });
    await revoke(myKeyId);
    expect(await read(card, 'hold')).toEqual(refused);
    expect(await read(card, 'pin')).toEqual(refused);
  });

  it('hands over no attributes, and only libraries issue My Key IDs', async () => {
    expect(await open({ mode: 'pin+attributes' })).toEqual([409, 'service-form-wrong']);
    const issue = { mode: 'pin', myKeyId: {} };
    expect(await open(issue, type1Caller)).toEqual([409, 'service-form-wrong']);
    expect(await open(issue, type2Caller)).toEqual([403, 'scope-insufficient']);
    expect((await open({ mode: 'hold', myKeyId: {} }))[0]).toBe(400);
  });
});

describe('a kiosk, a terminal that is registered as unattended', () => {
  it('reads cards with their PIN and refuses one that is only held', async () => {
    const card = await counter.issue();
    const myKeyId = await issued(card, { enrolChip: true });
    const { agent } = await counter.pairedAs(caller, true);
    const held = await counter.open('hold', false, caller);
    await expect(agent.claim(held.ticket)).rejects.toMatchObject({
      details: { platformCode: 'hold-not-permitted' },
    });
    const { sessionId, ticket } = await counter.open('pin', false, caller);
    await counter.readTicket(card.contents, 'pin', ticket, undefined, agent);
    expect(await counter.result(sessionId, caller)).toMatchObject({ outcome: 'read', myKeyId });
  });
});

describe('while the OCSP responder is out of service', () => {
  const generation: Generation = {
    issuerKeyId: '',
    scope: 'full',
    sourceId: 'full',
    generationId: 'g1',
    crlNumber: '1',
    thisUpdate: now,
    nextUpdate: now + 86_400_000,
    entries: 0,
    bytes: 0,
    ingestedAt: now,
    onlyUserCertificates: false,
  };
  const revoked = new Set<string>();

  let holder: IssuedCard;
  let former: IssuedCard;
  let other: IssuedCard;
  let myKeyId: string;
  beforeAll(async () => {
    counter.jlis.services.ocsp = 'running';
    [holder, former, other] = [await counter.issue(), await counter.issue(), await counter.issue()];
    myKeyId = await issued(holder, { enrolChip: true });
    await revoke(await issued(former, { enrolChip: true }));
    counter.lists.current = async ({ issuerKeyId, scope }) =>
      scope === 'full' ? { ...generation, issuerKeyId } : undefined;
    counter.lists.lookup = async (_, serials) =>
      serials.map((serial) =>
        revoked.has(Buffer.from(serial).toString('hex'))
          ? { revokedAt: now - 1000, reason: 'cessationOfOperation' }
          : undefined,
      );
  });

  beforeEach(() => {
    counter.jlis.services.ocsp = 'stopped';
  });

  it('a list answers for the holder of a My Key ID, and for nobody else', async () => {
    expect(await read(holder, 'hold')).toMatchObject({ outcome: 'read', myKeyId });
    expect(await read(holder, 'pin')).toMatchObject({ outcome: 'read', myKeyId });
    expect(await read(other, 'pin', { myKeyId: {} })).toEqual({
      outcome: 'refused',
      code: 'revocation-method-not-permitted',
    });
    // Type 1 has no such condition.
    const atType1 = await counter.read(other.contents, 'pin');
    expect(atType1.result).toMatchObject({ outcome: 'read' });
  });

  it('a list that names the holder’s certificate refuses it', async () => {
    const { serialNumber } = new X509Certificate(holder.contents.jpki.certificate);
    revoked.add(Buffer.from(serialNumber, 'hex').toString('hex'));
    expect(await read(holder, 'hold')).toEqual({
      outcome: 'refused',
      code: 'certificate-revoked',
    });
    revoked.clear();
  });

  it('without a list that is within its policy, nobody is recognised', async () => {
    const lists = { ...counter.lists };
    counter.lists.current = async ({ issuerKeyId, scope }) =>
      scope === 'full'
        ? { ...generation, issuerKeyId, thisUpdate: 0, nextUpdate: now - 86_400_000 }
        : undefined;
    expect(await read(holder, 'hold')).toEqual({
      outcome: 'refused',
      code: 'revocation-unknown',
    });
    Object.assign(counter.lists, lists);
  });

  it('the right ends at once with the My Key ID', async () => {
    expect(await read(former, 'hold')).toEqual({
      outcome: 'refused',
      code: 'revocation-method-not-permitted',
    });
  });

  it('a certificate alone is checked by OCSP, never by a list', async () => {
    const { certificate } = (await counter.issue()).contents.jpki;
    for (const method of ['crl', 'auto'] as const) {
      const json = { certificate: certificate.toString('base64'), method };
      const { status, body } = await counter.call('validate-certificate', json, { caller });
      expect([status, body['code']]).toEqual([403, 'revocation-method-not-permitted']);
    }
  });
});
