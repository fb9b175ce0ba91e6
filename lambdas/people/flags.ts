import { createHash, randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import { concurrentWrite } from './concurrent-write.ts';
import { personOfPpid } from './find-person.ts';
import type { IdentityRecord, ListPage, RecordChange } from './identity-store.ts';
import { flagKey, flagPartition, flagPrefix } from './layout.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { openWith, resealed, type Opened, type RecordPorts } from './records.ts';
import { seal, versionOf } from './seal.ts';

const observedKinds = [
  // A certificate and the certificate that it renewed are filed under different subjects.
  'predecessor-of-another-subject',
  // A card's signature certificate is filed under another subject than its user-authentication
  // certificate.
  'signature-certificate-of-another-subject',
] as const;

/** What a service reports about its own PPIDs, or a person about the own record. */
export const reportedKinds = ['reported-as-one-person', 'reported-as-two-persons'] as const;

export const flagKinds = [...observedKinds, ...reportedKinds] as const;

export type Decision = 'one-person' | 'two-persons';

/** Sources disagree on who is one person. An operator must decide. */
export interface Flag {
  readonly flagId: string;
  readonly kind: (typeof flagKinds)[number];
  /** Two, or one that is reported as two persons. Never which service reported it. */
  readonly subjects: readonly string[];
  /** Milliseconds since 1970 of the first observation. */
  readonly seenAt: number;
  /** The operator's decision; once decided, the flag is not raised again. */
  readonly settled?: Settlement;
}

interface Settlement {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly as: Decision;
  /** The deciding operator's client key. */
  readonly operator?: string;
  readonly reason?: string;
}

type FlagPorts = RecordPorts & { readonly now: number };

/** Creates one flag per kind and pair of subjects; later observations change nothing. */
export async function raiseFlag(
  { store, keys }: RecordPorts,
  flag: Omit<Flag, 'flagId' | 'settled' | 'kind'> & {
    readonly kind: (typeof observedKinds)[number];
  },
): Promise<void> {
  const flagId = flagIdOf(flag.kind, flag.subjects);
  const key = flagKey(flagId);
  const sealed = seal(await keys.index(), key, { ...flag, flagId });
  await store.write([{ change: 'create', record: { ...key, sealed } }]);
}

/**
 * A service reports that two of its PPIDs are one person, or that one of them is two persons. The
 * flag's id is random: two services that report the same person get unrelated ids.
 * @throws MyKeyError `ppid-not-found`; `identity-act-impossible`: both are one person already
 */
export async function reportPersons(
  ports: FlagPorts,
  serviceId: string,
  ppids: readonly string[],
): Promise<Flag> {
  const { store, keys, now } = ports;
  const persons = await Promise.all(ppids.map((ppid) => personOfPpid(ports, serviceId, ppid)));
  const subjects = persons.map((person) => {
    if (person === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
    return person.value.subjectId;
  });
  if (new Set(subjects).size < subjects.length) {
    throw new MyKeyError('identity-act-impossible', 'both PPIDs belong to one person already');
  }
  const flag: Flag = {
    flagId: `flg_${randomBytes(16).toString('base64url')}`,
    kind: subjects.length === 2 ? 'reported-as-one-person' : 'reported-as-two-persons',
    subjects,
    seenAt: now,
  };
  const key = flagKey(flag.flagId);
  const sealed = seal(await keys.index(), key, flag);
  await store.write([{ change: 'create', record: { ...key, sealed } }]);
  return flag;
}

/**
 * The flag of a person who says that the record is of two persons, for the transaction of the request.
 */
export async function flagOfPerson(
  { keys, now }: FlagPorts,
  subjectId: string,
  flagId: string,
): Promise<{ readonly flagId: string; readonly change: RecordChange }> {
  const kind = 'reported-as-two-persons';
  const flag: Flag = { flagId, kind, subjects: [subjectId], seenAt: now };
  const key = flagKey(flagId);
  const sealed = seal(await keys.index(), key, flag);
  return { flagId, change: { change: 'create', record: { ...key, sealed } } };
}

/** All flags, or a page of them in arbitrary order. */
export async function listFlags(
  { store, keys }: RecordPorts,
  page?: ListPage,
): Promise<readonly Opened<Flag>[]> {
  const found = await store.list(flagPartition, flagPrefix, page);
  return Promise.all(
    found.map(async (record: IdentityRecord) =>
      openWith<Flag>(record, await keys.index(versionOf(record.sealed))),
    ),
  );
}

/** The cursor that follows a flag, for `listFlags`. */
export const afterFlag = (flagId: string): string => flagKey(flagId).sk;

/** @throws MyKeyError `flag-not-found` */
export async function readFlag(
  { store, keys }: RecordPorts,
  flagId: string,
): Promise<Opened<Flag>> {
  const record = await store.read(flagKey(flagId));
  if (record === undefined) throw new MyKeyError('flag-not-found', 'no such flag');
  return openWith<Flag>(record, await keys.index(versionOf(record.sealed)));
}

/**
 * Settles a flag without an act: its subjects stay as they are, two persons if there are two, one if
 * there is one. A repetition changes nothing.
 * @throws MyKeyError `flag-not-found`, `dependency-unavailable`
 */
export async function settleAsIs(
  ports: FlagPorts,
  flagId: string,
  because: { readonly operator: string; readonly reason: string },
): Promise<Flag> {
  const flag = await readFlag(ports, flagId);
  if (flag.value.settled !== undefined) return flag.value;
  const as = flag.value.subjects.length === 2 ? 'two-persons' : 'one-person';
  const settled = { at: ports.now, as, ...because } as const;
  const value: Flag = { ...flag.value, settled };
  const record = resealed(flag.record, await ports.keys.index(), value);
  if (await ports.store.write([{ change: 'replace', record, was: flag.token }])) return value;
  throw concurrentWrite('this flag');
}

/**
 * The changes that settle the flags of these two subjects, for the operator act's own transaction.
 * @param flagId the flag from which the act arose, if it is not one of those
 */
export async function settleFlags(
  subjects: readonly [string, string],
  as: Decision,
  flagId: string | undefined,
  { store, keys, now }: FlagPorts,
): Promise<readonly RecordChange[]> {
  const index = await keys.index();
  const settled = { at: now, as };
  const observed = observedKinds.map((kind) => ({ kind, flagId: flagIdOf(kind, subjects) }));
  const changes = observed.map(async ({ kind, flagId: id }): Promise<RecordChange> => {
    const found = await settling(id);
    if (found !== undefined) return found;
    const key = flagKey(id);
    const flag: Flag = { flagId: id, kind, subjects, seenAt: now, settled };
    return { change: 'create', record: { ...key, sealed: seal(index, key, flag) } };
  });
  const own =
    flagId === undefined || observed.some((one) => one.flagId === flagId)
      ? undefined
      : await settling(flagId);
  return [...(await Promise.all(changes)), ...(own ? [own] : [])];

  async function settling(id: string): Promise<RecordChange | undefined> {
    const record = await store.read(flagKey(id));
    if (record === undefined) return undefined;
    const { value } = openWith<Flag>(record, await keys.index(versionOf(record.sealed)));
    const decided = resealed(record, index, { ...value, settled });
    return { change: 'replace', record: decided, was: record.token };
  }
}

const flagIdOf = (kind: Flag['kind'], subjects: readonly string[]): string =>
  createHash('sha256')
    .update(lengthPrefixed(kind, ...subjects.toSorted()))
    .digest('base64url');
