import { referenceOf } from './certificate-reference.ts';
import type {
  IdentityRecord,
  IdentityScan,
  ScanPart,
  RecordChange,
  RecordContent,
} from './identity-store.ts';
import {
  actPrefix,
  correctionPrefix,
  announcementPrefix,
  behalfPartition,
  bucketOf,
  deletionKey,
  deletionPrefix,
  feedHeadName,
  flagPartition,
  myKeyIdIndexKey,
  myKeyIdKey,
  myKeyIdPrefix,
  openCorrectionPartition,
  proposalPartition,
  subjectPartition,
  userNumberShards,
} from './layout.ts';
import { resealedHead } from './feed.ts';
import {
  certificateIndexRecord,
  chipIndexRecord,
  entryRecord,
  findOwner,
  heldRecord,
  listEntries,
  listHeld,
  listUserNumbers,
  openWith,
  ppidIndexRecord,
  readChipOwner,
  readPpidOwner,
  readUserNumber,
  registrationRecord,
  resealed,
  type ListedEntry,
  type RecordPorts,
  type Standing,
  userNumberRecord,
} from './records.ts';
import type { MyKeyIdOwner } from './my-key-id-records.ts';
import type { DueDeletion } from './rights.ts';
import { seal, unseal, versionOf } from './seal.ts';

export interface ResealPorts extends RecordPorts {
  readonly store: RecordPorts['store'] & IdentityScan;
  /** Stops before the next page. */
  readonly timeIsUp: () => boolean;
  /** The part of the table to scan; all of it if omitted. */
  readonly part?: ScanPart;
}

export interface Resealed {
  readonly subjects: number;
  /** Number of records that had the previous key version. */
  readonly records: number;
  /** Cursor to resume at; undefined: the whole table was scanned. */
  readonly next?: unknown;
}

/**
 * Re-seals every record of the previous key version under the current one. Each record moves
 * together with its index record in one transaction, so that logins find every person throughout;
 * an interrupted scan can be repeated. When a scan finds none, no record needs the previous
 * version.
 */
export async function reseal(from: unknown, ports: ResealPorts): Promise<Resealed> {
  let subjects = 0;
  let records = 0;
  let next = from;
  do {
    const page = await ports.store.scan(next, ports.part);
    for (const record of page.records) {
      if (record.sk === 'S') {
        subjects += 1;
        records += await resealSubject(record, ports);
      } else if (isSealedByIndexKey(record)) {
        records += await resealUnder(record, await indexKeys(record, ports), ports);
      } else if (record.pk.startsWith(myKeyIdPrefix)) {
        records += await renameMyKeyId(record, ports);
      } else if (record.pk.startsWith(deletionPrefix)) {
        records += await renameDueDeletion(record, ports);
      } else if (record.sk === feedHeadName) {
        records += await written(await resealedHead(record, ports), ports);
      }
    }
    next = page.next;
  } while (next !== undefined && !ports.timeIsUp());
  return { subjects, records, ...(next !== undefined && { next }) };
}

/** Records that are sealed under the index key and keep their names. */
const isSealedByIndexKey = ({ pk }: IdentityRecord): boolean =>
  [flagPartition, behalfPartition, proposalPartition, openCorrectionPartition].includes(pk) ||
  pk.startsWith(announcementPrefix);

async function resealSubject(record: IdentityRecord, ports: ResealPorts): Promise<number> {
  const { keys, store } = ports;
  const { value } = openWith<Standing>(record, await keys.index(versionOf(record.sealed)));
  const { subjectId } = value;
  let count = 0;
  for (const held of await listHeld(ports, subjectId)) count += await renameHeld(held, ports);
  for (const entry of await listEntries(ports, subjectId)) {
    count += await renameEntry(entry, subjectId, ports);
  }
  const bucket = bucketOf(subjectId);
  for (const prefix of [actPrefix, correctionPrefix]) {
    for (const kept of await store.list(subjectPartition(subjectId), prefix)) {
      const version = versionOf(kept.sealed);
      const bucketKeys = [keys.bucket(bucket, version), keys.bucket(bucket)] as const;
      count += await resealUnder(kept, await Promise.all(bucketKeys), ports);
    }
  }
  const ids = await store.read(myKeyIdKey(subjectId));
  if (ids !== undefined) {
    const bucketKeys = [keys.bucket(bucket, versionOf(ids.sealed)), keys.bucket(bucket)] as const;
    count += await resealUnder(ids, await Promise.all(bucketKeys), ports);
  }
  return count + (await resealUnder(record, await indexKeys(record, ports), ports));
}

const indexKeys = (record: IdentityRecord, { keys }: ResealPorts) =>
  Promise.all([keys.index(versionOf(record.sealed)), keys.index()]);

type Keys = Awaited<ReturnType<typeof indexKeys>>;

async function resealUnder(
  record: IdentityRecord,
  [old, current]: Keys,
  ports: ResealPorts,
): Promise<number> {
  if (old.version === current.version) return 0;
  const value = unseal(old, record, record.sealed);
  return written([replacing(record, resealed(record, current, value))], ports);
}

/** The look-up by a My Key ID, in force or not. */
async function renameMyKeyId(record: IdentityRecord, ports: ResealPorts): Promise<number> {
  const [old, current] = await indexKeys(record, ports);
  const { value } = openWith<MyKeyIdOwner>(record, old);
  const key = myKeyIdIndexKey(current, value.myKeyId);
  return written(moved(record, { ...key, sealed: seal(current, key, value) }), ports);
}

/** A subject's place in the list of the day on which it is deleted. */
async function renameDueDeletion(record: IdentityRecord, ports: ResealPorts): Promise<number> {
  const [old, current] = await indexKeys(record, ports);
  const { value } = openWith<DueDeletion>(record, old);
  const key = deletionKey(current, value.day, value.subjectId);
  return written(moved(record, { ...key, sealed: seal(current, key, value) }), ports);
}

/** A certificate's record and its index record. */
async function renameHeld(
  { value, record }: Awaited<ReturnType<typeof listHeld>>[number],
  ports: ResealPorts,
): Promise<number> {
  const { keys } = ports;
  const certificate = referenceOf(value.certificate);
  const [index, bucket] = await Promise.all([keys.index(), keys.bucket(bucketOf(value.subjectId))]);
  const owner = await findOwner(ports, certificate);
  return written(
    [
      ...moved(record, heldRecord({ index, bucket }, value, certificate)),
      ...(owner
        ? moved(owner.record, certificateIndexRecord(index, certificate, owner.value))
        : []),
    ],
    ports,
  );
}

/** A service's entry, its registration, and the index records of its PPID, user number and chip. */
async function renameEntry(
  { value, record, serviceId, registration }: ListedEntry,
  subjectId: string,
  ports: ResealPorts,
): Promise<number> {
  const { keys } = ports;
  const { ppid, userNumber } = value;
  const { chip: enrolled } = registration.value;
  const [index, service, bucket, owner, number] = await Promise.all([
    keys.index(),
    keys.service(serviceId),
    keys.bucket(bucketOf(subjectId)),
    readPpidOwner(ports, serviceId, ppid),
    userNumber === undefined ? undefined : readUserNumber(ports, serviceId, userNumber),
  ]);
  const chipKey = enrolled && Buffer.from(enrolled.publicKey, 'base64');
  const chip = chipKey && (await readChipOwner(ports, serviceId, chipKey));
  return written(
    [
      ...moved(record, entryRecord(service, subjectId, value)),
      ...moved(
        registration.record,
        registrationRecord({ service, bucket }, subjectId, registration.value),
      ),
      ...(owner ? moved(owner.record, ppidIndexRecord({ service, index }, ppid, owner.value)) : []),
      ...(number ? moved(number.record, userNumberRecord(service, number.value)) : []),
      ...(chip && chipKey ? moved(chip.record, chipIndexRecord(service, chipKey, chip.value)) : []),
    ],
    ports,
  );
}

export interface ResealedNumbers {
  /** Number of records that had the previous version. */
  readonly records: number;
  /** Shard to resume at; undefined: all of the service's shards were read. */
  readonly next?: number;
}

/**
 * Re-seals the user numbers of a service that wait for a login; no subject refers to them.
 * @param from shard to begin with
 */
export async function resealWaitingNumbers(
  serviceId: string,
  from: number,
  ports: ResealPorts,
): Promise<ResealedNumbers> {
  const service = await ports.keys.service(serviceId);
  let records = 0;
  for (let shard = from; shard < userNumberShards; shard++) {
    if (shard > from && ports.timeIsUp()) return { records, next: shard };
    for (const { value, record } of await listUserNumbers(ports, serviceId, shard)) {
      if (value.link !== undefined) continue;
      const { expiresAt } = record;
      const fresh = userNumberRecord(service, value);
      const kept = expiresAt === undefined ? fresh : { ...fresh, expiresAt };
      records += await written(moved(record, kept), ports);
    }
  }
  return { records };
}

/** No change if the record already has the key and seals of the new version. */
function moved(record: IdentityRecord, fresh: RecordContent): readonly RecordChange[] {
  if (record.pk === fresh.pk && record.sk === fresh.sk) {
    const parts = [
      [record.sealed, fresh.sealed],
      [record.owner ?? record.sealed, fresh.owner ?? fresh.sealed],
    ] as const;
    if (parts.every(([old, made]) => versionOf(old) === versionOf(made))) return [];
    return [replacing(record, fresh)];
  }
  return [
    { change: 'delete', key: { pk: record.pk, sk: record.sk }, was: record.token },
    { change: 'create', record: fresh },
  ];
}

const replacing = (record: IdentityRecord, fresh: RecordContent): RecordChange => ({
  change: 'replace',
  record: fresh,
  was: record.token,
});

/**
 * A record whose write lost a race is left to the next scan. It counts like one that was written: a
 * scan that counts none has found none.
 */
async function written(changes: readonly RecordChange[], { store }: ResealPorts): Promise<number> {
  if (changes.length > 0) await store.write(changes);
  return changes.filter(({ change }) => change !== 'delete').length;
}
