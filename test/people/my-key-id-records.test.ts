import { describe, expect, it } from '@jest/globals';
import { discloseTo } from '../../lambdas/people/disclosure.ts';
import { sweepDeletions } from '../../lambdas/people/erase-person.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import type { RecordChange } from '../../lambdas/people/identity-store.ts';
import { peopleLimits } from '../../lambdas/people/limits.ts';
import { readMyKeyId } from '../../lambdas/people/my-key-id.ts';
import {
  issueMyKeyId,
  personOfMyKeyId,
  revokeMyKeyId,
} from '../../lambdas/people/my-key-id-records.ts';
import { mergeSubjects } from '../../lambdas/people/operator-acts.ts';
import { findOwner, readStanding } from '../../lambdas/people/records.ts';
import { reseal } from '../../lambdas/people/reseal.ts';
import { requestDeletion } from '../../lambdas/people/rights.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, certificate, now, portsWith } from './scene.ts';

async function scene() {
  const store = memoryIdentityStore();
  const people = { ...portsWith({ store }), deletionGraceMs: 0 };
  const person = async (serial: number) => {
    await identifyPerson(certificate(serial), a, people);
    return (await findOwner(people, certificate(serial)))!.value.subjectId;
  };
  const issue = (subject: string, choice?: string) =>
    issueMyKeyId(people, subject, certificate(1), choice);
  return { store, people, person, one: await person(1), another: await person(2), issue };
}

describe('a My Key ID', () => {
  it('is issued once, whole, and leads to its person', async () => {
    const { people, one, issue } = await scene();
    const issued = await issue(one);
    expect(readMyKeyId(issued.myKeyId)).toEqual({ myKeyId: issued.myKeyId });
    expect(issued.certificate.serial).toBe('00000001');
    expect(await issue(one, 'ABC2345')).toEqual(issued);
    expect((await personOfMyKeyId(people, issued.myKeyId))!.value.subjectId).toBe(one);
  });

  it('can be chosen, if nobody had it', async () => {
    const { one, another, issue } = await scene();
    expect((await issue(one, 'abc2345')).myKeyId).toMatch(/^ABC2345.$/);
    await expect(issue(another, 'ABC2345')).rejects.toMatchObject({ code: 'my-key-id-taken' });
  });

  it('is one when two calls issue at the same time', async () => {
    const { one, issue } = await scene();
    const both = await Promise.all([issue(one), issue(one)]);
    expect(both[0]).toEqual(both[1]);
  });

  it('goes to one of two who choose the same at the same time', async () => {
    const { one, another, issue } = await scene();
    const both = await Promise.allSettled([issue(one, 'ABC2345'), issue(another, 'ABC2345')]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('leads nowhere once revoked, is replaced by another, and is never issued again', async () => {
    const { people, one, another, issue } = await scene();
    const first = await issue(one, 'ABC2345');
    expect((await revokeMyKeyId(people, one)).revokedAt).toBe(now);
    await expect(revokeMyKeyId(people, one)).rejects.toMatchObject({
      code: 'my-key-id-not-found',
    });
    expect(await personOfMyKeyId(people, first.myKeyId)).toBeUndefined();
    for (const person of [one, another])
      await expect(issue(person, 'ABC2345')).rejects.toMatchObject({ code: 'my-key-id-taken' });
    const second = await issue(one);
    expect(second.myKeyId).not.toBe(first.myKeyId);
    const { value } = (await readStanding(people, one))!;
    expect((await discloseTo(people, value)).myKeyIds.map(({ myKeyId }) => myKeyId)).toEqual([
      first.myKeyId,
      second.myKeyId,
    ]);
  });

  it('stays with the person of two records that are merged', async () => {
    const { people, one, another, issue } = await scene();
    const { myKeyId } = await issue(another);
    await mergeSubjects({ keep: one, absorb: another, operator: 'o', reason: 'r' }, people);
    expect((await personOfMyKeyId(people, myKeyId))!.value.subjectId).toBe(one);
  });

  it('is not issued a second time to a person whose absorbed record has one', async () => {
    const { people, one, another, issue } = await scene();
    const { myKeyId } = await issue(another);
    await mergeSubjects({ keep: one, absorb: another, operator: 'o', reason: 'r' }, people);
    expect((await issue(one)).myKeyId).toBe(myKeyId);
  });

  it('is revoked with those of more merged records than one transaction holds', async () => {
    const { people, person, one, issue } = await scene();
    const own = await issue(one);
    const all = [own.myKeyId];
    for (let serial = 3; all.length * 2 <= peopleLimits.changesPerWrite; serial++) {
      const absorb = await person(serial);
      all.push((await issue(absorb)).myKeyId);
      await mergeSubjects({ keep: one, absorb, operator: 'o', reason: 'r' }, people);
    }
    expect(await revokeMyKeyId(people, one)).toEqual({ ...own, revokedAt: now });
    for (const myKeyId of all) expect(await personOfMyKeyId(people, myKeyId)).toBeUndefined();
    await expect(revokeMyKeyId(people, one)).rejects.toMatchObject({ code: 'my-key-id-not-found' });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('killed')), 'killed'],
    ['loses a race', () => Promise.resolve(false), undefined],
  ] as const)(
    'of merged records stays in force until the others’ are revoked, where a write %s',
    async (_, lostWrite, failure) => {
      const { people, store, one, another, issue } = await scene();
      const [own, absorbed] = [await issue(one), await issue(another)];
      await mergeSubjects({ keep: one, absorb: another, operator: 'o', reason: 'r' }, people);
      let writes = 0;
      const inForce: boolean[] = [];
      const failing = {
        ...store,
        write: async (changes: readonly RecordChange[]) => {
          inForce.push((await personOfMyKeyId(people, own.myKeyId)) !== undefined);
          return writes++ === 0 ? lostWrite() : store.write(changes);
        },
      };
      const revoking = revokeMyKeyId({ ...people, store: failing }, one);
      if (failure === undefined) await revoking;
      else await expect(revoking).rejects.toThrow(failure);
      if (failure !== undefined)
        expect(await revokeMyKeyId(people, one)).toMatchObject({ myKeyId: own.myKeyId });
      expect(new Set(inForce)).toEqual(new Set([true]));
      for (const { myKeyId } of [own, absorbed])
        expect(await personOfMyKeyId(people, myKeyId)).toBeUndefined();
    },
  );

  it('of two that a merge brought together both lead to the person, and both are revoked', async () => {
    const { people, one, another, issue } = await scene();
    const [own, absorbed] = [await issue(one), await issue(another)];
    await mergeSubjects({ keep: one, absorb: another, operator: 'o', reason: 'r' }, people);
    for (const { myKeyId } of [own, absorbed])
      expect((await personOfMyKeyId(people, myKeyId))!.value.subjectId).toBe(one);
    expect((await issue(one)).myKeyId).toBe(own.myKeyId);
    expect(await revokeMyKeyId(people, one)).toMatchObject({
      myKeyId: own.myKeyId,
      revokedAt: now,
    });
    for (const { myKeyId } of [own, absorbed]) {
      expect(await personOfMyKeyId(people, myKeyId)).toBeUndefined();
      await expect(issue(one, myKeyId.slice(0, 7))).rejects.toMatchObject({
        code: 'my-key-id-taken',
      });
    }
    const { value } = (await readStanding(people, one))!;
    const { myKeyIds } = await discloseTo(people, value);
    expect(myKeyIds.map(({ revokedAt }) => revokedAt)).toEqual([now, now]);
  });

  it('is found under a new key version, before and after re-sealing, revoked or not', async () => {
    const { store, people, one, another, issue } = await scene();
    const [kept, gone] = [await issue(one), await issue(another, 'ABC2345')];
    await revokeMyKeyId(people, another);
    const later = { ...people, keys: labelledKeys(2) };
    expect((await personOfMyKeyId(later, kept.myKeyId))!.value.subjectId).toBe(one);
    await reseal(undefined, { ...later, store, timeIsUp: () => false });
    const only = { ...later, keys: { ...later.keys, versions: [2] } };
    expect((await personOfMyKeyId(only, kept.myKeyId))!.value.subjectId).toBe(one);
    await expect(
      issueMyKeyId(only, one, certificate(1), gone.myKeyId.slice(0, 7)).then(() =>
        revokeMyKeyId(only, one).then(() =>
          issueMyKeyId(only, one, certificate(1), gone.myKeyId.slice(0, 7)),
        ),
      ),
    ).rejects.toMatchObject({ code: 'my-key-id-taken' });
  });

  it('of a deleted person identifies nobody, and is never issued again', async () => {
    const { store, people, one, another, issue } = await scene();
    const { myKeyId } = await issue(one, 'ABC2345');
    await requestDeletion(people, one);
    await sweepDeletions({ ...people, timeIsUp: () => false });
    expect(await personOfMyKeyId(people, myKeyId)).toBeUndefined();
    await expect(issue(another, 'ABC2345')).rejects.toMatchObject({ code: 'my-key-id-taken' });
    expect([...store.records.values()].filter(({ sk }) => sk === 'M')).toHaveLength(1);
  });

  it('is in no record in the clear', async () => {
    const { store, one, issue } = await scene();
    const { myKeyId } = await issue(one);
    const clear = [...store.records.values()].map(({ pk, sk, sealed }) =>
      [pk, sk, Buffer.from(sealed).toString('latin1')].join(),
    );
    expect(clear.join()).not.toContain(myKeyId);
  });
});
