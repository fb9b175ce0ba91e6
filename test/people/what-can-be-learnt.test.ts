import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CertificateReference } from '../../lambdas/people/certificate-reference.ts';
import { enrolChip } from '../../lambdas/people/chips.ts';
import { findCertificatesByPpid } from '../../lambdas/people/find-certificates.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import type { DerivedKey } from '../../lambdas/people/identity-keys.ts';
import type { IdentityRecord } from '../../lambdas/people/identity-store.ts';
import { bucketOf, certificateIndexKey, ppidIndexKey } from '../../lambdas/people/layout.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { unseal } from '../../lambdas/people/seal.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { personsHandler } from '../../lambdas/capabilities/persons/handler.ts';
import { baseUrl, eventFor, operatorCaller, type2Caller } from '../capabilities/gateway-event.ts';
import { a, b, certificate, linkageOf, numberOf, portsWith } from './scene.ts';

/** The table of `docs/identifiers.md`, row by row: what each of them has, and what it opens with that. */
const people = 60;
const store = memoryIdentityStore();
const keys = labelledKeys();
const linkage = {
  ...linkageOf({}),
  signatureCertificateOf: async (card: CertificateReference) => ({
    reference: certificate(signatureOffset + numberOf(card), 'c'),
  }),
};
const signatureOffset = 0x5a_00_00_00;
const ports = portsWith({ store, keys, linkage });
const ppids: { readonly a: string[]; readonly b: string[] } = { a: [], b: [] };
let table: readonly IdentityRecord[];
beforeAll(async () => {
  for (let serial = 1; serial <= people; serial++) {
    ppids.a.push(await identifyPerson(certificate(serial), a, ports));
    ppids.b.push(await identifyPerson(certificate(serial), b, ports));
    const chip = { certificate: certificate(serial), publicKey: Buffer.from(`chip ${serial}`) };
    await enrolChip(ports, a.serviceId, ppids.a.at(-1)!, chip);
    await enrolChip(ports, b.serviceId, ppids.b.at(-1)!, chip);
  }
  table = [...store.records.values()];
});

/** Everything of the stolen table that a stolen key opens. */
const openedRecords = (
  key: DerivedKey,
): readonly { readonly record: IdentityRecord; readonly value: unknown }[] =>
  table.flatMap((record) =>
    (['value', 'owner'] as const).flatMap((part) => {
      const octets = part === 'value' ? record.sealed : record.owner;
      if (octets === undefined) return [];
      try {
        return [{ record, value: unseal(key, record, octets, part) }];
      } catch {
        return [];
      }
    }),
  );

const openedWith = (key: DerivedKey): readonly unknown[] =>
  openedRecords(key).map(({ value }) => value);

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
    expect([...names].toSorted()).toEqual(['pk', 'sealed', 'sk', 'token']);
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
    // A standing, two certificates and two PPIDs of each, all of them by the subject alone.
    expect(opened).toHaveLength(5 * people);
    const text = JSON.stringify(opened);
    expect([...ppids.a, ...ppids.b, 'svc_', '00000001'].some((each) => text.includes(each))).toBe(
      false,
    );
  });

  it('of one service’s key: the PPIDs of that service, and none of another; no serial', async () => {
    const text = JSON.stringify(openedWith(await keys.service('svc_a')));
    expect(ppids.a.every((ppid) => text.includes(ppid))).toBe(true);
    expect(ppids.b.some((ppid) => text.includes(ppid))).toBe(false);
    expect(text).not.toMatch(/"serial"|"publicKey"|"subjectId"/);
  });

  it('of one bucket’s key: serials and services of the persons in it, one in 4,096; no PPID', async () => {
    const person = (await personOfPpid(ports, 'svc_a', ppids.a[0]!))!.value;
    const text = JSON.stringify(openedWith(await keys.bucket(bucketOf(person.subjectId))));
    // Certificate, signature certificate and its kept answer; baseline and chip at both services.
    expect(new Set(text.match(/"serial":"[0-9a-f]+"/g))).toEqual(
      new Set(['"serial":"00000001"', '"serial":"5a000001"']),
    );
    expect([...ppids.a, ...ppids.b].some((ppid) => text.includes(ppid))).toBe(false);
  });
});

describe('the same with two MACs of KMS', () => {
  it('of two services’ keys: the PPIDs of both, and neither value nor place that one person has at both', async () => {
    const found = await Promise.all(
      ['svc_a', 'svc_b'].map(async (service) => openedRecords(await keys.service(service))),
    );
    const [atA, atB] = found.map((records) => ({
      ppids: new Set(records.flatMap(({ value }) => (value as { ppid?: string }).ppid ?? [])),
      places: new Set(records.map(({ record }) => record.pk)),
      values: new Set(
        records.flatMap(({ value }) =>
          Object.entries(value as object).flatMap(([name, each]) =>
            sharedByAll.includes(name) ? [] : [JSON.stringify(each)],
          ),
        ),
      ),
    }));
    expect([atA!.ppids.size, atB!.ppids.size]).toEqual([people, people]);
    expect([...atA!.places].filter((place) => atB!.places.has(place))).toEqual([]);
    expect([...atA!.values].filter((value) => atB!.values.has(value))).toEqual([]);
  });
});

/** Members whose value is the same for every person. */
const sharedByAll: readonly string[] = ['keyVersion', 'issuedAt'];

describe('J-LIS', () => {
  it('is asked about the certificate alone, the same whichever service the person logs in to', async () => {
    const asked: unknown[][] = [];
    const linkage = linkageOf({});
    const here = portsWith({
      linkage: {
        predecessorOf: async (...given) => {
          asked.push(given);
          return linkage.predecessorOf(...given);
        },
        signatureCertificateOf: async (...given) => {
          asked.push(given);
          return linkage.signatureCertificateOf(...given);
        },
      },
    });
    const atA = await identifyPerson(certificate(1), a, here);
    const first = asked.splice(0);
    const atB = await identifyPerson(certificate(1), b, here);
    const second = asked.splice(0);
    // The predecessor, and the signature certificate.
    expect(first).toHaveLength(2);
    expect(second).toEqual(first);
    const text = JSON.stringify([first, second]);
    expect([atA, atB, 'svc_', 'sec_'].filter((secret) => text.includes(secret))).toEqual([]);
    const known = Object.keys(first[0]![0] as object);
    expect(known.toSorted()).toEqual(['issuerKeyId', 'serial']);
  });

  it('is not asked when a known person logs in: it does not learn how often, nor when', async () => {
    let asked = 0;
    const linkage = linkageOf({});
    const here = portsWith({
      linkage: {
        ...linkage,
        predecessorOf: async (...given) => {
          asked += 1;
          return linkage.predecessorOf(...given);
        },
      },
    });
    for (let times = 0; times < 3; times++) await identifyPerson(certificate(1), a, here);
    expect(asked).toBe(1);
  });
});

describe('an operator with console access', () => {
  // That key policies refuse every MAC: test/lib/keys-and-restore.test.ts.
  it('finds nobody named in the logs of an operator’s and a person’s calls', async () => {
    const lines: unknown[] = [];
    const settings = { publicBaseUrl: baseUrl, log: (line: unknown) => void lines.push(line) };
    const handler = personsHandler((at) => ({ ...ports, now: at }), settings);
    const body = { ppids: [ppids.a[0], ppids.a[1]] };
    const reported = await handler(eventFor('report-persons', { caller: serviceA, body }), {});
    const { flagId } = JSON.parse(reported.body) as { flagId: string };
    const read = await handler(
      eventFor('get-flag', { caller: operatorCaller, path: { flagId } }),
      {},
    );
    expect(read.statusCode).toBe(200);
    const subjects = await Promise.all(
      ppids.a.slice(0, 2).map(async (ppid) => (await personOfPpid(ports, 'svc_a', ppid))!.value),
    );
    const secrets = [...body.ppids, ...subjects.map(({ subjectId }) => subjectId), '00000001'];
    const texts = [JSON.stringify(lines), read.body];
    expect(secrets.filter((secret) => texts.some((text) => text.includes(secret!)))).toEqual([]);
  });
});

const serviceA = { ...type2Caller, serviceId: 'svc_a', sectorId: 'sec_a' };
