import { KMSClient } from '@aws-sdk/client-kms';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DerivedKey, IdentityKeys } from '../../lambdas/people/identity-keys.ts';
import type { IdentityRecord } from '../../lambdas/people/identity-store.ts';
import { bucketOf } from '../../lambdas/people/layout.ts';
import { readPpidOwner } from '../../lambdas/people/records.ts';
import { unseal } from '../../lambdas/people/seal.ts';
import { kmsIdentityKeys } from '../../lambdas/platform/adapters/kms/identity-keys.ts';
import { startKms, type Kms } from '../../sandbox/cloud/start-kms.ts';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { localS3 } from '../../sandbox/cloud/local-clients.ts';
import {
  lifeAtTwoServices,
  serialOf,
  type Held,
  type Life,
  type Person,
  type Service,
} from './attacker/life-at-two-services.ts';
import { itemsIn, kindsOfPlace, readPlaces, tablesOf, type Piece } from './attacker/places.ts';
import { found, serialForms, textForms, wordsIn, type Secret } from './attacker/traces.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';

/**
 * A thief has a copy of every table, bucket, log, queue and history, and everything that two services
 * received; then also one use of one KMS key. docs/identifiers.md says what may be learnt from that.
 */
export function whatAnAttackerReads(
  platform: () => PlatformUnderTest,
  folder: () => string,
  card: () => Held,
): void {
  describe('who has all tables, buckets, logs and queues, and all that two services received', () => {
    let life: Life;
    let pieces: readonly Piece[];
    let kms: Kms;
    beforeAll(async () => {
      life = await lifeAtTwoServices(platform(), card());
      await failedDrop(platform());
      // What was logged last is on its way to the file.
      await delay(300);
      pieces = await readPlaces(folder(), platform().sandbox.cloud);
      kms = await startKms({ dataDir: folder() });
    }, 120_000);
    afterAll(() => kms?.close());

    it('has something of every kind, with what the platform wrote there', () => {
      const kinds = new Set(pieces.map(({ kind }) => kind));
      expect([...kinds].sort()).toEqual([...kindsOfPlace].sort());
      const tables = new Set(pieces.flatMap((each) => (each.kind === 'table' ? each.place : [])));
      expect(tables.size).toBe(5);
      const of = (kind: string): Buffer =>
        Buffer.concat(pieces.filter((each) => each.kind === kind).map(({ octets }) => octets));
      expect(of('log').includes('"operation":"authenticate"')).toBe(true);
      expect(of('queue').includes('RetriesExhausted')).toBe(true);
      expect(of('history').includes(life.services[0].jobId)).toBe(true);
      expect(of('bucket').includes(life.persons[0]!.ppids['first']!)).toBe(true);
    });

    it('finds no serial, PPID, name, date, user number and My Key ID in the clear', () => {
      expect(found(secretsOf(life), pieces)).toEqual([]);
    });

    it('finds no value that one person has at both services', () => {
      const [one, other] = life.services.map((service) => wordsOfPersons(service, life.persons));
      for (const { name } of life.persons) {
        const common = [...one!.get(name)!].filter((word) => other!.get(name)!.has(word));
        expect([name, common]).toEqual([name, []]);
      }
      const noticed = life.services.map(
        ({ notices }) => new Set(notices.flatMap((notice) => wordsIn(notice.headers))),
      );
      const ofNotices = [...noticed[0]!].filter((word) => /^(msg_|v1)/.test(word));
      expect(ofNotices.length).toBeGreaterThan(0);
      expect(ofNotices.filter((word) => noticed[1]!.has(word))).toEqual([]);
    });

    it('finds of what a service received about one person only ids of its calls', () => {
      const secrets = life.services.flatMap((service) =>
        [...wordsOfPersons(service, life.persons)].flatMap(([name, words]) =>
          [...words].map((word) => ({
            what: `${service.name}: ${word} of ${name}`,
            forms: [Buffer.from(word)],
            mayStand: (piece: Piece) => standsByCall(word, piece) || ownJob(service, piece),
          })),
        ),
      );
      expect(secrets.length).toBeGreaterThan(50);
      expect(found(secrets, pieces)).toEqual([]);
    });

    it('finds no object that names PPIDs of both services', () => {
      const [one, other] = life.services.map((service) => ppidsAt(service, life.persons));
      const both = pieces.filter(({ octets }) =>
        [one!, other!].every((ppids) => ppids.some((ppid) => octets.includes(ppid))),
      );
      expect(both.map(({ place, label }) => `${place}: ${label}`)).toEqual([]);
    });

    describe('and one MAC of a KMS key', () => {
      let records: readonly IdentityRecord[];
      let persons: ReadonlyMap<string, string>;
      beforeAll(async () => {
        const stored = await itemsIn(folder(), platform().sandbox.cloud);
        records = stored.flatMap(({ item }) =>
          'sealed' in item ? [item as unknown as IdentityRecord] : [],
        );
        persons = await subjectsOf(life, records, keysOf(kms, platform()).keys);
      });

      it('of a service: opens that service’s PPIDs, and none of the other', async () => {
        const { keys, macs } = keysOf(kms, platform());
        const [one, other] = life.services;
        const text = opened(await keys.service(one.serviceId), records);
        expect(macs()).toBe(1);
        const left = life.persons.filter(({ name }) => name !== 'deleted');
        expect(ppidsAt(one, left).filter((ppid) => !text.includes(ppid))).toEqual([]);
        expect(ppidsAt(other, life.persons).filter((ppid) => text.includes(ppid))).toEqual([]);
        expect(text).not.toMatch(/"serial"|"subjectId"/);
      });

      it('of a bucket: opens serials of persons in that bucket alone, one in 4,096', async () => {
        const { keys, macs } = keysOf(kms, platform());
        const subject = persons.get('renewed')!;
        const text = opened(await keys.bucket(bucketOf(subject)), records);
        expect(macs()).toBe(1);
        const held = cardsIn(text);
        expect(held.size).toBeGreaterThan(1);
        for (const person of life.persons) {
          const theirs = persons.get(person.name);
          const isIn = theirs !== undefined && bucketOf(theirs) === bucketOf(subject);
          const serials = person.cards.map((card) => serialOf(card).toLowerCase());
          const seen = serials.filter((serial) => held.has(serial));
          expect([person.name, seen]).toEqual([person.name, isIn ? serials : []]);
        }
        for (const service of life.services)
          expect(ppidsAt(service, life.persons).some((ppid) => text.includes(ppid))).toBe(false);
      });

      it('of the index: opens no serial, no PPID, no user number', async () => {
        const { keys, macs } = keysOf(kms, platform());
        const text = opened(await keys.index(), records);
        expect(macs()).toBe(1);
        expect(text).toContain('"subjectId"');
        const secrets = life.persons.flatMap((person) => [
          ...Object.values(person.ppids),
          ...Object.values(person.userNumbers),
          ...person.cards.map((held) => `"${serialOf(held).toLowerCase()}"`),
        ]);
        expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
      });
    });

    it('would find a leak in a place of every kind', async () => {
      const secret = life.persons[1]!;
      const serial = serialOf(secret.cards.at(-1)!);
      const ppid = secret.ppids['second']!;
      const { cloud } = platform().sandbox;
      const clean = new Set(found(secretsOf(life), pieces));
      const leaks: readonly string[] = [ppid, serial.toLowerCase(), secret.userNumbers['first']!];
      const tables = [
        ...new Set(pieces.filter((each) => each.kind === 'table').map((p) => p.place)),
      ];
      const client = tablesOf(folder(), cloud);
      for (const table of tables)
        await client.send(
          new PutCommand({ TableName: table, Item: { pk: 'leak', sk: 'leak', of: leaks } }),
        );
      client.destroy();
      const files = ['s3/leak/results/job_of_nobody/result', 'logs/leak.log'].concat([
        'queues/leak.jsonl',
        'executions/leak.log',
        'execution-histories/leak.jsonl',
      ]);
      for (const file of files) {
        mkdirSync(dirname(join(folder(), file)), { recursive: true });
        writeFileSync(join(folder(), file), '');
        appendFileSync(join(folder(), file), leaks.map((leak) => `{"of":"${leak}"}\n`).join(''));
      }
      const seen = found(secretsOf(life), await readPlaces(folder(), cloud));
      const fresh = seen.filter((line) => !clean.has(line));
      // A serial may be on a list, the only one of these leaks that a place may hold.
      expect(fresh).toHaveLength(leaks.length * (tables.length + files.length) - 1);
    });
  });
}

/** A file that is no list: the ingestion gives up, and its event goes to the dead-letter queue. */
async function failedDrop({ sandbox }: PlatformUnderTest): Promise<void> {
  const environment = serviceEnvironment(sandbox.cloud);
  const client = localS3(environment['AWS_ENDPOINT_URL_S3']!, sandbox.cloud.operator);
  const Bucket = environment['REVOCATION_BUCKET']!;
  await client.send(new PutObjectCommand({ Bucket, Key: 'drops/no-list.crl', Body: 'no list' }));
  client.destroy();
  await sandbox.cloud.settled();
}

const ppidsAt = ({ name }: Service, persons: readonly Person[]): readonly string[] =>
  persons.map(({ ppids }) => ppids[name]!);

/** Objects of a service's own job: what it handed in, and the results by its own PPIDs. */
const ownJob = (service: Service, { kind, label }: Piece): boolean =>
  kind === 'bucket' && label.includes(service.jobId);

/**
 * What names a call and no person: the nonce of a used challenge, the id of a flag that the service
 * raised, times in logs. The records are sealed: they lead to nobody.
 */
const standsByCall = (word: string, { kind, label }: Piece): boolean =>
  (kind === 'table' && [`CHALLENGE#${word} CHALLENGE`, `F F#${word}`].includes(label)) ||
  (kind === 'log' && /^\d{4}-\d\d-\d\dT/.test(word));

function secretsOf({ services, persons }: Life): readonly Secret[] {
  return persons.flatMap((person) => {
    const { name, cards, ppids, userNumbers, own } = person;
    const text = (what: string, value: string): Secret => ({
      what: `${what} of ${name}`,
      forms: textForms(value),
    });
    return [
      ...services.map((service) => ({
        ...text(`PPID at the ${service.name} service`, ppids[service.name]!),
        mayStand: (piece: Piece) => ownJob(service, piece),
      })),
      ...Object.values(userNumbers).map((number) => text('user number', number)),
      ...own.map((value) => text('My Key ID or statement', value)),
      ...cards.flatMap((held) => [
        ...(held.name === undefined ? [] : [text('name', held.name)]),
        text('certificate', held.certificate.slice(400, 460)),
        ...[serialOf(held), held.signatureSerial ?? []].flat().map((serial) => ({
          what: `serial of ${name}`,
          forms: serialForms(serial),
          // A revoked one is on J-LIS's list.
          mayStand: (piece: Piece) => /revocation/i.test(piece.place),
        })),
      ]),
    ];
  });
}

/** Words that a service received about one person and about no other. */
function wordsOfPersons(
  { received }: Service,
  persons: readonly Person[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const about = (names: readonly string[]): ReadonlySet<string> =>
    new Set(received.flatMap((each) => (names.includes(each.about) ? wordsIn(each.value) : [])));
  const all = ['nobody', ...persons.map(({ name }) => name)];
  return new Map(
    persons.map(({ name }) => {
      const others = about(all.filter((other) => other !== name));
      return [name, new Set([...about([name])].filter((word) => !others.has(word)))];
    }),
  );
}

/** A thief's use of KMS, and how many MACs it made. */
function keysOf(
  kms: Kms,
  { sandbox }: PlatformUnderTest,
): { readonly keys: IdentityKeys; readonly macs: () => number } {
  const environment = [...sandbox.cloud.functions.values()]
    .map(({ settings }) => settings.environment)
    .find((each) => each['BUCKET_KEY_ID'] !== undefined)!;
  const id = (family: string): string => environment[`${family}_KEY_ID`]!;
  const client = new KMSClient({
    endpoint: kms.endpoint,
    region: 'ap-northeast-1',
    credentials: { accessKeyId: 'thief', secretAccessKey: 'unread' },
  });
  let macs = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'GenerateMacCommand') macs += 1;
        return next(args);
      },
    { step: 'initialize' },
  );
  const ids = { index: id('INDEX'), service: id('SERVICE'), bucket: id('BUCKET') };
  return { keys: kmsIdentityKeys(client, ids, 1), macs: () => macs };
}

/** Everything that one key opens, as JSON. */
const opened = (key: DerivedKey, records: readonly IdentityRecord[]): string =>
  records
    .flatMap((record) =>
      (['value', 'owner'] as const).flatMap((part) => {
        const octets = part === 'value' ? record.sealed : record.owner;
        if (octets === undefined) return [];
        try {
          return [JSON.stringify(unseal(key, record, octets, part))];
        } catch {
          return [];
        }
      }),
    )
    .join('\n');

/** Serials of user-authentication certificates; signature certificates may have the same. */
const cardsIn = (text: string): ReadonlySet<string> =>
  new Set(
    text.split('\n').flatMap((line) => {
      const { kind, certificate } = JSON.parse(line) as {
        readonly kind?: string;
        readonly certificate?: { readonly serial: string };
      };
      return kind === 'user-authentication' && certificate ? [certificate.serial] : [];
    }),
  );

/** Who stands behind which subject: known to the test, with all keys, and not to the thief. */
async function subjectsOf(
  { services: [one], persons }: Life,
  records: readonly IdentityRecord[],
  keys: IdentityKeys,
): Promise<ReadonlyMap<string, string>> {
  const store = memoryIdentityStore();
  for (const record of records) await store.write([{ change: 'create', record }]);
  const subjects = new Map<string, string>();
  for (const { name, ppids } of persons) {
    // Before merges are followed: a merge moves no certificate.
    const owner = await readPpidOwner({ store, keys }, one.serviceId, ppids[one.name]!);
    if (owner !== undefined) subjects.set(name, owner.value.subjectId);
  }
  return subjects;
}
