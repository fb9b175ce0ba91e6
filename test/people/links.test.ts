import { beforeEach, describe, expect, it } from '@jest/globals';
import { discloseTo } from '../../lambdas/people/disclosure.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { mergeSubjects } from '../../lambdas/people/operator-acts.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { userNumberShards } from '../../lambdas/people/layout.ts';
import {
  awaitUserNumber,
  completeLink,
  exportLinks,
  findLink,
  previewAwait,
  previewLink,
  putLink,
  removeLink,
  type Link,
} from '../../lambdas/people/links.ts';
import { reseal, resealWaitingNumbers } from '../../lambdas/people/reseal.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, linkageOf, portsWith } from './scene.ts';

let ports: ReturnType<typeof portsWith<ReturnType<typeof memoryIdentityStore>>>;
let anna: string;
let ben: string;

beforeEach(async () => {
  ports = portsWith({ store: memoryIdentityStore() });
  anna = await identifyPerson(certificate(1), a, ports);
  ben = await identifyPerson(certificate(2), a, ports);
});

const put = (ppid: string, userNumber: string, replace = false) =>
  putLink(ports, 'svc_a', { ppid, userNumber, replace });
const find = (by: { ppid: string } | { userNumber: string }) => findLink(ports, 'svc_a', by);
const code = (expected: string) => expect.objectContaining({ code: expected });

/** Every link and every waiting number of a service. */
async function everything(serviceId: string): Promise<{ links: Link[]; waiting: string[] }> {
  const all = { links: [] as Link[], waiting: [] as string[] };
  let from: number | undefined = 0;
  while (from !== undefined) {
    const page = await exportLinks(ports, serviceId, from);
    all.links.push(...page.links);
    all.waiting.push(...page.waiting);
    from = page.next;
  }
  return all;
}

const merge = async () => {
  const subjectOf = async (ppid: string) =>
    (await personOfPpid(ports, 'svc_a', ppid))!.value.subjectId;
  const [keep, absorb] = [await subjectOf(anna), await subjectOf(ben)];
  await mergeSubjects({ keep, absorb, operator: 'op', reason: 'r' }, ports);
};
const remove = (userNumber: string) => removeLink(ports, 'svc_a', { userNumber });

describe('a link', () => {
  it('is found from either side', async () => {
    expect((await put(anna, '1001')).outcome).toBe('linked');
    const link = { ppid: anna, userNumber: '1001', linkedAt: ports.now };
    expect(await find({ ppid: anna })).toEqual(link);
    expect(await find({ userNumber: '1001' })).toEqual(link);
  });

  it('is put twice as once', async () => {
    await put(anna, '1001');
    expect((await put(anna, '1001')).outcome).toBe('unchanged');
    expect((await everything('svc_a')).links).toHaveLength(1);
  });

  it('gives a number to one person only', async () => {
    await put(anna, '1001');
    await expect(put(ben, '1001')).rejects.toEqual(code('user-number-taken'));
    expect((await find({ userNumber: '1001' })).ppid).toBe(anna);
  });

  it('gives a person one number only', async () => {
    await put(anna, '1001');
    await expect(put(anna, '1002')).rejects.toEqual(code('person-already-linked'));
    expect((await find({ ppid: anna })).userNumber).toBe('1001');
  });

  it('that replaces ends both links that stand against it', async () => {
    await put(anna, '1001');
    await put(ben, '1002');
    expect((await put(anna, '1002', true)).outcome).toBe('replaced');
    expect((await find({ ppid: anna })).userNumber).toBe('1002');
    await expect(find({ ppid: ben })).rejects.toEqual(code('link-not-found'));
    await expect(find({ userNumber: '1001' })).rejects.toEqual(code('link-not-found'));
    expect((await everything('svc_a')).links).toHaveLength(1);
  });

  it('is gone from both sides when it is removed from one', async () => {
    for (const by of [{ ppid: anna }, { userNumber: '1001' }]) {
      await put(anna, '1001');
      await removeLink(ports, 'svc_a', by);
      await expect(find({ ppid: anna })).rejects.toEqual(code('link-not-found'));
      await expect(find({ userNumber: '1001' })).rejects.toEqual(code('link-not-found'));
    }
  });

  it('leaves no record of a removed link', async () => {
    const before = (await ports.store.scan()).records.map(({ pk, sk }) => `${pk}/${sk}`);
    await put(anna, '1001');
    await removeLink(ports, 'svc_a', { ppid: anna });
    const after = (await ports.store.scan()).records.map(({ pk, sk }) => `${pk}/${sk}`);
    expect(after.toSorted()).toEqual(before.toSorted());
  });

  it('needs a PPID of this service', async () => {
    const elsewhere = await identifyPerson(certificate(1), b, ports);
    await expect(put(elsewhere, '1001')).rejects.toEqual(code('ppid-not-found'));
  });

  it('has exactly one winner when two people take one number concurrently', async () => {
    const results = await Promise.allSettled([put(anna, '1001'), put(ben, '1001')]);
    const won = results.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect((await everything('svc_a')).links).toHaveLength(1);
  });

  it('is found after the keys were rotated', async () => {
    await put(anna, '1001');
    ports = { ...ports, keys: labelledKeys(2) };
    expect((await find({ userNumber: '1001' })).ppid).toBe(anna);
    expect((await everything('svc_a')).links).toHaveLength(1);
  });

  it('is re-sealed under new keys, so that the version before may go; waiting numbers too', async () => {
    await put(anna, '1001');
    await awaitUserNumber(ports, 'svc_a', '1002');
    const rotated = { ...ports, keys: labelledKeys(2), timeIsUp: () => false };
    await reseal(undefined, rotated);
    expect(await resealWaitingNumbers('svc_a', 0, rotated)).toEqual({ records: 1 });
    ports = { ...ports, keys: { ...labelledKeys(2), versions: [2] } };
    expect((await find({ userNumber: '1001' })).ppid).toBe(anna);
    expect((await find({ ppid: anna })).userNumber).toBe('1001');
    expect((await everything('svc_a')).waiting).toEqual(['1002']);
  });

  it('of a person whose records were merged moves to the current PPID, and harms no other number', async () => {
    await put(anna, '1001');
    await put(ben, '1002');
    const subjectOf = async (ppid: string) =>
      (await personOfPpid(ports, 'svc_a', ppid))!.value.subjectId;
    const [keep, absorb] = [await subjectOf(anna), await subjectOf(ben)];
    await mergeSubjects({ keep, absorb, operator: 'op', reason: 'r' }, ports);
    const carl = await identifyPerson(certificate(3), a, ports);
    await put(carl, '1002', true);
    expect((await find({ userNumber: '1001' })).ppid).toBe(anna);
    expect((await find({ ppid: anna })).userNumber).toBe('1001');
    expect((await find({ ppid: carl })).userNumber).toBe('1002');
  });

  it('of an absorbed record is this person’s own: the current PPID gets it without replacing', async () => {
    await put(ben, '1002');
    const subjectOf = async (ppid: string) =>
      (await personOfPpid(ports, 'svc_a', ppid))!.value.subjectId;
    const [keep, absorb] = [await subjectOf(anna), await subjectOf(ben)];
    await mergeSubjects({ keep, absorb, operator: 'op', reason: 'r' }, ports);
    await put(anna, '1002');
    expect((await find({ userNumber: '1002' })).ppid).toBe(anna);
    expect((await find({ ppid: ben })).userNumber).toBe('1002');
  });

  describe('of two records that are merged', () => {
    it('is found by each number, and by either PPID that of the current one', async () => {
      await put(anna, '1001');
      await put(ben, '1002');
      await merge();
      for (const userNumber of ['1001', '1002'])
        expect(await find({ userNumber })).toMatchObject({ ppid: anna, userNumber });
      for (const ppid of [anna, ben])
        expect(await find({ ppid })).toMatchObject({ ppid: anna, userNumber: '1001' });
    });

    it('is removed by its own number alone', async () => {
      await put(anna, '1001');
      await put(ben, '1002');
      await merge();
      expect(await remove('1002')).toMatchObject({ ppid: anna, userNumber: '1002' });
      await expect(find({ userNumber: '1002' })).rejects.toEqual(code('link-not-found'));
      expect(await find({ ppid: ben })).toMatchObject({ userNumber: '1001' });
    });

    it('stays the person’s where the kept record has none', async () => {
      await put(ben, '1002');
      await merge();
      for (const ppid of [anna, ben])
        expect(await find({ ppid })).toMatchObject({ ppid: anna, userNumber: '1002' });
      await expect(put(anna, '1003')).rejects.toEqual(code('person-already-linked'));
      expect((await put(anna, '1003', true)).outcome).toBe('replaced');
      expect((await find({ ppid: ben })).userNumber).toBe('1003');
      await expect(find({ userNumber: '1002' })).rejects.toEqual(code('link-not-found'));
    });

    it('is not disclosed any more once another person has the number', async () => {
      await put(anna, '1001');
      await put(ben, '1002');
      await merge();
      const carl = await identifyPerson(certificate(3), a, ports);
      await put(carl, '1002', true);
      const { value } = (await personOfPpid(ports, 'svc_a', anna))!;
      const { services } = await discloseTo(ports, value);
      expect(services.map(({ userNumber }) => userNumber)).toEqual(['1001', undefined]);
    });
  });

  it('stays when the person renews the card', async () => {
    await put(anna, '1001');
    const renewed = portsWith({ store: ports.store, linkage: linkageOf({ 3: 1 }) });
    expect(await identifyPerson(certificate(3), a, renewed)).toBe(anna);
    expect((await find({ ppid: anna })).userNumber).toBe('1001');
  });
});

describe('a dry run', () => {
  it('reports the outcome without writing', async () => {
    await put(anna, '1001');
    const before = (await ports.store.scan()).records.map(({ token }) => token);
    const preview = (ppid: string, userNumber: string, replace = false) =>
      previewLink(ports, 'svc_a', { ppid, userNumber, replace });
    expect(await preview(anna, '1001')).toBe('unchanged');
    expect(await preview(ben, '1002')).toBe('linked');
    expect(await preview(ben, '1001', true)).toBe('replaced');
    await expect(preview(ben, '1001')).rejects.toEqual(code('user-number-taken'));
    expect((await ports.store.scan()).records.map(({ token }) => token)).toEqual(before);
  });
});

describe('a number that was handed in', () => {
  it('is linked by the login of the person who names it', async () => {
    expect(await awaitUserNumber(ports, 'svc_a', '1001')).toBe('waiting');
    expect((await everything('svc_a')).waiting).toEqual(['1001']);
    await completeLink(ports, 'svc_a', { ppid: anna, userNumber: '1001' });
    expect((await find({ userNumber: '1001' })).ppid).toBe(anna);
    expect((await everything('svc_a')).waiting).toEqual([]);
  });

  it('links only the first person who names it', async () => {
    await awaitUserNumber(ports, 'svc_a', '1001');
    await completeLink(ports, 'svc_a', { ppid: anna, userNumber: '1001' });
    const late = completeLink(ports, 'svc_a', { ppid: ben, userNumber: '1001' });
    await expect(late).rejects.toEqual(code('user-number-taken'));
  });

  it('is the only kind that a login can claim', async () => {
    const claimed = completeLink(ports, 'svc_a', { ppid: anna, userNumber: '9999' });
    await expect(claimed).rejects.toEqual(code('user-number-not-awaited'));
  });

  it('does not wait twice, and not where it is linked', async () => {
    await awaitUserNumber(ports, 'svc_a', '1001');
    expect(await awaitUserNumber(ports, 'svc_a', '1001')).toBe('unchanged');
    await put(anna, '1001');
    const again = awaitUserNumber(ports, 'svc_a', '1001');
    await expect(again).rejects.toEqual(code('user-number-taken'));
  });

  const dayMs = 86_400_000;
  /** So many days later; the records are deleted by the time to live only where it ran. */
  const after = (days: number): typeof ports => ({ ...ports, now: ports.now + days * dayMs });

  it('waits for its period, then nobody can claim it, before the time to live has deleted it too', async () => {
    await awaitUserNumber(ports, 'svc_a', '1001');
    const claim = (then: typeof ports) =>
      completeLink(then, 'svc_a', { ppid: anna, userNumber: '1001' });
    const waiting = async (then: typeof ports) => {
      const pages = Array.from({ length: userNumberShards }, (_, n) =>
        exportLinks(then, 'svc_a', n),
      );
      return (await Promise.all(pages)).flatMap((page) => page.waiting);
    };
    expect(await waiting(after(364))).toEqual(['1001']);
    expect(await waiting(after(366))).toEqual([]);
    await expect(claim(after(366))).rejects.toEqual(code('user-number-not-awaited'));
    expect(await awaitUserNumber(after(366), 'svc_a', '1001')).toBe('waiting');
    expect((await claim(after(367))).ppid).toBe(anna);
  });

  it('is deleted by the time to live, on a day that names no moment', async () => {
    await awaitUserNumber(ports, 'svc_a', '1001');
    const expiries = (await ports.store.scan()).records.flatMap(({ pk, expiresAt }) =>
      pk.startsWith('U#') ? [expiresAt] : [],
    );
    expect(expiries).toEqual([Math.ceil((ports.now + 365 * dayMs) / dayMs) * 86_400]);
    ports.store.expire(after(366).now);
    expect(await previewAwait(ports, 'svc_a', '1001')).toBe('waiting');
  });

  it('waits anew when it is handed in again, and the outcome says that it was waiting', async () => {
    await awaitUserNumber(ports, 'svc_a', '1001');
    expect(await awaitUserNumber(after(300), 'svc_a', '1001')).toBe('unchanged');
    ports.store.expire(after(366).now);
    const then = after(600);
    const link = await completeLink(then, 'svc_a', { ppid: anna, userNumber: '1001' });
    expect(link.userNumber).toBe('1001');
  });

  it('that was handed in before there was a period has one from the next time on', async () => {
    await awaitUserNumber(ports, 'svc_a', '1001');
    const [record] = (await ports.store.scan()).records.filter(({ pk }) => pk.startsWith('U#'));
    const { token: was, expiresAt: _, ...former } = record!;
    await ports.store.write([{ change: 'replace', record: former, was }]);
    expect(await awaitUserNumber(after(10_000), 'svc_a', '1001')).toBe('unchanged');
    ports.store.expire(after(10_366).now);
    expect(await previewAwait(ports, 'svc_a', '1001')).toBe('waiting');
  });

  it('is a link for good once it is completed: no time to live deletes that', async () => {
    await awaitUserNumber(ports, 'svc_a', '1001');
    await completeLink(ports, 'svc_a', { ppid: anna, userNumber: '1001' });
    ports.store.expire(after(100_000).now);
    expect((await find({ userNumber: '1001' })).ppid).toBe(anna);
  });

  it('keeps its day under a new key', async () => {
    await awaitUserNumber(ports, 'svc_a', '1001');
    const then = { ...after(300), keys: labelledKeys(2), timeIsUp: () => false };
    expect(await resealWaitingNumbers('svc_a', 0, then)).toEqual({ records: 1 });
    ports.store.expire(after(366).now);
    expect(await previewAwait(then, 'svc_a', '1001')).toBe('waiting');
  });
});

describe('the export of a service', () => {
  it('has every link once over all its pages, and none of another service', async () => {
    const expected: string[] = [];
    for (let n = 0; n < 40; n++) {
      const ppid = await identifyPerson(certificate(100 + n), a, ports);
      await put(ppid, `u${n}`);
      expected.push(`u${n}`);
    }
    const elsewhere = await identifyPerson(certificate(100), b, ports);
    await putLink(ports, 'svc_b', { ppid: elsewhere, userNumber: 'u0', replace: false });
    const { links } = await everything('svc_a');
    expect(links.map(({ userNumber }) => userNumber).toSorted()).toEqual(expected.toSorted());
    expect((await exportLinks(ports, 'svc_a', userNumberShards - 1)).next).toBeUndefined();
  });
});
