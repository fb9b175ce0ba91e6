import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import { referenceOf } from './certificate-reference.ts';
import { livingSubject } from './find-person.ts';
import { heldByPerson } from './find-certificates.ts';
import { settleFlag } from './flags.ts';
import type { RecordChange } from './identity-store.ts';
import { actKey, actPrefix, bucketOf, newSubjectId, subjectPartition } from './layout.ts';
import {
  certificateIndexRecord,
  findOwner,
  heldRecord,
  listEntries,
  openWith,
  resealed,
  standingRecord,
  type HeldCertificate,
  type Opened,
  type RecordPorts,
  type Standing,
} from './records.ts';
import { seal, versionOf } from './seal.ts';

/** What an operator did to a person's record, kept as long as the record. */
export interface OperatorAct {
  readonly actId: string;
  readonly kind: 'merge' | 'split';
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly operator: string;
  /** In the operator's words; no names, no numbers. */
  readonly reason: string;
  /** A merge: who stays, who is absorbed. A split: who stays, who is new. */
  readonly subjects: readonly [string, string];
  /** Services that are told; what they are told names PPIDs and is made when it is sent. */
  readonly services: readonly string[];
}

export interface ActPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Because {
  readonly operator: string;
  readonly reason: string;
}

/**
 * Two subjects are one person. One transaction: from then on whatever finds `absorb` finds `keep`. At a
 * service that knew both, the PPID of `keep` is the person's, and that of `absorb` still finds the
 * person; at a service that knew one, that PPID stays. Only services that knew both are told.
 * @throws MyKeyError `identity-act-impossible`, `dependency-unavailable`
 */
export async function mergeSubjects(
  { keep, absorb, ...because }: Because & { readonly keep: string; readonly absorb: string },
  ports: ActPorts,
): Promise<OperatorAct> {
  const [kept, absorbed] = await Promise.all([whole(keep, ports), whole(absorb, ports)]);
  const subjectId = kept.value.subjectId;
  const former = absorbed.value.subjectId;
  if (subjectId === former) impossible('both are one person already');
  const [index, here, there] = await Promise.all([
    ports.keys.index(),
    servicesOf(ports, kept.value),
    servicesOf(ports, absorbed.value),
  ]);
  const act = newAct('merge', because, [subjectId, former], intersection(here, there), ports);
  const formerly = [...(kept.value.formerly ?? []), former, ...(absorbed.value.formerly ?? [])];
  const suspended = kept.value.suspended || absorbed.value.suspended;
  await commit(
    [
      {
        change: 'replace',
        record: resealed(kept.record, index, { ...kept.value, suspended, formerly }),
        was: kept.token,
      },
      {
        change: 'replace',
        record: resealed(absorbed.record, index, { ...absorbed.value, mergedInto: subjectId }),
        was: absorbed.token,
      },
      await recordOf(act, subjectId, ports),
      ...(await settleFlag([subjectId, former], 'one-person', ports)),
    ],
    ports,
  );
  return act;
}

/**
 * One subject is two persons. The certificates named go to a new subject, which gets new PPIDs at its
 * next logins; every PPID stays with the one who keeps the record. All services that knew the record
 * are told: what they filed under their PPID may be of two persons.
 * @param held names of records in the person's history, as `heldByPerson` gives them
 * @throws MyKeyError `identity-act-impossible`, `dependency-unavailable`
 */
export async function splitSubject(
  {
    person,
    held,
    ...because
  }: Because & {
    readonly person: string;
    readonly held: readonly string[];
  },
  ports: ActPorts,
): Promise<OperatorAct> {
  const { keys } = ports;
  const standing = await whole(person, ports);
  const history = await heldByPerson(ports, standing.value);
  const leaving = history.filter(({ key }) => held.includes(key.sk));
  if (leaving.length !== new Set(held).size) impossible('the person holds no such certificate');
  if (!leaving.some(isCard)) impossible('nobody can log in without a certificate for it');
  if (!history.some((one) => isCard(one) && !leaving.includes(one))) {
    impossible('a certificate to log in with has to stay');
  }
  // Three changes a certificate, and five beside them, fit into one transaction.
  if (leaving.length > 30) impossible('too many certificates at once');
  const newSubject = newSubjectId(await keys.bucketForNewSubject());
  const [index, bucket] = await Promise.all([keys.index(), keys.bucket(bucketOf(newSubject))]);
  const services = await servicesOf(ports, standing.value);
  const subjects = [standing.value.subjectId, newSubject] as const;
  const act = newAct('split', because, subjects, services, ports);
  const moved = await Promise.all(
    leaving.map((one) => moving(one, newSubject, { index, bucket }, ports)),
  );
  await commit(
    [
      { change: 'none', key: standing.key, was: standing.token },
      {
        change: 'create',
        record: standingRecord(index, { subjectId: newSubject, suspended: false }),
      },
      ...moved.flat(),
      await recordOf(act, standing.value.subjectId, ports),
      ...(await settleFlag(subjects, 'two-persons', ports)),
    ],
    ports,
  );
  return act;
}

/** What operators did to a person's record, oldest first. */
export async function actsOn(
  ports: RecordPorts,
  { subjectId, formerly = [] }: Standing,
): Promise<readonly OperatorAct[]> {
  const { store, keys } = ports;
  const acts = await Promise.all(
    [subjectId, ...formerly].map(async (subject) => {
      const found = await store.list(subjectPartition(subject), actPrefix);
      return Promise.all(
        found.map(async (record) => {
          const key = await keys.bucket(bucketOf(subject), versionOf(record.sealed));
          return openWith<OperatorAct>(record, key).value;
        }),
      );
    }),
  );
  return acts.flat().toSorted((one, other) => one.at - other.at);
}

/** The person as a whole, wherever merges have led. */
async function whole(subjectId: string, ports: RecordPorts): Promise<Opened<Standing>> {
  return (await livingSubject(ports, subjectId)) ?? impossible('there is no such person');
}

function impossible(why: string): never {
  throw new MyKeyError('identity-act-impossible', why);
}

const isCard = ({ value }: Opened<HeldCertificate>): boolean =>
  value.kind === 'user-authentication';

async function servicesOf(
  ports: RecordPorts,
  { subjectId, formerly = [] }: Standing,
): Promise<readonly string[]> {
  const entries = await Promise.all(
    [subjectId, ...formerly].map((subject) => listEntries(ports, subject)),
  );
  return [...new Set(entries.flat().map(({ serviceId }) => serviceId))];
}

const intersection = (one: readonly string[], other: readonly string[]): readonly string[] =>
  one.filter((each) => other.includes(each));

const newAct = (
  kind: OperatorAct['kind'],
  { operator, reason }: Because,
  subjects: readonly [string, string],
  services: readonly string[],
  { now }: ActPorts,
): OperatorAct => ({
  actId: randomBytes(16).toString('base64url'),
  kind,
  at: now,
  operator,
  reason,
  subjects,
  services,
});

async function recordOf(
  act: OperatorAct,
  subjectId: string,
  { keys }: RecordPorts,
): Promise<RecordChange> {
  const key = actKey(subjectId, act.actId);
  const sealed = seal(await keys.bucket(bucketOf(subjectId)), key, act);
  return { change: 'create', record: { ...key, sealed } };
}

async function moving(
  { value, key, token }: Opened<HeldCertificate>,
  newSubject: string,
  keys: Parameters<typeof heldRecord>[0],
  ports: RecordPorts,
): Promise<readonly RecordChange[]> {
  const certificate = referenceOf(value.certificate);
  const owner = await findOwner(ports, certificate);
  if (owner === undefined) impossible('a certificate of the person is filed nowhere');
  const held = { ...value, subjectId: newSubject };
  const found = certificateIndexRecord(keys.index, certificate, { subjectId: newSubject });
  const renamed = found.pk !== owner.key.pk;
  return [
    { change: 'delete', key, was: token },
    { change: 'create', record: heldRecord(keys, held, certificate) },
    renamed
      ? { change: 'create', record: found }
      : { change: 'replace', record: found, was: owner.token },
    ...(renamed
      ? [{ change: 'delete', key: owner.key, was: owner.token } as const satisfies RecordChange]
      : []),
  ];
}

async function commit(changes: readonly RecordChange[], { store }: RecordPorts): Promise<void> {
  if (await store.write(changes)) return;
  throw new MyKeyError('dependency-unavailable', 'the person was written at this moment');
}
