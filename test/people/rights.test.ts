import { describe, expect, it } from '@jest/globals';
import { deliverAnnouncements } from '../../lambdas/people/announcements.ts';
import { enrolChip } from '../../lambdas/people/chips.ts';
import { approveOnBehalf, listBehalf, requestOnBehalf } from '../../lambdas/people/behalf.ts';
import { discloseTo } from '../../lambdas/people/disclosure.ts';
import { sweepDeletions } from '../../lambdas/people/erase-person.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { readFeed } from '../../lambdas/people/feed.ts';
import { listFlags, raiseFlag } from '../../lambdas/people/flags.ts';
import { identifyPerson, type PersonPorts } from '../../lambdas/people/identify-person.ts';
import { awaitUserNumber, putLink } from '../../lambdas/people/links.ts';
import { announcementShards, proposalKey } from '../../lambdas/people/layout.ts';
import { mergeSubjects } from '../../lambdas/people/operator-acts.ts';
import { findOwner } from '../../lambdas/people/records.ts';
import { reseal } from '../../lambdas/people/reseal.ts';
import {
  cancelDeletion,
  requestDeletion,
  resumeUse,
  suspendUse,
} from '../../lambdas/people/rights.ts';
import { seal } from '../../lambdas/people/seal.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, linkageOf, now, portsWith, retention } from './scene.ts';

const day = 86_400_000;

/** Records beside those that tell services what happened: these expire by themselves. */
const keptIn = ({ records }: { readonly records: ReadonlyMap<string, { readonly pk: string }> }) =>
  [...records.values()].filter(({ pk }) => !/^[NQVW]#/.test(pk)).length;

/** Certificate 2 renews 1, 3 renews 2, 4 is a phone beside 1; 9 is another person. */
function scene() {
  const store = memoryIdentityStore();
  const people = portsWith({ store, linkage: linkageOf({ 2: 1, 3: 2, 4: { beside: 1 } }) });
  const at = (time = now) => ({ ...people, now: time, deletionGraceMs: 14 * day, retention });
  const logIn = (serial: number, service = a, ports: PersonPorts = people) =>
    identifyPerson(certificate(serial), service, ports);
  const subjectOf = async (serial: number) =>
    (await findOwner(people, certificate(serial)))!.value.subjectId;
  const sweep = (time: number) => sweepDeletions({ ...people, now: time, timeIsUp: () => false });
  return { store, people, at, logIn, subjectOf, sweep };
}

describe('suspension', () => {
  it('ends logins everywhere until the person resumes, and the PPIDs are as before', async () => {
    const { at, logIn, subjectOf } = scene();
    const before = await logIn(1);
    const person = await subjectOf(1);
    expect(await suspendUse(at(), person, 'person')).toEqual({
      suspended: true,
      suspendedBy: 'person',
    });
    for (const service of [a, b])
      await expect(logIn(1, service)).rejects.toMatchObject({ code: 'subject-suspended' });
    expect(await resumeUse(at(), person, 'person')).toEqual({ suspended: false });
    expect(await logIn(1)).toBe(before);
  });

  it('by the operator is not ended by the person, nor turned into the person’s own', async () => {
    const { at, logIn, subjectOf } = scene();
    await logIn(1);
    const person = await subjectOf(1);
    await suspendUse(at(), person, 'operator');
    await suspendUse(at(), person, 'person');
    await expect(resumeUse(at(), person, 'person')).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
    expect(await resumeUse(at(), person, 'operator')).toEqual({ suspended: false });
  });

  it('by the operator takes the place of the person’s own', async () => {
    const { at, logIn, subjectOf } = scene();
    await logIn(1);
    const person = await subjectOf(1);
    await suspendUse(at(), person, 'person');
    expect(await suspendUse(at(), person, 'operator')).toEqual({
      suspended: true,
      suspendedBy: 'operator',
    });
    await expect(resumeUse(at(), person, 'person')).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
  });
});

describe('what is asked for again', () => {
  it('writes nothing: a suspension that stands, an end where there is none', async () => {
    const { store, at, logIn, subjectOf } = scene();
    await logIn(1);
    const person = await subjectOf(1);
    const atFirst = new Map(store.records);
    await resumeUse(at(), person, 'person');
    expect(new Map(store.records)).toEqual(atFirst);
    await suspendUse(at(), person, 'person');
    const suspended = new Map(store.records);
    await suspendUse(at(now + day), person, 'person');
    expect(new Map(store.records)).toEqual(suspended);
  });
});

describe('deletion', () => {
  it('suspends at once, waits for its day, and can be cancelled until then', async () => {
    const { at, logIn, subjectOf, sweep, store } = scene();
    const before = await logIn(1);
    const person = await subjectOf(1);
    const asked = await requestDeletion(at(), person);
    expect(asked.deletion).toEqual({ requestedAt: now, dueAt: now + 14 * day });
    await expect(logIn(1)).rejects.toMatchObject({ code: 'subject-suspended' });
    await expect(resumeUse(at(), person, 'person')).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
    expect(await sweep(now + 14 * day - 1)).toMatchObject({ deleted: 0, dropped: 0 });
    // Asking again does not move the day.
    expect(await requestDeletion(at(now + day), person)).toEqual(asked);
    const held = keptIn(store);
    expect(await cancelDeletion(at(now + 2 * day), person)).toEqual({ suspended: false });
    expect(keptIn(store)).toBe(held - 1);
    expect(await sweep(now + 20 * day)).toMatchObject({ deleted: 0 });
    expect(await logIn(1)).toBe(before);
    await expect(cancelDeletion(at(), person)).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
  });

  it('cancelled and asked for again on the same day is executed on its day', async () => {
    const { at, logIn, subjectOf, sweep } = scene();
    await logIn(1);
    const person = await subjectOf(1);
    await requestDeletion(at(), person);
    await cancelDeletion(at(), person);
    await requestDeletion(at(), person);
    expect(await sweep(now + 14 * day)).toMatchObject({ deleted: 1 });
  });

  it('restores a suspension that was there before it when cancelled', async () => {
    const { at, logIn, subjectOf } = scene();
    await logIn(1);
    const person = await subjectOf(1);
    await suspendUse(at(), person, 'operator');
    await requestDeletion(at(), person);
    expect(await cancelDeletion(at(), person)).toEqual({
      suspended: true,
      suspendedBy: 'operator',
    });
  });

  it('that the person cancels does not end what the operator suspended meanwhile', async () => {
    const { at, logIn, subjectOf } = scene();
    await logIn(1);
    const person = await subjectOf(1);
    const { deletion } = await requestDeletion(at(), person);
    expect(await suspendUse(at(), person, 'operator')).toMatchObject({ deletion });
    // Nor does a suspension of the person's own, afterwards.
    await suspendUse(at(), person, 'person');
    expect(await cancelDeletion(at(), person)).toEqual({
      suspended: true,
      suspendedBy: 'operator',
    });
  });

  it('keeps use suspended, also if the operator would resume it', async () => {
    const { at, logIn, subjectOf } = scene();
    await logIn(1);
    const person = await subjectOf(1);
    await requestDeletion(at(), person);
    await expect(resumeUse(at(), person, 'operator')).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
  });

  it('leaves the flags of other persons', async () => {
    const { people, at, logIn, subjectOf, sweep } = scene();
    for (const serial of [1, 8, 9]) await logIn(serial);
    const [person, eighth, ninth] = await Promise.all([1, 8, 9].map(subjectOf));
    const kind = 'signature-certificate-of-another-subject';
    await raiseFlag(people, { kind, subjects: [eighth!, ninth!], seenAt: now });
    await raiseFlag(people, { kind, subjects: [person!, ninth!], seenAt: now });
    await requestDeletion(at(), person!);
    expect(await sweep(now + 14 * day)).toMatchObject({ deleted: 1 });
    expect((await listFlags(people)).map(({ value }) => value.subjects)).toEqual([[eighth, ninth]]);
  });

  it('cannot be cancelled once its time has come', async () => {
    const { at, logIn, subjectOf } = scene();
    await logIn(1);
    const person = await subjectOf(1);
    await requestDeletion(at(), person);
    await expect(cancelDeletion(at(now + 14 * day), person)).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
  });

  it('leaves nothing: links, chips, flags, acts, merged records, requests and proposals go', async () => {
    const { store, people, at, logIn, subjectOf, sweep } = scene();
    await logIn(9);
    const others = keptIn(store);
    const ppid = await logIn(1);
    await logIn(2, b);
    await logIn(4);
    const merged = linkageOf({});
    await logIn(20, b, { ...people, linkage: merged });
    const [person, former] = [await subjectOf(1), await subjectOf(20)];
    await putLink(people, a.serviceId, { ppid, userNumber: '1001', replace: false });
    const chip = { certificate: certificate(1), publicKey: Buffer.from('chip') };
    await enrolChip(people, a.serviceId, ppid, chip);
    await raiseFlag(people, {
      kind: 'predecessor-of-another-subject',
      subjects: [person, former],
      seenAt: now,
    });
    await mergeSubjects({ keep: person, absorb: former, operator: 'o', reason: 'r' }, people);
    await requestOnBehalf(at(), {
      act: 'disclose',
      subjectId: person,
      basis: 'guardian',
      fileReference: 'F-1',
      requestedBy: 'one',
    });
    const place = proposalKey('act_1');
    const act = { kind: 'merge', keep: 'another', absorb: former };
    const sealed = seal(await people.keys.index(), place, { act });
    await store.write([{ change: 'create', record: { ...place, sealed } }]);
    await requestDeletion(at(), former);
    expect(await sweep(now + 14 * day)).toEqual({ deleted: 1, dropped: 0, unfinished: false });
    expect(keptIn(store)).toBe(others);
    expect(await personOfPpid(people, a.serviceId, ppid)).toBeUndefined();
    // The service may hand the number in again.
    expect(await awaitUserNumber(people, a.serviceId, '1001')).toBe('waiting');
  });

  it.each([
    ['the same card', 1],
    ['a card that renews one of theirs', 3],
    ['a phone', 4],
  ])('who returns with %s gets other identifiers everywhere', async (_, serial) => {
    const { at, logIn, subjectOf, sweep } = scene();
    const before = [await logIn(1, a), await logIn(2, b)];
    const old = await subjectOf(1);
    await requestDeletion(at(), old);
    await sweep(now + 14 * day);
    const after = [await logIn(serial, a), await logIn(serial, b)];
    expect(await subjectOf(serial)).not.toBe(old);
    expect(before.some((ppid) => after.includes(ppid))).toBe(false);
  });

  it('is found again after a change of the key version', async () => {
    const { store, people, at, logIn, subjectOf } = scene();
    await logIn(1);
    await requestDeletion(at(), await subjectOf(1));
    const later = { ...people, store, keys: labelledKeys(2), now: now + 15 * day };
    expect(await sweepDeletions({ ...later, timeIsUp: () => false })).toMatchObject({ deleted: 1 });
    expect(keptIn(store)).toBe(0);
  });

  it('and a request on behalf are re-sealed under a new key version', async () => {
    const { store, people, at, logIn, subjectOf } = scene();
    await logIn(1);
    const subjectId = await subjectOf(1);
    await requestDeletion(at(), subjectId);
    await requestOnBehalf(at(), {
      act: 'disclose',
      subjectId,
      basis: 'agent',
      fileReference: 'F-3',
      requestedBy: 'one',
    });
    const later = { ...people, store, keys: labelledKeys(2), now: now + 15 * day };
    await reseal(undefined, { ...later, timeIsUp: () => false });
    // The previous version is not known any more.
    const only = { ...later, keys: { ...later.keys, versions: [2] }, timeIsUp: () => false };
    expect(await listBehalf(only)).toHaveLength(1);
    expect(await sweepDeletions(only)).toMatchObject({ deleted: 1 });
    expect(keptIn(store)).toBe(0);
  });

  it('is made up for when days passed without a sweep, and stops in time', async () => {
    const { people, at, logIn, subjectOf, sweep, store } = scene();
    await logIn(1);
    await requestDeletion(at(), await subjectOf(1));
    const late = { ...people, now: now + 50 * day };
    expect(await sweepDeletions({ ...late, timeIsUp: () => true })).toEqual({
      deleted: 0,
      dropped: 0,
      unfinished: true,
    });
    expect(await sweep(now + 50 * day)).toMatchObject({ deleted: 1 });
    expect(keptIn(store)).toBe(0);
  });

  it('waits for the hour too, on its day', async () => {
    const { at, logIn, subjectOf, sweep } = scene();
    await logIn(1);
    const asked = now + day / 2;
    await requestDeletion(at(asked), await subjectOf(1));
    expect(await sweep(asked + 14 * day - 1)).toMatchObject({ deleted: 0, dropped: 0 });
    expect(await sweep(asked + 14 * day)).toMatchObject({ deleted: 1 });
  });

  it('is not executed where a cancellation was written in the last moment', async () => {
    const { store, at, logIn, subjectOf, sweep } = scene();
    const ppid = await logIn(1);
    const person = await subjectOf(1);
    await requestDeletion(at(), person);
    const write = store.write.bind(store);
    store.write = async (changes) => {
      store.write = write;
      await cancelDeletion(at(now + 14 * day - 1), person);
      return write(changes);
    };
    expect(await sweep(now + 14 * day)).toMatchObject({ deleted: 0 });
    expect(await logIn(1)).toBe(ppid);
  });

  it('keeps operators from merging the record meanwhile', async () => {
    const { people, at, logIn, subjectOf } = scene();
    await logIn(1);
    await logIn(9);
    await requestDeletion(at(), await subjectOf(1));
    const [keep, absorb] = [await subjectOf(9), await subjectOf(1)];
    await expect(
      mergeSubjects({ keep, absorb, operator: 'o', reason: 'r' }, people),
    ).rejects.toMatchObject({ code: 'identity-act-impossible' });
  });
});

describe('the services that know the person', () => {
  it('are told by their own PPIDs of a suspension, its end and a deletion, each once', async () => {
    const { people, at, logIn, subjectOf, sweep } = scene();
    const ppids = { a: await logIn(1, a), b: await logIn(1, b) };
    const person = await subjectOf(1);
    await suspendUse(at(), person, 'person');
    await suspendUse(at(), person, 'person');
    await resumeUse(at(now + day), person, 'person');
    await requestDeletion(at(now + 2 * day), person);
    for (let shard = 0; shard < announcementShards; shard++)
      await deliverAnnouncements({ ...people, now: now + 2 * day, timeIsUp: () => false }, shard);
    await sweep(now + 17 * day);
    const later = { ...people, now: now + 18 * day };
    for (const [service, ppid] of [
      [a, ppids.a],
      [b, ppids.b],
    ] as const) {
      const { events } = await readFeed(later, service.serviceId, { after: undefined, limit: 50 });
      expect(new Set(events.map((event) => event.ppid))).toEqual(new Set([ppid]));
      expect(events.map(({ type }) => type)).toEqual([
        'person.suspended',
        'person.resumed',
        'person.suspended',
        'person.deleted',
      ]);
    }
  });
});

describe('disclosure', () => {
  it('shows all certificates and all services of the person, and no other person', async () => {
    const { people, logIn, subjectOf } = scene();
    const ppids = [await logIn(1, a), await logIn(2, b)];
    const stranger = await logIn(9, a);
    await putLink(people, a.serviceId, { ppid: ppids[0]!, userNumber: '1001', replace: false });
    const { value } = (await personOfPpid(people, a.serviceId, ppids[0]!))!;
    const shown = await discloseTo(people, value);
    expect(shown.certificates.map(({ certificate: { serial } }) => serial).toSorted()).toEqual([
      '00000001',
      '00000002',
    ]);
    expect(shown.services.map(({ serviceId, ppid }) => [serviceId, ppid])).toEqual([
      ['svc_a', ppids[0]],
      ['svc_b', ppids[1]],
    ]);
    expect(shown.services[0]!.userNumber).toBe('1001');
    const text = JSON.stringify(shown);
    expect(text).not.toContain(stranger);
    expect(text).not.toContain(await subjectOf(1));
  });
});

describe('a request on behalf of a person', () => {
  const asked = { act: 'suspend', basis: 'agent', fileReference: 'F-2' } as const;

  it('needs a second operator', async () => {
    const { at, logIn, subjectOf } = scene();
    await logIn(1);
    const taken = { ...asked, subjectId: await subjectOf(1), requestedBy: 'one' };
    const { requestId } = await requestOnBehalf(at(), taken);
    await expect(approveOnBehalf(at(), requestId, 'one')).rejects.toMatchObject({
      code: 'second-operator-needed',
    });
    expect((await listBehalf(at()))[0]!.value.approval).toBeUndefined();
    const approved = await approveOnBehalf(at(), requestId, 'two');
    expect(approved.approval).toEqual({ by: 'two', at: now });
    // The same operator may repeat the call, a third may not.
    expect(await approveOnBehalf(at(now + 5), requestId, 'two')).toEqual(approved);
    await expect(approveOnBehalf(at(), requestId, 'three')).rejects.toMatchObject({
      code: 'rights-request-not-found',
    });
  });

  it('of another id is not found', async () => {
    await expect(approveOnBehalf(scene().at(), 'unknown', 'two')).rejects.toMatchObject({
      code: 'rights-request-not-found',
    });
  });
});
