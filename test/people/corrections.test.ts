import { describe, expect, it } from '@jest/globals';
import { deliverAnnouncements } from '../../lambdas/people/announcements.ts';
import { listBehalf, requestOnBehalf } from '../../lambdas/people/behalf.ts';
import {
  approveOutcome,
  listCorrections,
  proposeOutcome,
  requestCorrection,
  type CorrectionOutcome,
  type CorrectionWish,
} from '../../lambdas/people/corrections.ts';
import { discloseTo } from '../../lambdas/people/disclosure.ts';
import { sweepDeletions } from '../../lambdas/people/erase-person.ts';
import { readFeed } from '../../lambdas/people/feed.ts';
import { listFlags, readFlag } from '../../lambdas/people/flags.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { announcementShards } from '../../lambdas/people/layout.ts';
import { peopleLimits } from '../../lambdas/people/limits.ts';
import { mergeSubjects, splitSubject } from '../../lambdas/people/operator-acts.ts';
import { allProposals } from '../../lambdas/people/proposed-acts.ts';
import { findOwner, listHeld, readStanding } from '../../lambdas/people/records.ts';
import { reseal } from '../../lambdas/people/reseal.ts';
import { requestDeletion } from '../../lambdas/people/rights.ts';
import { sweepExpired } from '../../lambdas/people/sweep-expired.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, linkageOf, now, portsWith, retention } from './scene.ts';

const day = 86_400_000;

/** A person with certificates 1 and 2 at both services; another with certificate 5 at the first. */
async function scene() {
  const store = memoryIdentityStore();
  const people = portsWith({ store, linkage: linkageOf({ 2: 1 }) });
  const at = (time = now) => ({ ...people, now: time, deletionGraceMs: 14 * day, retention });
  for (const [serial, service] of [
    [1, a],
    [1, b],
    [2, a],
    [5, a],
  ] as const)
    await identifyPerson(certificate(serial), service, people);
  const subjectOf = async (serial: number) =>
    (await findOwner(people, certificate(serial)))!.value.subjectId;
  const person = await subjectOf(1);
  const ask = (wish: CorrectionWish, time?: number) =>
    requestCorrection(at(time), person, wish, 'person');
  const propose = (requestId: string, outcome: CorrectionOutcome, time?: number) =>
    proposeOutcome(at(time), requestId, { outcome, reason: 'because', operator: 'one' });
  const disclosed = async () =>
    (await discloseTo(at(), (await readStanding(people, person))!.value)).corrections;
  const told = async (service = a) => {
    const ports = at(now + day);
    for (let shard = 0; shard < announcementShards; shard++)
      await deliverAnnouncements({ ...at(), timeIsUp: () => false }, shard);
    const page = await readFeed(ports, service.serviceId, { after: undefined, limit: 50 });
    return page.events.filter(({ type }) => type === 'person.correction-requested');
  };
  return { store, people, at, person, subjectOf, ask, propose, disclosed, told };
}

const userNumber = { about: 'user-number', serviceId: a.serviceId } as const;

describe('a request for correction', () => {
  it('waits in the list and shows in the disclosure until two operators have decided', async () => {
    const { at, ask, propose, disclosed } = await scene();
    const { requestId } = await ask({ ...userNumber, statement: 'Not my library card' });
    expect(await disclosed()).toEqual([
      {
        requestId,
        ...userNumber,
        statement: 'Not my library card',
        by: 'person',
        requestedAt: now,
      },
    ]);
    await propose(requestId, 'refused', now + day);
    expect((await listCorrections(at(), { limit: 9 })).corrections).toMatchObject([
      { requestId, proposal: { outcome: 'refused', operator: 'one' } },
    ]);
    // What one operator proposes alone, the person does not see.
    expect((await disclosed())[0]).not.toHaveProperty('outcome');
    await approveOutcome(at(now + 2 * day), requestId, 'two');
    expect((await disclosed())[0]).toMatchObject({
      outcome: { outcome: 'refused', reason: 'because', at: now + 2 * day },
    });
    expect((await listCorrections(at(), { limit: 9 })).corrections).toEqual([]);
    await expect(approveOutcome(at(), requestId, 'two')).rejects.toMatchObject({
      code: 'rights-request-not-found',
    });
  });

  it('is passed to the one service that recorded it, and to no other', async () => {
    const { at, ask, propose, told } = await scene();
    const { requestId } = await ask(userNumber);
    await propose(requestId, 'passed-to-service');
    expect(await told()).toEqual([]);
    await approveOutcome(at(), requestId, 'two');
    const ppid = await identifyPerson(certificate(1), a, at());
    expect(await told()).toMatchObject([{ ppid, reason: 'user-number', source: 'operator' }]);
    expect(await told(b)).toEqual([]);
  });

  it('is not decided by the operator who proposed, nor where nothing is proposed', async () => {
    const { at, ask, propose, disclosed } = await scene();
    const { requestId } = await ask({ about: 'other' });
    await expect(approveOutcome(at(), requestId, 'two')).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
    await propose(requestId, 'corrected');
    await expect(approveOutcome(at(), requestId, 'one')).rejects.toMatchObject({
      code: 'second-operator-needed',
    });
    expect((await disclosed())[0]).not.toHaveProperty('outcome');
  });

  it.each([
    ['a user number', userNumber, 'corrected'],
    ['a consent', { about: 'consent', serviceId: b.serviceId }, 'corrected'],
    ['anything else', { about: 'other' }, 'passed-to-service'],
  ] as const)('about %s does not end as %s', async (_, wish, outcome) => {
    const { ask, propose } = await scene();
    const { requestId } = await ask(wish);
    await expect(propose(requestId, outcome)).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
  });

  it('about a record of two persons is corrected by a split only, through its flag', async () => {
    const { people, at, person, subjectOf, ask, propose } = await scene();
    const { requestId, flagId } = await ask({ about: 'record-of-two-persons' });
    // Another act on the record, however late, corrects nothing.
    const merge = { keep: person, absorb: await subjectOf(5), operator: 'o', reason: 'r' };
    await mergeSubjects(merge, at(now + 1));
    expect((await readFlag(people, flagId!)).value).toMatchObject({
      kind: 'reported-as-two-persons',
      subjects: [person],
    });
    await expect(propose(requestId, 'corrected')).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
    const [held] = await listHeld(people, person);
    const split = { person, held: [held!.key.sk], operator: 'one', reason: 'two', flagId: flagId! };
    await splitSubject(split, at(now + 1));
    await propose(requestId, 'corrected', now + 2);
    expect(await approveOutcome(at(now + 3), requestId, 'two')).toMatchObject({
      decided: { approvedBy: 'two' },
    });
  });

  it('is refused for a service that does not know the person, or without one', async () => {
    const { at, ask, subjectOf } = await scene();
    const other = await subjectOf(5);
    const wish = { about: 'consent', serviceId: b.serviceId } as const;
    await expect(requestCorrection(at(), other, wish, 'person')).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
    await expect(ask({ about: 'user-number' })).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
  });

  it('has a bound for each person, and a decided one makes room', async () => {
    const { at, ask, propose } = await scene();
    const ids: string[] = [];
    for (let n = 0; n < peopleLimits.openCorrections; n++)
      ids.push((await ask({ about: 'other' })).requestId);
    await expect(ask({ about: 'other' })).rejects.toMatchObject({ code: 'rights-act-impossible' });
    await propose(ids[0]!, 'refused');
    await approveOutcome(at(), ids[0]!, 'two');
    await expect(ask({ about: 'other' })).resolves.toMatchObject({ about: 'other' });
  });

  it('is listed in pages, each once', async () => {
    const { at, ask } = await scene();
    const ids = [];
    for (let n = 0; n < 5; n++) ids.push((await ask({ about: 'other' })).requestId);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await listCorrections(at(), { after, limit: 2 });
      seen.push(...page.corrections.map(({ requestId }) => requestId));
      after = page.next;
    } while (after !== undefined);
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('of a record that is merged into another shows there, and can be decided', async () => {
    const { people, at, person, subjectOf, ask, propose } = await scene();
    const { requestId } = await ask(userNumber);
    const keep = await subjectOf(5);
    await mergeSubjects({ keep, absorb: person, operator: 'o', reason: 'r' }, at());
    await propose(requestId, 'refused');
    await approveOutcome(at(), requestId, 'two');
    const { value } = (await readStanding(people, keep))!;
    expect((await discloseTo(at(), value)).corrections).toMatchObject([
      { requestId, outcome: { outcome: 'refused' } },
    ]);
  });

  it('is found, decided and disclosed after the keys were changed and re-sealed', async () => {
    const { store, at, person, ask, propose } = await scene();
    const [open, decided] = [await ask(userNumber), await ask({ about: 'other' })];
    await propose(decided.requestId, 'refused');
    await approveOutcome(at(), decided.requestId, 'two');
    const keys = labelledKeys(2);
    await reseal(undefined, { ...at(), store, keys, timeIsUp: () => false });
    const only = { ...at(), keys: { ...keys, versions: [2] } };
    const outcome = { outcome: 'refused', reason: 'because', operator: 'one' } as const;
    await proposeOutcome(only, open.requestId, outcome);
    await approveOutcome(only, open.requestId, 'two');
    const { value } = (await readStanding(only, person))!;
    const { corrections } = await discloseTo(only, value);
    expect(corrections).toMatchObject([{ outcome: { outcome: 'refused' } }, { outcome: {} }]);
    const kept = [...store.records.values()].filter(({ sk }) => sk.startsWith('G#'));
    expect(kept.every(({ expiresAt }) => expiresAt !== undefined)).toBe(true);
  });

  it('goes with the person’s deletion: from the record, the list and the flags', async () => {
    const { people, at, person, ask } = await scene();
    await ask({ about: 'record-of-two-persons' });
    await requestDeletion(at(), person);
    await sweepDeletions({ ...at(now + 15 * day), timeIsUp: () => false });
    expect((await listCorrections(at(), { limit: 9 })).corrections).toEqual([]);
    expect(await listFlags(people)).toEqual([]);
    const left = [...people.store.records.values()].filter(({ sk }) => sk.startsWith('G#'));
    expect(left).toEqual([]);
  });

  it('hinders no deletion, however many were decided', async () => {
    const { people, at, person, ask, propose } = await scene();
    for (let asked = 0; asked <= peopleLimits.changesPerWrite; asked++) {
      const { requestId } = await ask({ about: 'other' });
      await propose(requestId, 'refused');
      await approveOutcome(at(), requestId, 'two');
    }
    await requestDeletion(at(), person);
    await sweepDeletions({ ...at(now + 15 * day), timeIsUp: () => false });
    expect(await readStanding(people, person)).toBeUndefined();
  });
});

describe('periods that the deployment sets', () => {
  it('become the expiry of a decided request, rounded up to a day', async () => {
    const { store, at, ask, propose } = await scene();
    const { requestId } = await ask(userNumber);
    const places = () =>
      [...store.records.values()].filter(({ pk, sk }) => pk !== 'G' && sk.startsWith('G#'));
    expect(places()[0]).not.toHaveProperty('expiresAt');
    await propose(requestId, 'refused');
    await approveOutcome(at(now + 1), requestId, 'two');
    expect(places()[0]!.expiresAt).toBe((now + day + retention.decidedRequestsMs) / 1_000);
  });

  it('become the expiry of a request on behalf, later once it is approved', async () => {
    const { at, person } = await scene();
    await requestOnBehalf(at(now + 1), onBehalf(person));
    const [open] = await listBehalf(at());
    expect(open!.record.expiresAt).toBe((now + day + retention.openRequestsMs) / 1_000);
  });

  it('shortened later, delete earlier requests in the next night; and no younger ones', async () => {
    const { at, person } = await scene();
    await requestOnBehalf(at(now), onBehalf(person));
    await requestOnBehalf(at(now + 5 * day), onBehalf(person));
    const sweep = (time: number, openRequestsMs: number, isUp = false) =>
      sweepExpired({
        ...at(time),
        timeIsUp: () => isUp,
        retention: { ...retention, openRequestsMs },
      });
    const time = now + 10 * day;
    expect(await sweep(time, retention.openRequestsMs)).toMatchObject({ requests: 0 });
    expect(await sweep(time, 7 * day, true)).toMatchObject({ requests: 0 });
    expect(await sweep(time, 7 * day)).toMatchObject({ requests: 1 });
    expect(await listBehalf(at())).toMatchObject([{ value: { requestedAt: now + 5 * day } }]);
  });

  it('leave no place in the list whose request is gone', async () => {
    const { store, at, ask } = await scene();
    const { requestId } = await ask({ about: 'other' });
    await ask({ about: 'other' });
    const record = [...store.records.values()].find(
      ({ pk, sk }) => pk !== 'G' && sk === `G#${requestId}`,
    )!;
    await store.write([{ change: 'delete', key: record, was: record.token }]);
    const none = { requests: 0, proposals: 0, orphans: 0 };
    expect(await sweepExpired({ ...at(), timeIsUp: () => true })).toEqual(none);
    const swept = await sweepExpired({ ...at(), timeIsUp: () => false });
    expect(swept).toEqual({ ...none, orphans: 1 });
    expect((await listCorrections(at(), { limit: 9 })).corrections).toHaveLength(1);
    expect(await allProposals(at())).toEqual([]);
  });
});

const onBehalf = (subjectId: string) =>
  ({
    act: 'suspend',
    subjectId,
    basis: 'agent',
    fileReference: 'File A',
    requestedBy: 'one',
  }) as const;
