import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { jobLimits } from '../../lambdas/capabilities/jobs/limits.ts';
import { deploymentLimits } from '../../lib/limits.ts';
import { findAttributeBaseline } from '../../lambdas/people/attribute-baseline.ts';
import type { CertificateReference } from '../../lambdas/people/certificate-reference.ts';
import { sweepDeletions } from '../../lambdas/people/erase-person.ts';
import { currentCards, findCertificatesByPpid } from '../../lambdas/people/find-certificates.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import type {
  IdentityIndex,
  IdentityRecord,
  IdentityStore,
} from '../../lambdas/people/identity-store.ts';
import { putLink } from '../../lambdas/people/links.ts';
import { requestDeletion } from '../../lambdas/people/rights.ts';
import { keepSignatureAnswer } from '../../lambdas/people/signature-certificate.ts';
import { tellOfRevocations } from '../../lambdas/capabilities/events/tell-of-revocations.ts';
import { ingestCrl } from '../../lambdas/crl-store/ingest/ingest-crl.ts';
import {
  buildList,
  createAuthority,
  fullSource,
  inChunks,
  issuerKeyIdFor,
  rulesFor,
} from '../crl-store/list-fixtures.ts';
import { MemoryLists } from '../../lambdas/platform/adapters/memory/memory-lists.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, linkageOf, now, numberOf, portsWith } from './scene.ts';

/** Octets of names and values, as DynamoDB counts them; a token has 16 characters. */
const sizeOf = (record: Omit<IdentityRecord, 'token'>): number =>
  Object.entries(record)
    .filter(([name]) => name !== 'token')
    .reduce((sum, [name, value]) => {
      const octets = typeof value === 'number' ? 8 : value.length;
      return sum + name.length + octets;
    }, 'token'.length + 16);

interface Units {
  requests: number;
  read: number;
  write: number;
}

/** Counts as DynamoDB charges: 4 KB a strongly consistent read unit, 1 KB a write unit, transactions twice. */
function charged(store: ReturnType<typeof memoryIdentityStore>): {
  readonly store: typeof store;
  readonly units: Units;
} {
  const units: Units = { requests: 0, read: 0, write: 0 };
  const reads = (size: number): void => {
    units.requests += 1;
    units.read += Math.max(1, Math.ceil(size / 4096));
  };
  const counted: IdentityStore & IdentityIndex = {
    // BatchGetItem: 100 keys a request, each charged as a read of its own.
    existing: async (keys) => {
      units.requests += Math.ceil(keys.length / 100);
      units.read += keys.length;
      return store.existing(keys);
    },
    read: async (key) => {
      const found = await store.read(key);
      reads(found ? sizeOf(found) : 0);
      return found;
    },
    list: async (...asked) => {
      const found = await store.list(...asked);
      reads(found.reduce((sum, record) => sum + sizeOf(record), 0));
      return found;
    },
    write: (changes) => {
      units.requests += 1;
      for (const change of changes) {
        const size =
          'record' in change
            ? sizeOf(change.record)
            : sizeOf(
                store.records.get(`${change.key.pk}\n${change.key.sk}`) ?? {
                  ...change.key,
                  sealed: new Uint8Array(),
                },
              );
        units.write += Math.ceil(size / 1024) * (changes.length > 1 ? 2 : 1);
      }
      return store.write(changes);
    },
  };
  return { store: { ...store, ...counted }, units };
}

const page = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8');
/** The numbers of a row of docs/scale.md, by the words in its first column. */
const documented = (row: string): readonly number[] => {
  const cells = page
    .split('\n')
    .find((line) => line.startsWith(`| ${row} `))!
    .split('|')
    .slice(2, -1);
  return cells.map((cell) => Number(cell.trim().replaceAll(',', '')));
};

/** The four columns of docs/scale.md: without a method, `crl`, `ocsp`, `auto`. */
const byMethod = (byLists: number, byResponder: number): readonly number[] =>
  [byLists, byLists, byResponder, byResponder].map(Math.round);

describe('docs/scale.md says of identity', () => {
  const { store, units } = charged(memoryIdentityStore());
  const linkage = {
    ...linkageOf({ 2: 1 }),
    signatureCertificateOf: async (card: CertificateReference) => ({
      reference: certificate(100 + numberOf(card), 'c'),
    }),
  };
  const ports = { ...portsWith({ store, linkage }), deletionGraceMs: 0 };
  const spent = async (act: () => Promise<unknown>): Promise<readonly number[]> => {
    Object.assign(units, { requests: 0, read: 0, write: 0 });
    await act();
    return [units.requests, units.read, units.write];
  };
  const logIn = (serial: number, service = a) =>
    identifyPerson(certificate(serial), service, ports);
  const counted = new Map<string, readonly number[]>();
  const sizes = new Map<string, number>();
  let items: readonly number[];
  const count = async (row: string, act: () => Promise<unknown>): Promise<void> => {
    counted.set(row, await spent(act));
  };

  beforeAll(async () => {
    await count('new person', () => logIn(1));
    await count('known person', () => logIn(1));
    await count('known person, new to the service', () => logIn(1, b));
    const ppid = await logIn(1);
    await count('link to a user number', () =>
      putLink(ports, a.serviceId, { ppid, userNumber: '1234567890', replace: false }),
    );
    await count('renewed card', () => logIn(2));
    await count('one row of a nightly run by PPID', () =>
      findCertificatesByPpid(ports)(a.serviceId, ppid),
    );
    await count('the same, by attributes', () =>
      findAttributeBaseline(ports)(a.serviceId, ppid, now),
    );
    const person = (await personOfPpid(ports, a.serviceId, ppid))!.value;
    const [card] = await currentCards(ports, person);
    await count('signature certificate learnt', () =>
      keepSignatureAnswer(card!, { reference: certificate(7, 'c') }, ports),
    );
    // Announcements to services are gone once they are delivered.
    const records = [...store.records.values()].filter(({ pk }) => !pk.startsWith('N#'));
    for (const record of records) {
      const kind = record.sk.split('#')[0]!;
      sizes.set(kind, Math.max(sizes.get(kind) ?? 0, sizeOf(record)));
    }
    items = [records.length];
    await requestDeletion(ports, person.subjectId);
    await count('deletion', () => sweepDeletions({ ...ports, now, timeIsUp: () => false }));
  });

  it.each([
    'new person',
    'known person',
    'known person, new to the service',
    'link to a user number',
    'renewed card',
    'one row of a nightly run by PPID',
    'the same, by attributes',
    'signature certificate learnt',
  ])('how many requests, read and write units it takes: %s', (row) => {
    expect(counted.get(row)).toEqual(documented(row));
  });

  it('what the attributes of a million persons take in a night, by each method', () => {
    const rows = 1_000_000;
    const { chunkLinesByPpid, chunkLinesByOcsp, ocspAtOnce, ocspLines } = jobLimits;
    const atOnce = ocspAtOnce * deploymentLimits.concurrentChunks;
    const [requests, read] = counted.get('the same, by attributes')!;
    const table = byMethod(requests! * rows, requests! * rows);
    expect(documented('jobs')).toEqual(byMethod(1, rows / ocspLines));
    expect(documented('chunks, a Lambda execution each')).toEqual(
      byMethod(rows / chunkLinesByPpid, rows / chunkLinesByOcsp),
    );
    expect(documented('requests to the identity table')).toEqual(table);
    expect(documented('read units for them')).toEqual(byMethod(read! * rows, read! * rows));
    expect(documented('questions to the responder, at most')).toEqual(byMethod(0, rows));
    expect(documented('questions at once, of one job')).toEqual(byMethod(0, atOnce));
    const minutes = (read! * rows) / 12_000 / 60;
    expect(documented('minutes at 12,000 read units a second')).toEqual(byMethod(minutes, minutes));
    for (const ms of [100, 1_000]) {
      const row = `minutes at ${ms.toLocaleString('en')} ms an answer, job after job`;
      expect(documented(row)).toEqual(byMethod(0, (rows / atOnce) * (ms / 60_000)));
    }
  });

  it('how large each kind of item is, all below one write unit', () => {
    expect([...sizes].map(([kind, size]) => [kind, size])).toEqual(
      [...sizes].map(([kind]) => [kind, documented(`item \`${kind}\``)[0]]),
    );
    expect(Math.max(...sizes.values())).toBeLessThan(1024);
  });

  it('how many items a person has: 1 + 2 a certificate + 3 a service + 1 a link', () => {
    // Two cards with a signature certificate each and a later one, two services, one link.
    expect(items).toEqual([1 + 2 * 5 + 3 * 2 + 1]);
  });

  it('that nothing of the person is left after a deletion', () => {
    expect([...store.records.values()].filter(({ pk }) => !/^[NQVW]#/.test(pk))).toEqual([]);
  });
});

const difference = (one: readonly number[], other: readonly number[]): readonly number[] =>
  one.map((value, n) => value - other[n]!);

describe('docs/scale.md says of a new list', () => {
  const authority = createAuthority('ua-2023');
  const issuerKeyId = issuerKeyIdFor(authority);
  const anchors = [
    { kind: 'user-authentication', certificate: authority.anchor.certificate },
  ] as const;
  const noon = Date.UTC(2026, 10, 22, 12);
  const first = 0x0200_0000;
  const reference = (n: number): CertificateReference => ({
    issuerKeyId,
    serial: Buffer.from((first + n).toString(16).padStart(8, '0'), 'hex'),
  });

  /** What 100 newly listed certificates take, of which these are held by persons of these services. */
  async function listed(...known: readonly (typeof a)[][]): Promise<readonly number[]> {
    const { store, units } = charged(memoryIdentityStore());
    const ports = { ...portsWith({ store }), now: noon };
    for (const [n, services] of known.entries())
      for (const service of services) await identifyPerson(reference(n), service, ports);
    const lists = new MemoryLists();
    const publish = async (crlNumber: number, count: number): Promise<void> => {
      const entries = Array.from({ length: count }, (_, n) => ({
        serial: first + n - (count === 1 ? 1 : 0),
        reason: 4,
        revokedAt: new Date(Date.UTC(2026, 10, 21)),
      }));
      const context = { rules: rulesFor(authority), writer: lists, now: noon };
      const list = inChunks(buildList(authority, { crlNumber, entries }));
      await ingestCrl(list, [fullSource(authority)], context);
    };
    await publish(10, 1);
    await publish(11, 100);
    Object.assign(units, { requests: 0, read: 0, write: 0 });
    for (const part of [...lists.comparisons.values()].flat())
      await tellOfRevocations(part, { ...ports, index: store, pages: lists, anchors });
    return [units.requests, units.read, units.write];
  }
  it('what 100 of them take whom nobody on record holds', async () => {
    expect(await listed()).toEqual(documented('100 newly listed certificates of nobody'));
  });

  it('what one of a person takes beside that, and each further service', async () => {
    const [nobody, one, two] = [await listed(), await listed([a]), await listed([a, b])];
    expect(difference(one, nobody)).toEqual(documented('one of them of a person, at one service'));
    expect(difference(two, one)).toEqual(documented('each further service of the person'));
  });
});
