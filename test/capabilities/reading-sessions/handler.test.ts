import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { compactDecrypt } from 'jose';
import { personOfPpid } from '../../../lambdas/people/find-person.ts';
import { resealed } from '../../../lambdas/people/records.ts';
import { MyKeyError } from '../../../lambdas/errors.ts';
import type { ReadingResult } from '../../../reader/protocol.ts';
import { createCvAuthority } from '../../../sandbox/card/cv-authority.ts';
import { personalise } from '../../../sandbox/card/personalise.ts';
import { renewCard } from '../../../sandbox/jlis/card-life.ts';
import { newCard, type IssuedCard } from '../../reader/support/cards.ts';
import { type1Caller, type2Caller } from '../gateway-event.ts';
import { birthDate, counterTerms, openCounter } from './counter.ts';

let counter: Awaited<ReturnType<typeof openCounter>>;
let tanaka: IssuedCard;
beforeAll(async () => {
  counter = await openCounter();
  tanaka = await counter.issue();
});
afterAll(() => counter.close());
beforeEach(() => {
  counter.jlis.services.ocsp = 'running';
});

const otherCounter = {
  ...type1Caller,
  clientId: 'cli_other',
  serviceId: 'svc_other',
  sectorId: 'sec_other',
};
const claimOf = (ticket: string, agentVersion = '0.1.0') => ({
  ticket,
  terminal: counter.terminal,
  protocol: 1,
  agentVersion,
});
const claim = async (ticket: string, agentVersion?: string) =>
  counter.call('claim-reading-ticket', claimOf(ticket, agentVersion));
const report = async (token: string, body: object) =>
  counter.call('report-reading', body, { headers: { Authorization: `Bearer ${token}` } });
const failed = { outcome: 'failed', code: 'cancelled' };
const codeOf = (result: unknown) => (result as { code?: string }).code ?? 'read';
const alter = (token: string): string => token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');

/** Changes what the agent sends. */
const withoutChip = (read: ReadingResult): ReadingResult => {
  if (read.outcome !== 'read') return read;
  const { chip: _, ...without } = read;
  return without;
};
const withRecord =
  (record: Buffer) =>
  (read: ReadingResult): ReadingResult =>
    read.outcome === 'read'
      ? { ...read, chip: { ...read.chip!, record: record.toString('base64url') } }
      : read;

describe('a reading with the PIN', () => {
  it('gives the service the PPID that a login by API gives it', async () => {
    const { result, last } = await counter.read(tanaka.contents, 'pin');
    expect(last).toMatchObject({ event: 'finished', assurance: ['card-signature'] });
    const again = await counter.read(tanaka.contents, 'pin');
    expect(result).toMatchObject({
      outcome: 'read',
      ppid: expect.stringMatching(/^[a-z2-7]{32}$/),
      assurance: 'card-signature',
      chipEnrolled: false,
    });
    expect(again.result).toMatchObject({ ppid: (result as { ppid: string }).ppid });
    const elsewhere = await counter.read(tanaka.contents, 'pin', { caller: otherCounter });
    expect(elsewhere.result).not.toMatchObject({ ppid: (result as { ppid: string }).ppid });
  });

  it('refuses the certificate of one card with the signature of another', async () => {
    const other = await counter.issue();
    const certificate = other.contents.jpki.certificate.toString('base64url');
    const spoil = (read: ReadingResult): ReadingResult =>
      read.outcome === 'read' ? { ...read, certificate } : read;
    const { result, last } = await counter.read(tanaka.contents, 'pin', { spoil });
    expect(result).toEqual({ outcome: 'refused', code: 'challenge-signature-invalid' });
    expect(last).toMatchObject({
      code: 'platform-refused',
      details: { platformCode: 'challenge-signature-invalid' },
    });
  });

  it('tells the service why the reader could not read', async () => {
    const { sessionId, ticket } = await counter.open('pin');
    const { resultToken } = await counter.agent.claim(ticket);
    await counter.agent.report(resultToken, { outcome: 'failed', code: 'pin-blocked' });
    expect(await counter.result(sessionId)).toEqual({ outcome: 'failed', code: 'pin-blocked' });
  });
});

describe('a ticket', () => {
  it('is claimed once, also by many at the same moment', async () => {
    const { ticket } = await counter.open('pin');
    const answers = await Promise.all([claim(ticket), claim(ticket), claim(ticket)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    const { status, body } = await claim(ticket);
    expect([status, body['code']]).toEqual([409, 'ticket-used']);
  });

  it('is good for five minutes', async () => {
    const [kept, late] = [await counter.open('pin'), await counter.open('pin')];
    counter.moveClock(299_999);
    expect((await claim(kept.ticket)).status).toBe(200);
    counter.moveClock(1);
    const { status, body } = await claim(late.ticket);
    expect([status, body['code']]).toEqual([401, 'ticket-invalid']);
  });

  it('that was guessed, altered or is of no session is not known', async () => {
    const { sessionId, ticket } = await counter.open('pin');
    const foreign = (await counter.open('pin')).ticket.split('.')[1]!;
    for (const wrong of [
      alter(ticket),
      `${sessionId}.${foreign}`,
      `rse_none.${'a'.repeat(43)}`,
      'x'.repeat(60),
    ]) {
      expect((await claim(wrong)).body['code']).toBe('ticket-invalid');
    }
    expect((await claim(ticket)).status).toBe(200);
  });

  it('is not used up by an agent that is too old, which hears so', async () => {
    const { ticket } = await counter.open('pin');
    for (const old of ['0.0.9', 'newest']) {
      const { status, body } = await claim(ticket, old);
      expect([status, body['code']]).toEqual([403, 'agent-outdated']);
    }
    const other = { ...claimOf(ticket), protocol: 2 };
    const { body } = await counter.call('claim-reading-ticket', other);
    expect(body['code']).toBe('agent-outdated');
    expect((await claim(ticket, '0.10.0')).status).toBe(200);
  });

  it('is kept nowhere, nor is the token for the result or the PPID', async () => {
    const { sessionId, ticket } = await counter.open('pin');
    const { resultToken } = await counter.agent.claim(ticket);
    const { result } = await counter.read(tanaka.contents, 'pin');
    const kept = counter.readingSessions.texts().join('\n');
    expect(kept).toContain(sessionId);
    for (const secret of [ticket, resultToken, (result as { ppid: string }).ppid]) {
      expect(kept).not.toContain(secret.split('.').at(-1));
    }
  });
});

/** The next change of a session is written, but its answer is lost on the way. */
function loseNextAnswer(): void {
  const { readingSessions } = counter;
  const replace = readingSessions.replace.bind(readingSessions);
  readingSessions.replace = async (...change) => {
    readingSessions.replace = replace;
    await replace(...change);
    throw new MyKeyError('dependency-unavailable', 'no answer of the table');
  };
}

const attempt = 'a'.repeat(32);

const claimWith = (ticket: string, more: object) =>
  counter.call('claim-reading-ticket', { ...claimOf(ticket), ...more });

it('gets the same instructions when it is repeated, and the reading goes on', async () => {
  const { sessionId, ticket } = await counter.open('pin', true);
  loseNextAnswer();
  expect((await claimWith(ticket, { attempt })).status).toBe(503);
  const repeated = await claimWith(ticket, { attempt });
  expect(repeated.status).toBe(200);
  expect(repeated.body).toMatchObject({ challenge: expect.any(String), enrolChip: true });
  expect((await claimWith(ticket, { attempt })).body).toEqual(repeated.body);
  const { resultToken } = repeated.body;
  expect((await report(String(resultToken), failed)).status).toBe(200);
  expect(await counter.result(sessionId)).toEqual(failed);
  expect((await claimWith(ticket, { attempt })).body['code']).toBe('ticket-used');
});

describe('a claim whose answer was lost', () => {
  it('is one claim where both tries arrive together', async () => {
    const { ticket } = await counter.open('hold');
    const tries = [1, 2, 3].map(() => claimWith(ticket, { attempt }));
    const [first, ...others] = await Promise.all(tries);
    expect(first!.status).toBe(200);
    for (const other of others) expect(other.body).toEqual(first!.body);
  });

  it('stays used for whoever has the ticket, but not the attempt', async () => {
    const { ticket } = await counter.open('pin');
    expect((await claimWith(ticket, { attempt })).status).toBe(200);
    for (const other of [{}, { attempt: 'b'.repeat(32) }]) {
      expect((await claimWith(ticket, other)).body['code']).toBe('ticket-used');
    }
    expect((await claimWith(alter(ticket), { attempt })).body['code']).toBe('ticket-invalid');
    const { ticket: plain } = await counter.open('pin');
    expect((await claim(plain)).status).toBe(200);
    expect((await claimWith(plain, { attempt })).body['code']).toBe('ticket-used');
  });

  it('needs an attempt that cannot be guessed', async () => {
    const { ticket } = await counter.open('pin');
    for (const short of ['', 'a'.repeat(21), `${'a'.repeat(22)}!`]) {
      expect((await claimWith(ticket, { attempt: short })).body['code']).toBe('request-invalid');
    }
  });

  it('is repeated by the agent itself, as is the result', async () => {
    const { sessionId, ticket } = await counter.open('pin');
    loseNextAnswer();
    const { resultToken } = await counter.agent.claim(ticket);
    loseNextAnswer();
    const { handover } = await counter.agent.report(resultToken, {
      outcome: 'failed',
      code: 'pin-blocked',
    });
    expect(await counter.result(sessionId)).toEqual({ outcome: 'failed', code: 'pin-blocked' });
    const redeemed = await counter.call(
      'redeem-reading-handover',
      { handover },
      { caller: type1Caller },
    );
    expect(redeemed.status).toBe(200);
  });
});

const claimAs = async (ticket: string, terminal: string | undefined) => {
  const { status, body } = await counter.call('claim-reading-ticket', {
    ...claimOf(ticket),
    terminal,
  });
  return { status, code: body['code'] };
};

describe('a terminal', () => {
  const another = { ...otherCounter, serviceId: 'svc_terminals' };
  const refused = { status: 403, code: 'terminal-not-paired' };

  it('claims tickets of the service it is paired with; others do not use them up', async () => {
    const { token: foreign } = await counter.pairedAs(another);
    const { ticket } = await counter.open('pin');
    const [serviceId = '', terminalId = ''] = counter.terminal.split('.');
    const [, , foreignSecret = ''] = foreign.split('.');
    for (const wrong of [
      undefined,
      foreign,
      alter(counter.terminal),
      `${serviceId}.${terminalId}.${foreignSecret}`,
      `${serviceId}.trm_none.${foreignSecret}`,
      'nonsense',
    ]) {
      expect(await claimAs(ticket, wrong)).toEqual(refused);
    }
    expect(await claimAs(ticket, counter.terminal)).toMatchObject({ status: 200 });
  });

  it('claims nothing once its service has revoked it, and is told the cure', async () => {
    const { agent, terminalId } = await counter.pairedAs(type1Caller);
    const list = async () =>
      (await counter.call('list-terminals', undefined, { caller: type1Caller })).body['terminals'];
    expect(await list()).toContainEqual(
      expect.objectContaining({ terminalId, name: 'Counter 1', pairedAt: expect.any(String) }),
    );
    const revoke = async (caller = type1Caller) => {
      const path = { terminalId };
      const { status, body } = await counter.call('revoke-terminal', undefined, { caller, path });
      return [status, body['code']];
    };
    expect(await revoke(another)).toEqual([404, 'terminal-not-found']);
    expect(await revoke()).toEqual([200, undefined]);
    expect(await revoke()).toEqual([404, 'terminal-not-found']);
    const { ticket } = await counter.open('pin');
    await expect(agent.claim(ticket)).rejects.toMatchObject({
      code: 'terminal-not-paired',
      cure: { en: expect.stringContaining('reader pair') },
    });
    expect(await list()).not.toContainEqual(expect.objectContaining({ terminalId }));
  });

  it('is paired once, within an hour, by its code', async () => {
    const create = async () => {
      const { body } = await counter.call(
        'create-terminal',
        { name: '窓口1' },
        { caller: another },
      );
      return String(body['pairingCode']);
    };
    const pair = async (code: string) => {
      const { status, body } = await counter.call('pair-terminal', { code });
      return [status, body['code']];
    };
    const invalid = [401, 'pairing-code-invalid'];
    const [code, late] = [await create(), await create()];
    expect(await pair(alter(code))).toEqual(invalid);
    expect(await pair('svc_none.trm_none.secret')).toEqual(invalid);
    const both = await Promise.all([pair(code), pair(code)]);
    expect(both.map(([status]) => Number(status)).toSorted((a, b) => a - b)).toEqual([201, 401]);
    expect(await pair(code)).toEqual(invalid);
    counter.moveClock(3_600_000);
    expect(await pair(late)).toEqual(invalid);
    counter.moveClock(-3_600_000);
  });

  it('is one of at most 500 of a service', async () => {
    const caller = { ...another, serviceId: 'svc_many_terminals' };
    const create = async () => {
      const { status, body } = await counter.call('create-terminal', { name: 'T' }, { caller });
      return [status, body['code']];
    };
    const { serviceId } = caller;
    for (let made = 0; made < 499; made++) {
      await counter.terminals.create({
        serviceId,
        terminalId: `trm_${made}`,
        name: 'T',
        createdAt: 0,
      });
    }
    expect(await create()).toEqual([201, undefined]);
    expect(await create()).toEqual([409, 'terminals-used-up']);
  });
});

describe('a result', () => {
  it('gets the same answer when it is repeated, and another result none', async () => {
    const { ticket } = await counter.open('pin');
    const { resultToken } = await counter.agent.claim(ticket);
    loseNextAnswer();
    expect((await report(resultToken, failed)).status).toBe(503);
    const first = await report(resultToken, failed);
    expect(first).toMatchObject({ status: 200, body: { handover: expect.any(String) } });
    expect((await report(resultToken, failed)).body).toEqual(first.body);
    const other = await report(resultToken, { ...failed, code: 'pin-blocked' });
    expect([other.status, other.body['code']]).toEqual([409, 'ticket-used']);
  });

  it('that was refused is refused again', async () => {
    const { ticket } = await counter.open('hold');
    const { resultToken } = await counter.agent.claim(ticket);
    const certificate = tanaka.contents.jpki.certificate.toString('base64url');
    const read = { outcome: 'read', medium: 'card', certificate, assurance: [] };
    for (const _ of [1, 2]) {
      expect((await report(resultToken, read)).body['code']).toBe('pinless-unsupported');
    }
  });

  it('is reported once, by the agent that claimed the ticket, within five minutes', async () => {
    const { ticket } = await counter.open('pin');
    const { resultToken } = await counter.agent.claim(ticket);
    expect((await report(ticket, failed)).body['code']).toBe('ticket-invalid');
    expect((await report(alter(resultToken), failed)).body['code']).toBe('ticket-invalid');
    expect((await report(resultToken, failed)).status).toBe(200);
    const again = await report(resultToken, { ...failed, code: 'pin-blocked' });
    expect([again.status, again.body['code']]).toEqual([409, 'ticket-used']);
    const late = await counter.agent.claim((await counter.open('pin')).ticket);
    counter.moveClock(300_000);
    expect((await report(late.resultToken, failed)).body['code']).toBe('ticket-invalid');
  });

  it('without a token is refused', async () => {
    const { status, body } = await counter.call('report-reading', failed);
    expect([status, body['code']]).toEqual([401, 'ticket-invalid']);
  });
});

describe('a reading session', () => {
  it('is for the service that opened it, for fifteen minutes', async () => {
    const { sessionId } = await counter.open('pin');
    const get = async (caller = type1Caller) =>
      counter.call('get-reading-session', undefined, { caller, path: { sessionId } });
    expect((await get()).body).toEqual({ sessionId, mode: 'pin', state: 'waiting' });
    const foreign = await get(otherCounter);
    expect([foreign.status, foreign.body['code']]).toEqual([404, 'reading-session-not-found']);
    counter.moveClock(15 * 60_000);
    const late = await get();
    expect([late.status, late.body['code']]).toEqual([410, 'reading-session-expired']);
  });

  it('is opened by Type 1 services only, and enrols with the PIN only', async () => {
    const type2 = await counter.call('open-reading-session', { mode: 'pin' });
    expect([type2.status, type2.body['code']]).toEqual([403, 'scope-insufficient']);
    expect(type2Caller.scopes).not.toContain('reading-sessions');
    const caller = type1Caller;
    const enrolling = { mode: 'hold', enrolChip: true };
    const { body } = await counter.call('open-reading-session', enrolling, { caller });
    expect(body['code']).toBe('request-invalid');
  });
});

describe('a card that is held without a PIN', () => {
  const enrol = { enrolChip: true } as const;

  it('returns the record of the person who enrolled it, and none before', async () => {
    const card = await counter.issue();
    expect(codeOf((await counter.read(card.contents, 'hold')).result)).toBe('enrolment-required');
    const login = await counter.read(card.contents, 'pin', enrol);
    expect(login.result).toMatchObject({ assurance: 'card-signature', chipEnrolled: true });
    const held = await counter.read(card.contents, 'hold');
    expect(held.result).toMatchObject({
      outcome: 'read',
      ppid: (login.result as { ppid: string }).ppid,
      assurance: 'chip-presence',
    });
    const elsewhere = await counter.read(card.contents, 'hold', { caller: otherCounter });
    expect(codeOf(elsewhere.result)).toBe('enrolment-required');
  });

  it('is refused with the certificate of one card and the chip of another', async () => {
    const [mine, other] = [await counter.issue(), await counter.issue()];
    await counter.read(mine.contents, 'pin', enrol);
    await counter.read(other.contents, 'pin', enrol);
    const mixed = { ...mine.contents, surface: other.contents.surface! };
    expect(codeOf((await counter.read(mixed, 'hold')).result)).toBe('chip-proof-invalid');
  });

  it('is refused where its answer is of another session', async () => {
    const card = await counter.issue();
    await counter.read(card.contents, 'pin', enrol);
    let first: ReadingResult | undefined;
    const overhear = (read: ReadingResult): ReadingResult => (first ??= read);
    expect(codeOf((await counter.read(card.contents, 'hold', { spoil: overhear })).result)).toBe(
      'read',
    );
    expect(codeOf((await counter.read(card.contents, 'hold', { spoil: overhear })).result)).toBe(
      'chip-proof-invalid',
    );
  });

  it('cannot be enrolled where another person has enrolled its chip', async () => {
    const [mine, other] = [await counter.issue(), await counter.issue()];
    await counter.read(mine.contents, 'pin', enrol);
    const mixed = { ...other.contents, surface: mine.contents.surface! };
    expect(codeOf((await counter.read(mixed, 'pin', enrol)).result)).toBe('chip-taken');
    expect(codeOf((await counter.read(other.contents, 'hold')).result)).toBe('enrolment-required');
  });

  it('is enrolled anew after a renewal', async () => {
    const card = await counter.issue();
    await counter.read(card.contents, 'pin', enrol);
    await renewCard(counter.jlis, card.issued.cardId);
    const renewed = await personalise(counter.jlis, card.issued, counter.cv);
    await counter.read(renewed, 'pin');
    expect(codeOf((await counter.read(renewed, 'hold')).result)).toBe('chip-unknown');
    await counter.read(renewed, 'pin', enrol);
    expect(codeOf((await counter.read(renewed, 'hold')).result)).toBe('read');
  });

  it('is refused once revoked, and reports revocation only with its chip', async () => {
    const [mine, other] = [await counter.issue(), await counter.issue()];
    await counter.read(mine.contents, 'pin', enrol);
    await counter.change({ cardId: mine.issued.cardId } as never, 'lose');
    expect(codeOf((await counter.read(mine.contents, 'hold')).result)).toBe('certificate-revoked');
    const mixed = { ...mine.contents, surface: other.contents.surface! };
    expect(codeOf((await counter.read(mixed, 'hold')).result)).toBe('chip-proof-invalid');
  });

  it('opens nothing for a person whose use is suspended', async () => {
    const card = await counter.issue();
    const { result } = await counter.read(card.contents, 'pin', enrol);
    const { store, keys } = counter.people;
    const { ppid } = result as { ppid: string };
    const person = (await personOfPpid(counter.people, type1Caller.serviceId, ppid))!;
    const suspended = { ...person.value, suspended: true };
    const record = resealed(person.record, await keys.index(), suspended);
    await store.write([{ change: 'replace', record, was: person.token }]);
    expect(codeOf((await counter.read(card.contents, 'hold')).result)).toBe('subject-suspended');
  });

  it('has a chip: a medium without one needs its PIN', async () => {
    const card = await counter.issue();
    const { result } = await counter.read(card.contents, 'hold', { spoil: withoutChip });
    expect(codeOf(result)).toBe('pinless-unsupported');
    const { surface: _, ...phone } = card.contents;
    const { result: refusedByAgent } = await counter.read(phone, 'hold');
    expect(refusedByAgent).toEqual({ outcome: 'failed', code: 'pinless-unsupported' });
  });
});

const withHeader = (change: object) => (jwe: string) => {
  const [protectedHeader = '', ...rest] = jwe.split('.');
  const changed = {
    ...JSON.parse(Buffer.from(protectedHeader, 'base64url').toString()),
    ...change,
  };
  return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
};

describe('the four attributes', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ format: 'jwk' }) as Record<'x' | 'y', string>;
  const encryptionKey = {
    kty: 'EC',
    crv: 'P-256',
    x: key.x,
    y: key.y,
    use: 'enc',
    alg: 'ECDH-ES',
    kid: 'attributes-1',
  } as const;
  const caller = { ...type1Caller, serviceId: 'svc_attributes', sectorId: 'sec_attributes' };
  beforeAll(() => counter.register(caller.serviceId, { encryptionKey }));

  interface Attributes {
    readonly attributes?: string;
    readonly attributesStatus?: string;
    readonly ppid?: string;
  }
  const opened = async (result: unknown) => {
    const { plaintext } = await compactDecrypt((result as Attributes).attributes!, privateKey);
    return JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, unknown>;
  };

  it('with the PIN or the printed number are for the service alone, and once', async () => {
    const card = await newCard(
      { office: counter.jlis, cv: counter.cv, roots: [] },
      { pin: '1234', person: { birthDate: '1980-11-21', name: '髙橋\u{e0100} 花子' } },
    );
    const first = await counter.read(card.contents, 'pin+attributes', { enrolChip: true, caller });
    expect(first.result).toMatchObject({
      assurance: 'card-signature',
      chipEnrolled: true,
      attributesStatus: 'handed-over',
    });
    expect(await opened(first.result)).toMatchObject({
      name: '髙橋\u{e0100} 花子',
      birthDate: '19801121',
      remarks: [{ field: 'name', position: 2, codePoint: 'U+E0100', remark: 'variation-selector' }],
    });
    const again = (await counter.result(first.sessionId, caller)) as Attributes;
    expect(again).toMatchObject({ ppid: (first.result as Attributes).ppid });
    expect([again.attributes, again.attributesStatus]).toEqual([undefined, 'taken-before']);
    const held = await counter.read(card.contents, 'hold+attributes', { caller });
    expect(held.result).toMatchObject({ assurance: 'chip-presence' });
    expect(await opened(held.result)).toMatchObject({ birthDate: '19801121' });
    const plain = await counter.read(card.contents, 'pin', { caller });
    expect((plain.result as Attributes).attributesStatus).toBeUndefined();
  });

  it('are given to one of two calls at the same moment', async () => {
    const card = await counter.issue();
    const { sessionId, ticket } = await counter.open('pin+attributes', false, caller);
    await counter.readTicket(
      card.contents,
      'pin+attributes',
      ticket,
      undefined,
      await counter.agentOf(caller),
    );
    const both = await Promise.all([
      counter.result(sessionId, caller),
      counter.result(sessionId, caller),
    ]);
    expect(new Set(both.map((each) => (each as Attributes).attributesStatus))).toEqual(
      new Set(['handed-over', 'taken-before']),
    );
  });

  it('are gone five minutes after the reading, which stays', async () => {
    const card = await counter.issue();
    const { sessionId, ticket } = await counter.open('pin+attributes', false, caller);
    await counter.readTicket(
      card.contents,
      'pin+attributes',
      ticket,
      undefined,
      await counter.agentOf(caller),
    );
    counter.moveClock(5 * 60_000);
    expect(await counter.result(sessionId, caller)).toMatchObject({
      outcome: 'read',
      attributesStatus: 'expired',
    });
    counter.moveClock(-1);
    expect(await counter.result(sessionId, caller)).not.toHaveProperty('attributes');
  });

  it('are refused where they are of another session, for another key, or missing', async () => {
    const card = await counter.issue();
    let earlier: string | undefined;
    const status = async (attributes: (jwe: string) => string | undefined) => {
      const spoil = (read: ReadingResult): ReadingResult => {
        if (read.outcome !== 'read') return read;
        const { attributes: jwe, ...rest } = read;
        const sent = attributes(jwe!);
        return sent === undefined ? rest : { ...rest, attributes: sent };
      };
      const options = { caller, spoil };
      return codeOf((await counter.read(card.contents, 'pin+attributes', options)).result);
    };
    expect(await status((jwe) => (earlier = jwe))).toBe('read');
    expect(await status(() => earlier)).toBe('attributes-invalid');
    expect(await status(() => undefined)).toBe('attributes-invalid');
    expect(await status(() => 'name-and-address-in-clear')).toBe('attributes-invalid');
    for (const change of [{ kid: 'other' }, { alg: 'dir' }, { enc: 'A128GCM' }, { apv: 'cnNl' }]) {
      expect([change, await status(withHeader(change))]).toEqual([change, 'attributes-invalid']);
    }
    expect(await status(withHeader({}))).toBe('read');
  });

  it('need a key of the service', async () => {
    const { status, body } = await counter.call(
      'open-reading-session',
      { mode: 'pin+attributes' },
      { caller: type1Caller },
    );
    expect([status, body['code']]).toEqual([409, 'encryption-key-missing']);
  });

  it('are found neither in what is kept nor in what is logged', async () => {
    const canary = { name: '河童　太郎', address: '遠野市カナリア町九丁目' };
    const card = await newCard(
      { office: counter.jlis, cv: counter.cv, roots: [] },
      { pin: '1234', person: { birthDate: '1980-11-21' } },
      canary,
    );
    const { result } = await counter.read(card.contents, 'pin+attributes', { caller });
    expect(await opened(result)).toMatchObject(canary);
    const { attributes } = result as Attributes;
    const seen = [...counter.readingSessions.texts(), JSON.stringify(counter.lines)].join('\n');
    for (const secret of [canary.name, canary.address, attributes!.split('.')[3]!]) {
      expect(seen).not.toContain(secret);
    }
  });
});

const openAs = async (serviceId: string, mode: string) => {
  const caller = { ...type1Caller, serviceId };
  const { status, body, headers } = await counter.call(
    'open-reading-session',
    { mode },
    { caller },
  );
  return { status, code: body['code'], body, headers };
};

describe('the terms of a service', () => {
  it('decide whether cards may be held, and what a reading must prove', async () => {
    counter.register('svc_plain', { counter: { ...counterTerms, supervised: false } });
    counter.register('svc_strict', {
      counter: { ...counterTerms, minimumAssurance: 'card-signature' },
    });
    for (const mode of ['hold', 'hold+attributes']) {
      expect(await openAs('svc_plain', mode)).toMatchObject({
        status: 403,
        code: 'hold-not-permitted',
      });
      expect(await openAs('svc_unregistered', mode)).toMatchObject({ code: 'hold-not-permitted' });
      expect(await openAs('svc_strict', mode)).toMatchObject({
        status: 403,
        code: 'assurance-insufficient',
      });
    }
    for (const serviceId of ['svc_plain', 'svc_strict', 'svc_unregistered']) {
      expect(await openAs(serviceId, 'pin')).toMatchObject({ status: 201 });
    }
  });

  it('bound the cards that are held on one day, and say how many', async () => {
    counter.register('svc_small', { counter: { ...counterTerms, holdsPerDay: 2 } });
    expect((await openAs('svc_small', 'hold')).status).toBe(201);
    expect((await openAs('svc_small', 'hold')).status).toBe(201);
    const third = await openAs('svc_small', 'hold');
    expect(third).toMatchObject({
      status: 429,
      code: 'quota-exceeded',
      body: {
        quota: 'service-holds-per-day',
        detail: expect.stringMatching(/mode with PIN.*\b2 cards/),
      },
      headers: { 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) },
    });
    expect((await openAs('svc_small', 'pin')).status).toBe(201);
    counter.moveClock(86_400_000);
    expect((await openAs('svc_small', 'hold')).status).toBe(201);
    counter.moveClock(-86_400_000);
  });
});

const handoverOf = async () => {
  const { sessionId, ticket } = await counter.open('pin');
  const { resultToken } = await counter.agent.claim(ticket);
  const { handover } = await counter.agent.report(resultToken, {
    outcome: 'failed',
    code: 'pin-blocked',
  });
  return { sessionId, handover: handover! };
};

const redeem = async (handover: string, caller = type1Caller) => {
  const { status, body } = await counter.call('redeem-reading-handover', { handover }, { caller });
  return { status, body, code: body['code'] };
};

describe('the one-time code for an outcome', () => {
  it('gives the service its outcome once, also to many at the same moment', async () => {
    const { sessionId, handover } = await handoverOf();
    const answers = await Promise.all([redeem(handover), redeem(handover), redeem(handover)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    expect(answers.find(({ status }) => status === 200)!.body).toEqual({
      sessionId,
      mode: 'pin',
      state: 'ended',
      result: { outcome: 'failed', code: 'pin-blocked' },
    });
    expect(await redeem(handover)).toMatchObject({ status: 409, code: 'handover-used' });
  });

  it('is for the service that opened the session, until the session expires', async () => {
    const { handover } = await handoverOf();
    const notFound = { status: 404, code: 'reading-session-not-found' };
    expect(await redeem(handover, otherCounter)).toMatchObject(notFound);
    expect(await redeem(alter(handover))).toMatchObject(notFound);
    const { ticket } = await counter.open('pin');
    expect(await redeem(ticket)).toMatchObject(notFound);
    expect(counter.readingSessions.texts().join()).not.toContain(handover.split('.')[1]);
    counter.moveClock(15 * 60_000);
    expect(await redeem(handover)).toMatchObject({ status: 410, code: 'reading-session-expired' });
  });
});

describe('an agent that lies about a chip', () => {
  it.each([
    ['a root that is not in the trust profile', '6000023', 'chip-root-unknown'],
    ['a stranger’s root of the same name', undefined, 'chip-certificate-invalid'],
  ])('is refused: %s', async (_name, keyId, code) => {
    const forged = await createCvAuthority(keyId ?? counter.cv.rootKeyId);
    const contents = await personalise(counter.jlis, tanaka.issued, forged);
    const { surface } = contents;
    const spoil = (read: ReadingResult): ReadingResult =>
      read.outcome === 'read'
        ? {
            ...read,
            chip: {
              ...read.chip!,
              record: surface!.record.toString('base64url'),
              cvCertificate: surface!.cvCertificate.toString('base64url'),
            },
          }
        : read;
    const { result } = await counter.read(tanaka.contents, 'pin', { enrolChip: true, spoil });
    expect(result).toEqual({ outcome: 'refused', code });
  });

  it('is refused: a record that is none, and the record of another chip', async () => {
    const other = await counter.issue();
    const enrol = async (record: Buffer) =>
      (
        await counter.read(tanaka.contents, 'pin', {
          enrolChip: true,
          spoil: withRecord(record),
        })
      ).result;
    const malformed = { outcome: 'refused', code: 'chip-record-invalid' };
    expect(await enrol(Buffer.from('nonsense'))).toEqual(malformed);
    expect(await enrol(other.contents.surface!.record)).toEqual({
      outcome: 'refused',
      code: 'chip-proof-invalid',
    });
  });
});

describe('what is kept and logged', () => {
  it('contains no birth date, PPID, serial, certificate or ticket', async () => {
    const card = await counter.issue();
    const { result } = await counter.read(card.contents, 'pin', { enrolChip: true });
    const logged = JSON.stringify(counter.lines);
    const { ppid } = result as { ppid: string };
    const record = card.contents.surface!.record;
    expect(record.includes(birthDate)).toBe(true);
    for (const secret of [ppid, birthDate, card.contents.jpki.certificate.toString('base64url')]) {
      expect(logged).not.toContain(secret.slice(0, 40));
    }
    expect(logged).toContain('"operation":"report-reading"');
  });
});
