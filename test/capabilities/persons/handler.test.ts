import { describe, expect, it } from '@jest/globals';
import { personsHandler } from '../../../lambdas/capabilities/persons/handler.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import { personOfPpid } from '../../../lambdas/people/find-person.ts';
import { labelledKeys } from '../../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';
import { memoryIdempotencyStore } from '../../fakes/memory-stores.ts';
import { a, b, certificate, linkageOf, now, portsWith } from '../../people/scene.ts';
import {
  baseUrl,
  eventFor,
  operatorCaller,
  secondOperatorCaller,
  type2Caller,
} from '../gateway-event.ts';

const reason = 'Both cards were shown at the counter';

/** Persons 1 and 2, at service a; 3 is the phone of 1. */
async function platform() {
  const store = memoryIdentityStore();
  const keys = labelledKeys();
  const ports = portsWith({ store, keys, linkage: linkageOf({ 3: { beside: 1 } }) });
  const lines: unknown[] = [];
  let time = now;
  const handler = personsHandler((at) => ({ ...ports, now: at }), {
    publicBaseUrl: baseUrl,
    clock: () => time,
    log: (line) => void lines.push(line),
    idempotency: memoryIdempotencyStore(),
  });
  const call = async (
    id: string,
    caller: Readonly<Record<string, string>>,
    {
      body,
      path,
      query,
      key,
    }: {
      readonly body?: unknown;
      readonly path?: Readonly<Record<string, string>>;
      readonly query?: Readonly<Record<string, string>>;
      readonly key?: string;
    } = {},
  ) => {
    const event = eventFor(id, {
      body,
      caller,
      ...(path && { path }),
      headers: key === undefined ? {} : { 'Idempotency-Key': key },
    });
    const result = await handler({ ...event, queryStringParameters: query ?? null }, {});
    return { status: result.statusCode, body: JSON.parse(result.body) as Body };
  };
  const logIn = (serial: number, service = a) =>
    identifyPerson(certificate(serial), service, ports);
  const report = async (...ppids: readonly string[]) =>
    call('report-persons', type2Caller, { body: { ppids } });
  const read = async (flagId: string) =>
    (await call('get-flag', operatorCaller, { path: { flagId } })).body;
  const propose = (body: object, key?: string) =>
    call('propose-act', operatorCaller, { body, ...(key !== undefined && { key }) });
  const approve = (actId: string, caller = secondOperatorCaller) =>
    call('approve-act', caller, { path: { actId } });
  const later = (ms: number) => void (time += ms);
  return { store, keys, ports, lines, call, logIn, report, read, propose, approve, later };
}

interface Body {
  readonly code: string;
  readonly flagId: string;
  readonly kind: string;
  readonly actId: string;
  readonly state: string;
  readonly next?: string;
  readonly flags: readonly { readonly flagId: string; readonly state: string }[];
  readonly acts: readonly { readonly actId: string; readonly state: string }[];
  readonly persons: readonly {
    readonly handle: string;
    readonly certificates: readonly {
      readonly handle: string;
      readonly label: string;
      readonly predecessor: string;
    }[];
    readonly acts: readonly object[];
  }[];
}

async function reportedPair() {
  const on = await platform();
  const [first, second] = [await on.logIn(1), await on.logIn(2)];
  const { flagId } = (await on.report(first, second)).body;
  const [keep, absorb] = (await on.read(flagId)).persons.map(({ handle }) => handle);
  const wish = { kind: 'merge', flagId, keep, absorb, reason };
  return { ...on, first, second, flagId, wish };
}

describe('two PPIDs that a service reports as one person', () => {
  it('are merged once another operator approves what the first proposed', async () => {
    const on = await reportedPair();
    const { actId, state } = (await on.propose(on.wish)).body;
    expect(state).toBe('proposed');
    expect(await on.logIn(2)).toBe(on.second);
    expect((await on.approve(actId)).body).toMatchObject({ state: 'done', services: 1 });
    expect(await on.logIn(2)).toBe(on.first);
    const { persons, state: settled } = await on.read(on.flagId);
    expect(settled).toBe('settled');
    expect(persons).toHaveLength(1);
    expect(persons[0]!.acts).toMatchObject([
      { actId, operator: 'key_operator', approvedBy: 'key_second', reason },
    ]);
  });

  it('are not merged by the key that proposed it, nor after the proposal expired', async () => {
    const on = await reportedPair();
    const { actId } = (await on.propose(on.wish)).body;
    const refused = await on.approve(actId, operatorCaller);
    expect(refused).toMatchObject({ status: 403, body: { code: 'second-operator-needed' } });
    on.later(14 * 86_400_000);
    expect((await on.approve(actId)).body.code).toBe('act-not-found');
    expect(await on.logIn(2)).toBe(on.second);
  });

  it('are merged once, whoever repeats the proposal or the approval', async () => {
    const on = await reportedPair();
    const proposed = await on.propose(on.wish, 'the-same-key');
    expect(await on.propose(on.wish, 'the-same-key')).toEqual(proposed);
    const { actId } = proposed.body;
    const done = await on.approve(actId);
    expect(await on.approve(actId)).toEqual(done);
    const listed = (await on.call('list-acts', operatorCaller)).body;
    expect(listed.acts).toMatchObject([{ actId, state: 'done' }]);
  });

  it.each(['before', 'after'])(
    'are whole when the approval is killed %s its write',
    async (when) => {
      const on = await reportedPair();
      const { actId } = (await on.propose(on.wish)).body;
      const write = on.store.write.bind(on.store);
      on.store.write = async (changes) => {
        if (when === 'after') await write(changes);
        throw new Error('killed');
      };
      expect((await on.approve(actId)).status).toBe(500);
      on.store.write = write;
      expect((await on.approve(actId)).body).toMatchObject({ state: 'done' });
      expect(await on.logIn(2)).toBe(on.first);
    },
  );

  it('stay two where the operator settles the flag as it is', async () => {
    const on = await reportedPair();
    const settle = () =>
      on.call('settle-flag', operatorCaller, { path: { flagId: on.flagId }, body: { reason } });
    const settled = await settle();
    expect(settled.body).toMatchObject({ state: 'settled', settledAs: 'two-persons' });
    on.later(1000);
    expect(await settle()).toEqual(settled);
    expect(await on.logIn(2)).toBe(on.second);
    expect((await on.call('list-flags', operatorCaller)).body.flags).toEqual([]);
    const all = await on.call('list-flags', operatorCaller, { query: { state: 'all' } });
    expect(all.body.flags).toMatchObject([{ flagId: on.flagId, state: 'settled' }]);
  });
});

describe('one PPID that a service reports as two persons', () => {
  it('keeps its PPID with the one who stays; the certificate that leaves gets another', async () => {
    const on = await platform();
    const ppid = await on.logIn(1);
    expect(await on.logIn(3)).toBe(ppid);
    const { flagId, kind } = (await on.report(ppid)).body;
    expect(kind).toBe('reported-as-two-persons');
    const [person] = (await on.read(flagId)).persons;
    const phone = person!.certificates.find(({ predecessor }) => predecessor === 'beside')!;
    const wish = { kind: 'split', flagId, person: person!.handle, reason };
    const { actId } = (await on.propose({ ...wish, certificates: [phone.handle] })).body;
    const done = { state: 'done', certificates: [phone.label] };
    expect((await on.approve(actId)).body).toMatchObject(done);
    expect(await on.logIn(1)).toBe(ppid);
    expect(await on.logIn(3)).not.toBe(ppid);
    expect((await on.read(flagId)).state).toBe('settled');
  });
});

describe('a report', () => {
  it('of another service’s PPID is refused as one of nobody', async () => {
    const on = await platform();
    const foreign = await on.logIn(1, b);
    const answers = [await on.report(foreign), await on.report('a'.repeat(32))];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'ppid-not-found'],
      [404, 'ppid-not-found'],
    ]);
  });

  it('of two PPIDs of one person is impossible', async () => {
    const on = await reportedPair();
    await on.approve((await on.propose(on.wish)).body.actId);
    const { body } = await on.report(on.first, on.second);
    expect(body.code).toBe('identity-act-impossible');
  });

  it('is paged by the operator', async () => {
    const on = await platform();
    const ppids = [await on.logIn(1), await on.logIn(2)];
    const raised = [
      await on.report(...ppids),
      await on.report(ppids[0]!),
      await on.report(...ppids),
    ];
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const query = { limit: '1', ...(cursor !== undefined && { cursor }) };
      const { flags, next } = (await on.call('list-flags', operatorCaller, { query })).body;
      seen.push(...flags.map(({ flagId }) => flagId));
      cursor = next;
      if (cursor === undefined) break;
    }
    expect(seen.toSorted()).toEqual(raised.map(({ body }) => body.flagId).toSorted());
  });
});

describe('an operator', () => {
  it('learns no serial, PPID, service or subject from a flag, and different handles each time', async () => {
    const on = await reportedPair();
    await on.logIn(1, b);
    const text = JSON.stringify(await on.read(on.flagId));
    const person = (await personOfPpid(on.ports, a.serviceId, on.first))!.value.subjectId;
    const secrets = [on.first, on.second, 'svc_a', 'svc_b', '00000001', person, 'a'.repeat(64)];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    const handles = [await on.read(on.flagId), await on.read(on.flagId)].flatMap(({ persons }) =>
      persons.map(({ handle }) => handle),
    );
    expect(new Set(handles).size).toBe(4);
    // The line of the report names the service that called; no line of an operator does.
    const reported = on.lines.length;
    const act = (await on.propose(on.wish)).body;
    await on.approve(act.actId);
    const lines = JSON.stringify(on.lines.slice(reported));
    expect(lines).toContain('key_second');
    expect(secrets.filter((secret) => lines.includes(secret))).toEqual([]);
  });

  it.each([
    ['made up', 'A'.repeat(80), 'handle-invalid'],
    ['of a key version that does not exist', `AQAJ${'A'.repeat(80)}`, 'handle-invalid'],
    ['too short to be one', 'A'.repeat(40), 'handle-invalid'],
  ])('is refused a handle that is %s', async (_, keep, code) => {
    const on = await reportedPair();
    expect((await on.propose({ ...on.wish, keep })).body.code).toBe(code);
    // A version that does not exist costs no MAC.
    expect(on.keys.asked).not.toContain('index/9');
  });

  it('is refused a handle of a certificate as one of a person, and one that is a day old', async () => {
    const on = await reportedPair();
    const [person] = (await on.read(on.flagId)).persons;
    const keep = person!.certificates[0]!.handle;
    expect((await on.propose({ ...on.wish, keep })).body.code).toBe('handle-invalid');
    on.later(86_400_001);
    expect((await on.propose(on.wish)).body.code).toBe('handle-invalid');
  });

  it('is refused persons of another flag, one person twice, and a foreign certificate', async () => {
    const on = await reportedPair();
    const stranger = await on.logIn(5);
    const other = (await on.report(stranger)).body.flagId;
    const [they] = (await on.read(other)).persons;
    const [own] = (await on.read(on.flagId)).persons;
    const { flagId } = on;
    const certificates = [they!.certificates[0]!.handle];
    for (const wish of [
      { ...on.wish, absorb: they!.handle },
      { ...on.wish, absorb: on.wish.keep },
      { kind: 'split', flagId, person: own!.handle, certificates, reason },
    ]) {
      expect((await on.propose(wish)).body.code).toBe('identity-act-impossible');
    }
    const unknown = await on.propose({ ...on.wish, flagId: 'flg_none' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'flag-not-found' } });
  });

  it('is refused a reason that contains a number or an identifier', async () => {
    const on = await reportedPair();
    for (const why of ['card 0012345', `PPID ${on.first}`]) {
      expect((await on.propose({ ...on.wish, reason: why })).status).toBe(400);
    }
  });
});
