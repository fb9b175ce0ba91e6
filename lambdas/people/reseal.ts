import { referenceOf } from './certificate-reference.ts';
import type {
  IdentityRecord,
  IdentityScan,
  RecordChange,
  RecordContent,
} from './identity-store.ts';
import {
  actPrefix,
  bucketOf,
  flagPartition,
  subjectPartition,
  userNumberShards,
} from './layout.ts';
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
  resealed,
  type RecordPorts,
  type Standing,
  userNumberRecord,
} from './records.ts';
import { unseal, versionOf } from './seal.ts';

export interface ResealPorts extends RecordPorts {
  readonly store: RecordPorts['store'] & IdentityScan;
  /** Stop at the next page. */
  readonly timeIsUp: () => boolean;
}

export interface Resealed {
  readonly subjects: number;
  /** Records that were of the version before. */
  readonly records: number;
  /** Where to go on; undefined: the whole table was walked. */
  readonly next?: unknown;
}

/**
 * Names and seals every record anew that is of the version before. Record by record, each with its index
 * in one transaction, so that a login finds every person at every moment, and a walk that died is simply
 * walked again. A walk that found none is the end: the version before opens nothing any more.
 */
export async function reseal(from: unknown, ports: ResealPorts): Promise<Resealed> {
  let subjects = 0;
  let records = 0;
  let next = from;
  do {
    const page = await ports.store.scan(next);
    for (const record of page.records) {
      if (record.sk === 'S') {
        subjects += 1;
        records += await resealSubject(record, ports);
      } else if (record.pk === flagPartition) {
        records += await resealUnder(record, await indexKeys(record, ports), ports);
      }
    }
    next = page.next;
  } while (next !== undefined && !ports.timeIsUp());
  return { subjects, records, ...(next !== undefined && { next }) };
}

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
  for (const act of await store.list(subjectPartition(subjectId), actPrefix)) {
    const bucketKeys = [keys.bucket(bucket, versionOf(act.sealed)), keys.bucket(bucket)] as const;
    count += await resealUnder(act, await Promise.all(bucketKeys), ports);
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

/** A certificate's record and its index. */
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

/** A service's entry, its PPID's index, its user number and its chip's index. */
async function renameEntry(
  { value, record, serviceId }: Awaited<ReturnType<typeof listEntries>>[number],
  subjectId: string,
  ports: ResealPorts,
): Promise<number> {
  const { keys } = ports;
  const { ppid, userNumber } = value;
  const [service, bucket, owner, number] = await Promise.all([
    keys.service(serviceId),
    keys.bucket(bucketOf(subjectId)),
    readPpidOwner(ports, serviceId, ppid),
    userNumber === undefined ? undefined : readUserNumber(ports, serviceId, userNumber),
  ]);
  const chipKey = value.chip && Buffer.from(value.chip.publicKey, 'base64');
  const chip = chipKey && (await readChipOwner(ports, serviceId, chipKey));
  return written(
    [
      ...moved(record, entryRecord({ service, bucket }, subjectId, { serviceId }, value)),
      ...(owner ? moved(owner.record, ppidIndexRecord(service, ppid, owner.value)) : []),
      ...(number ? moved(number.record, userNumberRecord(service, number.value)) : []),
      ...(chip && chipKey ? moved(chip.record, chipIndexRecord(service, chipKey, chip.value)) : []),
    ],
    ports,
  );
}

/**
 * The same for the user numbers of a service that wait for their person's login: no subject leads to
 * them.
 * @returns records that were of the version before
 */
export async function resealWaitingNumbers(serviceId: string, ports: ResealPorts): Promise<number> {
  const service = await ports.keys.service(serviceId);
  let count = 0;
  for (let shard = 0; shard < userNumberShards; shard++) {
    for (const { value, record } of await listUserNumbers(ports, serviceId, shard)) {
      if (value.link !== undefined) continue;
      count += await written(moved(record, userNumberRecord(service, value)), ports);
    }
  }
  return count;
}

/** Nothing, where the record has the new name and seals of the new version. */
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

/** A lost race leaves the record to the next walk. */
async function written(changes: readonly RecordChange[], { store }: ResealPorts): Promise<number> {
  if (changes.length === 0 || !(await store.write(changes))) return 0;
  return changes.filter(({ change }) => change !== 'delete').length;
}
