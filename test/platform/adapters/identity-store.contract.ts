import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { HeldCertificate, IdentityStore } from '../../../lambdas/people/identity-store.ts';

const now = Date.UTC(2026, 10, 22);
const newId = (): string => randomBytes(16).toString('hex');
const held = (superseded = false): HeldCertificate => ({
  index: randomBytes(32).toString('hex'),
  sealed: randomBytes(64),
  superseded,
});

/** What every identity store must hold to. */
export function identityStoreContract(open: () => IdentityStore): void {
  it('files a subject under each of its certificates', async () => {
    const store = open();
    const [subjectId, current, old] = [newId(), held(), held(true)];
    expect(await store.createSubject(subjectId, [current, old], now)).toBe(true);
    expect(await store.subjectOf(current.index)).toBe(subjectId);
    expect(await store.subjectOf(old.index)).toBe(subjectId);
    expect(await store.subjectOf(held().index)).toBeUndefined();
  });

  it('files nothing of a new subject when one certificate is filed already', async () => {
    const store = open();
    const [first, second, shared, own] = [newId(), newId(), held(), held()];
    await store.createSubject(first, [shared], now);
    expect(await store.createSubject(second, [own, shared], now)).toBe(false);
    expect(await store.subjectOf(own.index)).toBeUndefined();
    expect(await store.standing(second, 'svc_a')).toBeUndefined();
  });

  it('lets one of many concurrent first sights win', async () => {
    const store = open();
    const certificate = held();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.createSubject(newId(), [certificate], now)),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  });

  it('adds a renewed certificate and marks the one before as superseded', async () => {
    const store = open();
    const [subjectId, old, renewed] = [newId(), held(), held()];
    await store.createSubject(subjectId, [old], now);
    expect(await store.addCertificates(subjectId, old.index, [renewed], now)).toBe(true);
    expect(await store.subjectOf(renewed.index)).toBe(subjectId);
    const found = await store.certificatesOf(subjectId);
    expect(new Map(found.map(({ index, superseded }) => [index, superseded]))).toEqual(
      new Map([
        [old.index, true],
        [renewed.index, false],
      ]),
    );
    const sealed = found.find(({ index }) => index === renewed.index)!.sealed;
    expect(Buffer.from(sealed)).toEqual(Buffer.from(renewed.sealed));
  });

  it('adds nothing to a subject that is gone', async () => {
    const store = open();
    const certificate = held();
    expect(await store.addCertificates(newId(), held().index, [certificate], now)).toBe(false);
    expect(await store.subjectOf(certificate.index)).toBeUndefined();
  });

  it('keeps the first PPID of a subject at a service', async () => {
    const store = open();
    const subjectId = newId();
    await store.createSubject(subjectId, [held()], now);
    const issued = {
      subjectId,
      serviceId: 'svc_a',
      ppid: newId(),
      keyVersion: 'k1',
      issuedAt: now,
    };
    expect(await store.keepPpid(issued)).toBe(issued.ppid);
    expect(await store.keepPpid({ ...issued, ppid: newId(), keyVersion: 'k2' })).toBe(issued.ppid);
    expect(await store.standing(subjectId, 'svc_a')).toEqual({
      suspended: false,
      ppid: issued.ppid,
    });
  });

  it('keeps the last attribute baseline of a subject for each service', async () => {
    const store = open();
    const subjectId = newId();
    await store.createSubject(subjectId, [held()], now);
    expect(await store.attributeBaseline(subjectId, 'svc_a')).toBeUndefined();
    await store.keepAttributeBaseline(subjectId, 'svc_a', Buffer.of(1), now);
    await store.keepAttributeBaseline(subjectId, 'svc_a', Buffer.of(2), now + 1);
    expect([...(await store.attributeBaseline(subjectId, 'svc_a'))!]).toEqual([2]);
    expect(await store.attributeBaseline(subjectId, 'svc_b')).toBeUndefined();
    expect(await store.certificatesOf(subjectId)).toHaveLength(1);
  });

  it("finds a subject by the service's own PPID only", async () => {
    const store = open();
    const [subjectId, ppid] = [newId(), newId()];
    await store.createSubject(subjectId, [held()], now);
    await store.keepPpid({ subjectId, serviceId: 'svc_a', ppid, keyVersion: 'k1', issuedAt: now });
    expect(await store.subjectOfPpid('svc_a', ppid)).toBe(subjectId);
    expect(await store.subjectOfPpid('svc_b', ppid)).toBeUndefined();
    expect(await store.standing(subjectId, 'svc_b')).toEqual({ suspended: false, ppid: undefined });
  });
}
