import { describe, expect, it } from '@jest/globals';
import {
  announceOnce,
  announcing,
  deliverAnnouncements,
  tellServices,
} from '../../lambdas/people/announcements.ts';
import { readFeed } from '../../lambdas/people/feed.ts';
import { heldByPerson } from '../../lambdas/people/find-certificates.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { identifyPerson, type PersonPorts } from '../../lambdas/people/identify-person.ts';
import type { IdentityRange, IdentityStore } from '../../lambdas/people/identity-store.ts';
import { announcementShards } from '../../lambdas/people/layout.ts';
import { mergeSubjects, splitSubject } from '../../lambdas/people/operator-acts.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, linkageOf, now, portsWith } from './scene.ts';

const hour = 3_600_000;
const because = { operator: 'op_1', reason: 'r' };

/** Delivers what is announced, and reads what a service is told. */
function watching(ports: PersonPorts & { readonly store: IdentityStore & IdentityRange }) {
  const deliver = async () => {
    let count = 0;
    for (let shard = 0; shard < announcementShards; shard++) {
      const delivery = { ...ports, timeIsUp: () => false };
      count += (await deliverAnnouncements(delivery, shard)).announcements;
    }
    return count;
  };
  const told = async (serviceId: string) =>
    (
      await readFeed({ ...ports, now: now + hour }, serviceId, { after: undefined, limit: 100 })
    ).events.map(({ type, ppid, formerPpid }) => [type, ppid, ...(formerPpid ? [formerPpid] : [])]);
  return { deliver, told };
}

async function scene() {
  const store = memoryIdentityStore();
  const ports = portsWith({ store });
  const anna = {
    a: await identifyPerson(certificate(1), a, ports),
    b: await identifyPerson(certificate(1), b, ports),
  };
  const ben = { a: await identifyPerson(certificate(2), a, ports) };
  const standing = async (ppid: string) => (await personOfPpid(ports, 'svc_a', ppid))!.value;
  const { deliver, told } = watching({ ...ports, store });
  return { store, ports, anna, ben, standing, deliver, told };
}

const suspended = { type: 'person.suspended', at: now, source: 'person', cause: 'act 1' } as const;

describe('an announcement', () => {
  it('reaches every service that knows the person, by its own PPID, and no other', async () => {
    const { ports, anna, standing, deliver, told } = await scene();
    const { subjectId } = await standing(anna.a);
    await ports.store.write([await announcing({ ...suspended, subjectId }, ports)]);
    expect(await told('svc_a')).toEqual([]);
    expect(await deliver()).toBe(1);
    expect(await deliver()).toBe(0);
    expect(await told('svc_a')).toEqual([['person.suspended', anna.a]]);
    expect(await told('svc_b')).toEqual([['person.suspended', anna.b]]);
    expect(await told('svc_c')).toEqual([]);
  });

  it('is delivered once although the delivery was killed at any of its writes', async () => {
    for (let survives = 0, died = true; died; survives++) {
      const { store, ports, anna, standing, deliver, told } = await scene();
      const { subjectId } = await standing(anna.a);
      await ports.store.write([await announcing({ ...suspended, subjectId }, ports)]);
      const write = store.write.bind(store);
      let left = survives;
      store.write = async (changes) => {
        if (left-- > 0) return write(changes);
        await write(changes);
        throw new Error('killed');
      };
      died = await deliver().then(
        () => false,
        () => true,
      );
      store.write = write;
      await deliver();
      expect(await told('svc_a')).toEqual([['person.suspended', anna.a]]);
      expect(await told('svc_b')).toEqual([['person.suspended', anna.b]]);
      if (!died) expect(survives).toBe(3);
    }
  });

  it('of the same cause is kept once while it waits', async () => {
    const { ports, store, anna, standing, deliver, told } = await scene();
    const { subjectId } = await standing(anna.a);
    const before = store.records.size;
    for (let times = 0; times < 3; times++) await announceOnce({ ...suspended, subjectId }, ports);
    expect(store.records.size).toBe(before + 1);
    expect(await deliver()).toBe(1);
    await announceOnce({ ...suspended, subjectId }, ports);
    await deliver();
    expect(await told('svc_a')).toHaveLength(1);
  });

  it('of a merge tells the services that knew both, with the current and the former PPID', async () => {
    const { ports, anna, ben, standing, deliver, told } = await scene();
    const [keep, absorb] = [await standing(ben.a), await standing(anna.a)];
    await mergeSubjects({ keep: keep.subjectId, absorb: absorb.subjectId, ...because }, ports);
    await deliver();
    expect(await told('svc_a')).toEqual([['person.ppid-replaced', ben.a, anna.a]]);
    expect(await told('svc_b')).toEqual([]);
  });

  it('of a merge speaks of its two records only, though another is absorbed before it is delivered', async () => {
    const { ports, anna, ben, standing, deliver, told } = await scene();
    const carl = await identifyPerson(certificate(3), b, ports);
    const keep = (await standing(ben.a)).subjectId;
    const absorb = (await standing(anna.a)).subjectId;
    await mergeSubjects({ keep, absorb, ...because }, ports);
    const third = (await personOfPpid(ports, b.serviceId, carl))!.value.subjectId;
    await mergeSubjects({ keep, absorb: third, ...because }, ports);
    await deliver();
    expect(await told('svc_a')).toEqual([['person.ppid-replaced', ben.a, anna.a]]);
    expect(await told('svc_b')).toEqual([['person.ppid-replaced', anna.b, carl]]);
  });

  it('of a merge tells a service at which a first login went on beside it', async () => {
    const { store, ports, ben, standing, deliver, told } = await scene();
    const carl = await identifyPerson(certificate(3), b, ports);
    const keep = (await standing(ben.a)).subjectId;
    const absorb = (await personOfPpid(ports, b.serviceId, carl))!.value.subjectId;
    const write = store.write.bind(store);
    let first = '';
    store.write = async (changes) => {
      store.write = write;
      first = await identifyPerson(certificate(2), b, ports);
      return write(changes);
    };
    await mergeSubjects({ keep, absorb, ...because }, ports);
    await deliver();
    expect(await told('svc_b')).toEqual([['person.ppid-replaced', first, carl]]);
  });

  it('of a split reaches every service that knew the record, and none about the person who leaves', async () => {
    const store = memoryIdentityStore();
    const ports = portsWith({ store, linkage: linkageOf({ 2: { beside: 1 } }) });
    const logIn = (serial: number, service = a) =>
      identifyPerson(certificate(serial), service, ports);
    const ppids = [await logIn(1), await logIn(1, b)];
    await logIn(2);
    const person = (await personOfPpid(ports, 'svc_a', ppids[0]!))!.value;
    const phone = (await heldByPerson(ports, person)).find(
      ({ value }) => value.certificate.serial === '00000002',
    )!;
    await splitSubject({ person: person.subjectId, held: [phone.key.sk], ...because }, ports);
    await logIn(2);
    const { deliver, told } = watching({ ...ports, store });
    expect(await deliver()).toBe(1);
    expect(await told('svc_a')).toEqual([['person.record-split', ppids[0]]]);
    expect(await told('svc_b')).toEqual([['person.record-split', ppids[1]]]);
  });

  it('about a person deleted meanwhile is dropped', async () => {
    const { ports, deliver } = await scene();
    const gone = { ...suspended, subjectId: `001${'0'.repeat(32)}` };
    await ports.store.write([await announcing(gone, ports)]);
    expect(await deliver()).toBe(1);
    expect(await deliver()).toBe(0);
  });
});

describe('telling services at once', () => {
  it('is repeated without doubling, and may concern some of them', async () => {
    const { ports, anna, standing, told } = await scene();
    const person = await standing(anna.a);
    const deleted = { ...suspended, type: 'person.deleted' } as const;
    expect(await tellServices(ports, person, deleted)).toBe(2);
    expect(await tellServices(ports, person, deleted)).toBe(2);
    expect(
      await tellServices(ports, person, suspended, ({ serviceId }) => serviceId === b.serviceId),
    ).toBe(1);
    expect(await told('svc_a')).toEqual([['person.deleted', anna.a]]);
    expect(
      (await told('svc_b')).toSorted(([one = ''], [other = '']) => one.localeCompare(other)),
    ).toEqual([
      ['person.deleted', anna.b],
      ['person.suspended', anna.b],
    ]);
  });
});
