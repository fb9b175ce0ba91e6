import { describe, expect, it } from '@jest/globals';
import { createHash, createHmac } from 'node:crypto';
import { certificateIndex } from '../../lambdas/people/certificate-index.ts';
import { findCertificatesByPpid } from '../../lambdas/people/find-certificates.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import type { Linkage } from '../../lambdas/people/linkage.ts';
import { ppidMessage, ppidOfMac } from '../../lambdas/people/ppid.ts';
import { openReference, sealReference } from '../../lambdas/people/sealed-reference.ts';
import { memoryIdentityStore } from '../fakes/memory-stores.ts';

const key = (label: string): Uint8Array => createHash('sha256').update(label).digest();
const keys = { index: key('index'), seal: key('seal') };
const certificate = (serial: number, issuer = 'a') => ({
  issuerKeyId: issuer.repeat(64),
  serial: Buffer.from(serial.toString(16).padStart(8, '0'), 'hex'),
});

/** A linkage service that knows `renewals`: new serial → old serial. */
const linkageOf = (renewals: Readonly<Record<number, number>>): Linkage => ({
  async predecessorOf({ serial }) {
    const old = renewals[Buffer.from(serial).readUInt32BE()];
    return old === undefined ? undefined : certificate(old);
  },
  signatureCertificateOf: async () => ({ reference: undefined, reason: 'not-issued' }),
});

function world(renewals: Readonly<Record<number, number>> = {}, ppidKey = 'ppid-1') {
  return {
    keys: async () => keys,
    store: memoryIdentityStore(),
    linkage: linkageOf(renewals),
    elapsedMs: () => 0,
    now: Date.UTC(2026, 10, 22),
    ppidMac: async (message: Uint8Array) => ({
      mac: createHmac('sha256', ppidKey).update(message).digest(),
      keyVersion: ppidKey,
    }),
  };
}
const a = { serviceId: 'svc_a', sectorId: 'sec_a' };
const b = { serviceId: 'svc_b', sectorId: 'sec_b' };

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

  it('stays what it is under a new key, which only new PPIDs use', async () => {
    const before = world();
    const ppid = await identifyPerson(certificate(1), a, before);
    const after = { ...world({}, 'ppid-2'), store: before.store };
    expect(await identifyPerson(certificate(1), a, after)).toBe(ppid);
    const fresh = await identifyPerson(certificate(1), b, after);
    expect(fresh).not.toBe(await identifyPerson(certificate(1), b, world({}, 'ppid-1')));
  });
});

describe('a subject', () => {
  it('is one for the old and the new card, whichever is seen first', async () => {
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
      [2, 3, 1],
    ]) {
      const here = world({ 3: 2, 2: 1 });
      const ppids = [];
      for (const serial of order) ppids.push(await identifyPerson(certificate(serial), a, here));
      expect(new Set(ppids).size).toBe(1);
    }
  });

  it('is one when old and new card are first seen at the same moment', async () => {
    const here = world({ 2: 1 });
    const ppids = await Promise.all(
      [1, 2, 1, 2].map((serial) => identifyPerson(certificate(serial), a, here)),
    );
    expect(new Set(ppids).size).toBe(1);
  });

  it('differs for the same serial of another issuer key', async () => {
    const here = world();
    const [one, other] = [certificate(1, 'a'), certificate(1, 'b')];
    expect(await identifyPerson(one, a, here)).not.toBe(await identifyPerson(other, a, here));
  });

  it('is not minted from a line that runs in a circle', async () => {
    await expect(identifyPerson(certificate(1), a, world({ 1: 2, 2: 1 }))).rejects.toMatchObject({
      code: 'linkage-unavailable',
    });
  });
});

describe('certificates by PPID', () => {
  it('are the current ones, and only for the service that has the PPID', async () => {
    const here = world({ 2: 1 });
    await identifyPerson(certificate(1), a, here);
    const ppid = await identifyPerson(certificate(2), a, here);
    const find = findCertificatesByPpid(here.store, here.keys);
    expect(await find('svc_a', ppid)).toEqual([certificate(2)]);
    expect(await find('svc_b', ppid)).toEqual([]);
  });
});

describe('what is stored of a certificate', () => {
  it('is an index that needs the key, and keeps issuer and serial apart', () => {
    const index = certificateIndex(keys.index, certificate(1));
    expect(index).toMatch(/^[0-9a-f]{64}$/);
    expect(certificateIndex(key('other'), certificate(1))).not.toBe(index);
    expect(certificateIndex(keys.index, certificate(2))).not.toBe(index);
  });

  it('opens for its own subject, and for nobody when altered', () => {
    const sealed = sealReference(keys.seal, 'subject-1', certificate(7));
    expect(openReference(keys.seal, 'subject-1', sealed)).toEqual(certificate(7));
    const refused = expect.objectContaining({ code: 'internal-error' });
    expect(() => openReference(keys.seal, 'subject-2', sealed)).toThrow(refused);
    const altered = Uint8Array.from(sealed, (octet, n) => (n === 20 ? octet ^ 1 : octet));
    expect(() => openReference(keys.seal, 'subject-1', altered)).toThrow(refused);
  });
});
