import { describe, expect, it } from '@jest/globals';
import { findCertificatesByPpid } from '../../lambdas/people/find-certificates.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { ppidMessage, ppidOfMac } from '../../lambdas/people/ppid.ts';
import { a, b, certificate, linkageOf, portsWith } from './scene.ts';

const population = (renewals = {}, ppidKey = 'ppid-1') =>
  portsWith({ linkage: linkageOf(renewals), ppidKey });

/** Certificate 1 at the new end of so many renewals. */
const renewed = (times: number): Record<number, number> =>
  Object.fromEntries(Array.from({ length: times }, (_, n) => [n + 1, n + 2]));

const padded = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.alloc(20)]);

describe('a PPID', () => {
  it('is base32 of 160 bits of the MAC, in lower case (RFC 4648 §10 vectors)', () => {
    expect(ppidOfMac(padded('foobar'))).toBe(`mzxw6ytboi${'a'.repeat(22)}`);
    expect(ppidOfMac(Buffer.alloc(32, 0xff))).toBe('7'.repeat(32));
  });

  it('is computed over a message whose fields cannot run into one another', () => {
    expect(ppidMessage('ab', 'c')).not.toEqual(ppidMessage('a', 'bc'));
    // Pinned: issued PPIDs depend on every octet.
    expect(Buffer.from(ppidMessage('s', 'u')).toString('latin1')).toBe(
      '\x01\x00\x14my-key-platform/ppid\x00\x01s\x00\x01u',
    );
  });

  it('does not change under a new key version, which computes new PPIDs only', async () => {
    const before = population();
    const ppid = await identifyPerson(certificate(1), a, before);
    const after = { ...population({}, 'ppid-2'), store: before.store };
    expect(await identifyPerson(certificate(1), a, after)).toBe(ppid);
    const fresh = await identifyPerson(certificate(1), b, after);
    expect(fresh).not.toBe(await identifyPerson(certificate(1), b, population({}, 'ppid-1')));
  });
});

describe('a subject', () => {
  it('is one for the old and the new card, whichever is seen first', async () => {
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
      [2, 3, 1],
    ]) {
      const here = population({ 3: 2, 2: 1 });
      const ppids = [];
      for (const serial of order) ppids.push(await identifyPerson(certificate(serial), a, here));
      expect(new Set(ppids).size).toBe(1);
    }
  });

  it('is one when old and new card are first seen at the same moment', async () => {
    const here = population({ 2: 1 });
    const ppids = await Promise.all(
      [1, 2, 1, 2].map((serial) => identifyPerson(certificate(serial), a, here)),
    );
    expect(new Set(ppids).size).toBe(1);
  });

  it('differs for the same serial of another issuer key', async () => {
    const here = population();
    const [one, other] = [certificate(1, 'a'), certificate(1, 'b')];
    expect(await identifyPerson(one, a, here)).not.toBe(await identifyPerson(other, a, here));
  });

  it.each([
    ['of two', { 1: 2, 2: 1 }],
    ['of one', { 1: 1 }],
    ['that is entered from outside', { 1: 2, 2: 3, 3: 2 }],
  ])('is not minted from a line that runs in a circle %s', async (_, renewals) => {
    await expect(identifyPerson(certificate(1), a, population(renewals))).rejects.toMatchObject({
      code: 'linkage-unavailable',
    });
  });

  it('is minted from a line of as many renewals as the limit, and from none longer', async () => {
    const limit = 16;
    const longest = population(renewed(limit));
    const ppid = await identifyPerson(certificate(1), a, longest);
    expect(await identifyPerson(certificate(limit + 1), a, longest)).toBe(ppid);
    const tooLong = population(renewed(limit + 1));
    await expect(identifyPerson(certificate(1), a, tooLong)).rejects.toMatchObject({
      code: 'linkage-unavailable',
    });
    expect((await tooLong.store.scan()).records).toEqual([]);
  });
});

describe('certificates by PPID', () => {
  it('are the current ones, and only for the service that has the PPID', async () => {
    const here = population({ 2: 1 });
    await identifyPerson(certificate(1), a, here);
    const ppid = await identifyPerson(certificate(2), a, here);
    const find = findCertificatesByPpid(here);
    expect(await find('svc_a', ppid)).toEqual([certificate(2)]);
    expect(await find('svc_b', ppid)).toEqual([]);
  });
});
