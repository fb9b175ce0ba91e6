import { describe, expect, it } from '@jest/globals';
import { findCertificatesByPpid, heldByPerson } from '../../lambdas/people/find-certificates.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { listFlags } from '../../lambdas/people/flags.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { actsOn, mergeSubjects, splitSubject } from '../../lambdas/people/operator-acts.ts';
import { peopleLimits } from '../../lambdas/people/limits.ts';
import { findOwner, readStanding, resealed } from '../../lambdas/people/records.ts';
import { resumeUse, suspendUse } from '../../lambdas/people/rights.ts';
import { a, b, certificate, linkageOf, now, portsWith } from './scene.ts';

const because = { operator: 'op_1', reason: 'two records, one person' };
const c = { serviceId: 'svc_c', sectorId: 'sec_c' };

async function twoPersons() {
  const here = portsWith();
  const logIn = (serial: number, service = a) => identifyPerson(certificate(serial), service, here);
  const first = await logIn(1, a);
  const second = await logIn(2, a);
  const subjectOf = async (ppid: string) => (await personOfPpid(here, 'svc_a', ppid))!.value;
  return { here, logIn, first, second, subjectOf };
}

describe('two subjects that an operator merges', () => {
  it('are one person with the PPID of the one that is kept, and both PPIDs find it', async () => {
    const { here, logIn, first, second, subjectOf } = await twoPersons();
    const [keep, absorb] = [await subjectOf(first), await subjectOf(second)].map(
      ({ subjectId }) => subjectId,
    ) as [string, string];
    const act = await mergeSubjects({ keep, absorb, ...because }, here);
    expect(act).toMatchObject({ kind: 'merge', services: ['svc_a'], at: now });
    expect([await logIn(1), await logIn(2)]).toEqual([first, first]);
    expect((await subjectOf(second)).subjectId).toBe(keep);
    const find = findCertificatesByPpid(here);
    expect(await find('svc_a', second)).toEqual([certificate(1), certificate(2)]);
    expect(await actsOn(here, await subjectOf(first))).toEqual([act]);
  });

  it.each([
    ['kept', 0],
    ['absorbed', 1],
  ])('stay suspended by the operator, who suspended the %s one', async (_, which) => {
    const { here, first, second, subjectOf } = await twoPersons();
    const ports = { ...here, deletionGraceMs: 0 };
    const subjects = [await subjectOf(first), await subjectOf(second)].map(
      ({ subjectId }) => subjectId,
    ) as [string, string];
    await suspendUse(ports, subjects[which]!, 'operator');
    await suspendUse(ports, subjects[1 - which]!, 'person');
    await mergeSubjects({ keep: subjects[0], absorb: subjects[1], ...because }, here);
    await expect(resumeUse(ports, subjects[0], 'person')).rejects.toMatchObject({
      code: 'rights-act-impossible',
    });
    expect((await resumeUse(ports, subjects[0], 'operator')).suspended).toBe(false);
  });

  it('stay suspended by the person, whose own suspension of the absorbed one it was', async () => {
    const { here, first, second, subjectOf } = await twoPersons();
    const ports = { ...here, deletionGraceMs: 0 };
    const [keep, absorb] = [await subjectOf(first), await subjectOf(second)].map(
      ({ subjectId }) => subjectId,
    ) as [string, string];
    await suspendUse(ports, absorb, 'person');
    await mergeSubjects({ keep, absorb, ...because }, here);
    expect((await resumeUse(ports, keep, 'person')).suspended).toBe(false);
  });

  it('keep the only PPID that a service knows, and tell that service nothing', async () => {
    const { here, logIn, first, second, subjectOf } = await twoPersons();
    const onlySecond = await logIn(2, b);
    const { subjectId: keep } = await subjectOf(first);
    const { subjectId: absorb } = await subjectOf(second);
    const { services } = await mergeSubjects({ keep, absorb, ...because }, here);
    expect(services).toEqual(['svc_a']);
    expect([await logIn(1, b), await logIn(2, b)]).toEqual([onlySecond, onlySecond]);
    expect(await logIn(1, c)).toBe(await logIn(2, c));
  });

  it('are one step from the person, however often records were merged before', async () => {
    const { here, logIn } = await twoPersons();
    const subjectOfCard = async (serial: number) =>
      (await findOwner(here, certificate(serial)))!.value.subjectId;
    const times = peopleLimits.merges + 3;
    for (let serial = 3; serial <= times; serial++) await logIn(serial);
    for (let serial = 1; serial < times; serial++) {
      const [absorb, keep] = [await subjectOfCard(serial), await subjectOfCard(serial + 1)];
      await mergeSubjects({ keep, absorb, ...because }, here);
    }
    const survivor = await subjectOfCard(times);
    for (let serial = 1; serial < times; serial++) {
      const { value } = (await readStanding(here, await subjectOfCard(serial)))!;
      expect(value.mergedInto).toBe(survivor);
    }
    expect(await logIn(1)).toBe(await logIn(times));
    expect((await readStanding(here, survivor))!.value.formerly).toHaveLength(times - 1);
  });

  it('are refused where the person would have more records than one act can rewrite', async () => {
    const { here, first, second, subjectOf } = await twoPersons();
    const [kept, absorbed] = [await subjectOf(first), await subjectOf(second)];
    const { record, token } = (await readStanding(here, absorbed.subjectId))!;
    const formerly = Array.from({ length: peopleLimits.mergedRecords }, (_, n) => `former ${n}`);
    const full = resealed(record, await here.keys.index(), { ...absorbed, formerly });
    await here.store.write([{ change: 'replace', record: full, was: token }]);
    const merge = { keep: kept.subjectId, absorb: absorbed.subjectId, ...because };
    await expect(mergeSubjects(merge, here)).rejects.toMatchObject({
      code: 'identity-act-impossible',
    });
  });

  it('are not merged twice', async () => {
    const { here, first, second, subjectOf } = await twoPersons();
    const { subjectId: keep } = await subjectOf(first);
    const { subjectId: absorb } = await subjectOf(second);
    await mergeSubjects({ keep, absorb, ...because }, here);
    for (const again of [
      { keep, absorb },
      { keep: absorb, absorb: keep },
      { keep, absorb: keep },
    ]) {
      await expect(mergeSubjects({ ...again, ...because }, here)).rejects.toMatchObject({
        code: 'identity-act-impossible',
      });
    }
  });
});

async function onePersonOfTwo() {
  const here = portsWith({ linkage: linkageOf({ 2: { beside: 1 } }) });
  const logIn = (serial: number, service = a) => identifyPerson(certificate(serial), service, here);
  const ppid = await logIn(1);
  await logIn(2);
  const person = (await personOfPpid(here, 'svc_a', ppid))!.value;
  const held = await heldByPerson(here, person);
  const nameOf = (serial: string) =>
    held.find(({ value }) => value.certificate.serial.endsWith(serial))!.key.sk;
  return { here, logIn, ppid, person, nameOf };
}

describe('one subject that an operator splits', () => {
  it('leaves every PPID with the one who stays; the other gets new ones', async () => {
    const { here, logIn, ppid, person, nameOf } = await onePersonOfTwo();
    const act = await splitSubject(
      { person: person.subjectId, held: [nameOf('2')], ...because },
      here,
    );
    expect(act).toMatchObject({ kind: 'split', services: ['svc_a'] });
    expect(await logIn(1)).toBe(ppid);
    const other = await logIn(2);
    expect(other).not.toBe(ppid);
    expect(await findCertificatesByPpid(here)('svc_a', ppid)).toEqual([certificate(1)]);
    expect(await findCertificatesByPpid(here)('svc_a', other)).toEqual([certificate(2)]);
  });

  it('keeps a certificate when two splits at once each leave only what the other takes', async () => {
    const { here, logIn, ppid, person, nameOf } = await onePersonOfTwo();
    const split = (serial: string) =>
      splitSubject({ person: person.subjectId, held: [nameOf(serial)], ...because }, here);
    const ended = await Promise.allSettled([split('1'), split('2')]);
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect([await logIn(1), await logIn(2)].filter((one) => one === ppid)).toHaveLength(1);
  });

  it('is not flagged again when the linkage service repeats its answer', async () => {
    const { here, logIn, person, nameOf } = await onePersonOfTwo();
    await splitSubject({ person: person.subjectId, held: [nameOf('2')], ...because }, here);
    await logIn(2, b);
    const open = (await listFlags(here)).filter(({ value }) => value.settled === undefined);
    expect(open).toEqual([]);
  });

  it.each([
    ['no certificate', () => []],
    ['every certificate', (nameOf: (serial: string) => string) => [nameOf('1'), nameOf('2')]],
    ['a certificate of nobody', () => ['H#1#x']],
  ])('is impossible with %s', async (_, chosen) => {
    const { here, logIn, ppid, person, nameOf } = await onePersonOfTwo();
    const split = splitSubject(
      { person: person.subjectId, held: chosen(nameOf), ...because },
      here,
    );
    await expect(split).rejects.toMatchObject({ code: 'identity-act-impossible' });
    expect([await logIn(1), await logIn(2)]).toEqual([ppid, ppid]);
  });
});

describe('a linkage service that contradicts the records', () => {
  it('is flagged once and not merged automatically', async () => {
    const renewals: Record<number, number> = {};
    const here = portsWith({ linkage: linkageOf(renewals) });
    const old = await identifyPerson(certificate(1), a, here);
    const young = await identifyPerson(certificate(2), a, here);
    renewals[2] = 1;
    await identifyPerson(certificate(2), b, here);
    await identifyPerson(certificate(2), c, here);
    const flags = await listFlags(here);
    expect(flags.map(({ value }) => value)).toEqual([
      expect.objectContaining({ kind: 'predecessor-of-another-subject', seenAt: now }),
    ]);
    expect(await identifyPerson(certificate(1), a, here)).toBe(old);
    expect(await identifyPerson(certificate(2), a, here)).toBe(young);
    expect(young).not.toBe(old);
  });

  it('files nothing: the old card stays current, and the card between is not filed under the new one', async () => {
    const renewals: Record<number, number> = {};
    const here = portsWith({ linkage: linkageOf(renewals) });
    const old = await identifyPerson(certificate(1), a, here);
    const young = await identifyPerson(certificate(2), a, here);
    Object.assign(renewals, { 2: 3, 3: 1 });
    await identifyPerson(certificate(2), b, here);
    const find = findCertificatesByPpid(here);
    expect(await find('svc_a', old)).toEqual([certificate(1)]);
    expect(await find('svc_a', young)).toEqual([certificate(2)]);
    expect(await identifyPerson(certificate(3), a, here)).toBe(old);
  });
});

describe('a linkage service that agrees with the records', () => {
  it('is not flagged when a renewed card logs in at another service', async () => {
    const here = portsWith({ linkage: linkageOf({ 2: 1 }) });
    const ppid = await identifyPerson(certificate(1), a, here);
    expect(await identifyPerson(certificate(2), a, here)).toBe(ppid);
    await identifyPerson(certificate(2), b, here);
    expect(await listFlags(here)).toEqual([]);
  });
});
