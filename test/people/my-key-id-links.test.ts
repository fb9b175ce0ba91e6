import { describe, expect, it } from '@jest/globals';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import {
  exportMyKeyIdLinks,
  findMyKeyIdLink,
  holdsMyKeyId,
  linkMyKeyId,
  removeMyKeyIdLink,
} from '../../lambdas/people/my-key-id-links.ts';
import { issueMyKeyId, revokeMyKeyId } from '../../lambdas/people/my-key-id-records.ts';
import { mergeSubjects } from '../../lambdas/people/operator-acts.ts';
import { peopleLimits } from '../../lambdas/people/limits.ts';
import {
  userNumberPartition,
  userNumberPrefix,
  userNumberShards,
} from '../../lambdas/people/layout.ts';
import { findOwner } from '../../lambdas/people/records.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, portsWith } from './scene.ts';

async function scene() {
  const people = portsWith({ store: memoryIdentityStore() });
  const library = a.serviceId;
  const person = async (serial: number, at = a) => {
    await identifyPerson(certificate(serial), at, people);
    const subjectId = (await findOwner(people, certificate(serial)))!.value.subjectId;
    const { myKeyId } = await issueMyKeyId(people, subjectId, certificate(serial));
    return { subjectId, myKeyId };
  };
  return {
    people,
    library,
    person,
    one: await person(1),
    other: await person(2),
    link: (myKeyId: string, userNumber: string, replace = false) =>
      linkMyKeyId(people, library, { myKeyId, userNumber, replace }),
    find: (by: { myKeyId: string } | { userNumber: string }) =>
      findMyKeyIdLink(people, library, by),
  };
}

const notFound = { code: 'my-key-id-not-found' };

describe('a link of My Key ID and library user number', () => {
  it('is found from both sides', async () => {
    const { one, link, find } = await scene();
    const { outcome, link: made } = await link(one.myKeyId, 'L-1');
    expect(outcome).toBe('linked');
    expect(await find({ myKeyId: one.myKeyId })).toEqual(made);
    expect(await find({ userNumber: 'L-1' })).toEqual(made);
    expect((await link(one.myKeyId, 'L-1')).outcome).toBe('unchanged');
  });

  it('is unique both ways within the library, also at the same moment', async () => {
    const { one, other, link, find } = await scene();
    const both = await Promise.allSettled([link(one.myKeyId, 'L-1'), link(other.myKeyId, 'L-1')]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { myKeyId } = await find({ userNumber: 'L-1' });
    const loser = myKeyId === one.myKeyId ? other : one;
    await expect(link(loser.myKeyId, 'L-1')).rejects.toMatchObject({ code: 'user-number-taken' });
    await expect(link(myKeyId, 'L-2')).rejects.toMatchObject({ code: 'person-already-linked' });
    expect((await link(loser.myKeyId, 'L-1', true)).outcome).toBe('replaced');
    await expect(find({ myKeyId })).rejects.toMatchObject({ code: 'link-not-found' });
  });

  it('ends with the My Key ID, and comes back with the person’s next one', async () => {
    const { people, one, link, find } = await scene();
    await link(one.myKeyId, 'L-1');
    expect(await holdsMyKeyId(people, certificate(1))).toBe(true);
    await revokeMyKeyId(people, one.subjectId);
    expect(await holdsMyKeyId(people, certificate(1))).toBe(false);
    for (const side of [{ myKeyId: one.myKeyId }, { userNumber: 'L-1' }])
      await expect(find(side)).rejects.toMatchObject(notFound);
    const { myKeyId } = await issueMyKeyId(people, one.subjectId, certificate(1));
    expect(await find({ userNumber: 'L-1' })).toMatchObject({ myKeyId });
  });

  it('is removed by number, also of a person without My Key ID, and frees it', async () => {
    const { people, library, one, other, link } = await scene();
    await link(one.myKeyId, 'L-1');
    await revokeMyKeyId(people, one.subjectId);
    expect(await removeMyKeyIdLink(people, library, { userNumber: 'L-1' })).toBe('L-1');
    expect((await link(other.myKeyId, 'L-1')).outcome).toBe('linked');
  });

  it('cannot be made for a person whose card this library never read', async () => {
    const { person, link } = await scene();
    const elsewhere = await person(3, b);
    await expect(link(elsewhere.myKeyId, 'L-3')).rejects.toMatchObject(notFound);
    await expect(link('2345678K', 'L-3')).rejects.toMatchObject(notFound);
  });

  it('stays with the person when records are merged', async () => {
    const { people, one, other, link, find } = await scene();
    await link(one.myKeyId, 'L-1');
    await revokeMyKeyId(people, one.subjectId);
    const act = { keep: one.subjectId, absorb: other.subjectId, operator: 'o', reason: 'r' };
    await mergeSubjects(act, people);
    expect(await holdsMyKeyId(people, certificate(1))).toBe(true);
    const { myKeyId } = other;
    expect(await find({ myKeyId })).toMatchObject({ userNumber: 'L-1' });
    expect(await find({ userNumber: 'L-1' })).toMatchObject({ myKeyId });
  });
});

describe('a page of an export', () => {
  it('has every link, also where it has more than are looked up at once', async () => {
    const { people, library, person, link } = await scene();
    const numbers = Array.from({ length: peopleLimits.exportedAtOnce + 2 }, (_, n) => `L-${n}`);
    for (const [n, number] of numbers.entries()) await link((await person(n + 10)).myKeyId, number);
    const key = await people.keys.service(library);
    const shards = await Promise.all(
      [...Array(userNumberShards).keys()].map((shard) =>
        people.store.list(userNumberPartition(key, shard), userNumberPrefix),
      ),
    );
    const onePage = { ...people, store: { ...people.store, list: async () => shards.flat() } };
    const { links } = await exportMyKeyIdLinks(onePage, library, 0);
    expect(links.map(({ userNumber }) => userNumber).toSorted()).toEqual(numbers.toSorted());
  });
});
