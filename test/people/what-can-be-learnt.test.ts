import { beforeAll, describe, expect, it } from '@jest/globals';
import { findCertificatesByPpid } from '../../lambdas/people/find-certificates.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import type { DerivedKey } from '../../lambdas/people/identity-keys.ts';
import type { IdentityRecord } from '../../lambdas/people/identity-store.ts';
import { bucketOf, certificateIndexKey, ppidIndexKey } from '../../lambdas/people/layout.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { unseal } from '../../lambdas/people/seal.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, portsWith } from './scene.ts';

/** The table of `docs/identifiers.md`, row by row: what each of them has, and what it opens with that. */
const people = 60;
const store = memoryIdentityStore();
const keys = labelledKeys();
const ports = portsWith({ store, keys });
const ppids: { readonly a: string[]; readonly b: string[] } = { a: [], b: [] };
let table: readonly IdentityRecord[];
beforeAll(async () => {
  for (let serial = 1; serial <= people; serial++) {
    ppids.a.push(await identifyPerson(certificate(serial), a, ports));
    ppids.b.push(await identifyPerson(certificate(serial), b, ports));
  }
  table = [...store.records.values()];
});

/** Everything of the stolen table that a stolen key opens. */
const openedWith = (key: DerivedKey): readonly unknown[] =>
  table.flatMap((record) =>
    (['value', 'owner'] as const).flatMap((part) => {
      const octets = part === 'value' ? record.sealed : record.owner;
      if (octets === undefined) return [];
      try {
        return [unseal(key, record, octets, part)];
      } catch {
        return [];
      }
    }),
  );

const texts = (): string =>
  table
    .map(({ pk, sk, token, sealed, owner }) =>
      [
        pk,
        sk,
        token,
        ...[sealed, owner ?? []].map((part) => Buffer.from(part).toString('latin1')),
      ].join(),
    )
    .join();

describe('one service', () => {
  it('finds people by its own PPIDs only, not by another service’s', async () => {
    const find = findCertificatesByPpid(ports);
    expect(await find('svc_a', ppids.a[0]!)).toHaveLength(1);
    expect(await find('svc_a', ppids.b[0]!)).toEqual([]);
  });
});

describe('two services together', () => {
  it('have no PPID in common', () => {
    expect(new Set([...ppids.a, ...ppids.b]).size).toBe(2 * people);
  });
});

describe('a stolen table', () => {
  it('has no serial, PPID, service or subject in the clear', async () => {
    const subjects = await Promise.all(
      ppids.a.map(async (ppid) => (await personOfPpid(ports, 'svc_a', ppid))!.value.subjectId),
    );
    const clear = texts();
    const secrets = [
      ...ppids.a,
      ...ppids.b,
      ...subjects,
      'svc_a',
      'svc_b',
      'sec_a',
      '00000001',
      'a'.repeat(64),
      Buffer.from(certificate(1).serial).toString('latin1'),
    ];
    expect(secrets.filter((secret) => clear.includes(secret))).toEqual([]);
  });

  it('reveals no time except the expiry of records', () => {
    const names = new Set(table.flatMap((record) => Object.keys(record)));
    expect([...names].toSorted()).toEqual(['owner', 'pk', 'sealed', 'sk', 'token']);
  });

  it('finds no serial by trying all: names need the index key', () => {
    const guessed = { version: 1, mac: new Uint8Array(32), seal: new Uint8Array(32) };
    const names = new Set(table.map(({ pk }) => pk));
    for (let serial = 1; serial <= people; serial++) {
      expect(names.has(certificateIndexKey(guessed, certificate(serial)).pk)).toBe(false);
    }
  });
});

describe('a stolen table and the PPID lists of two services', () => {
  it('relate nothing: no name in the table can be made from a PPID', () => {
    const clear = texts();
    const guessed = { version: 1, mac: new Uint8Array(32), seal: new Uint8Array(32) };
    for (const ppid of [...ppids.a, ...ppids.b]) {
      expect(clear.includes(ppid)).toBe(false);
      expect(clear.includes(ppidIndexKey(guessed, ppid).pk)).toBe(false);
    }
  });
});

describe('the same with one MAC of KMS', () => {
  it('of the index key: whether a known serial belongs to a person on record; no PPID, no service', async () => {
    const key = await keys.index();
    const names = new Set(table.map(({ pk }) => pk));
    expect(names.has(certificateIndexKey(key, certificate(1)).pk)).toBe(true);
    expect(names.has(certificateIndexKey(key, certificate(people + 1)).pk)).toBe(false);
    const opened = openedWith(key);
    expect(opened).toHaveLength(2 * people);
    const text = JSON.stringify(opened);
    expect([...ppids.a, ...ppids.b, 'svc_', '00000001'].some((each) => text.includes(each))).toBe(
      false,
    );
  });

  it('of one service’s key: the PPIDs of that service, and none of another; no serial', async () => {
    const text = JSON.stringify(openedWith(await keys.service('svc_a')));
    expect(ppids.a.every((ppid) => text.includes(ppid))).toBe(true);
    expect(ppids.b.some((ppid) => text.includes(ppid))).toBe(false);
    expect(text).not.toContain('"serial"');
  });

  it('of one bucket’s key: serials and services of the persons in it, one in 4,096; no PPID', async () => {
    const person = (await personOfPpid(ports, 'svc_a', ppids.a[0]!))!.value;
    const text = JSON.stringify(openedWith(await keys.bucket(bucketOf(person.subjectId))));
    expect(text.match(/"serial"/g)).toHaveLength(1);
    expect([...ppids.a, ...ppids.b].some((ppid) => text.includes(ppid))).toBe(false);
  });
});
