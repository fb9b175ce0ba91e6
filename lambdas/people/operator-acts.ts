import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import { announcing } from './announcements.ts';
import { referenceOf } from './certificate-reference.ts';
import { concurrentWrite } from './concurrent-write.ts';
import { livingSubject } from './find-person.ts';
import { heldByPerson } from './find-certificates.ts';
import { settleFlags } from './flags.ts';
import type { RecordChange } from './identity-store.ts';
import { peopleLimits } from './limits.ts';
import { actKey, actPrefix, bucketOf, newSubjectId, subjectPartition } from './layout.ts';
import {
  certificateIndexRecord,
  findOwner,
  heldRecord,
  listEntries,
  openWith,
  readStanding,
  resealed,
  standingRecord,
  type HeldCertificate,
  type Opened,
  type RecordPorts,
  type Standing,
} from './records.ts';
import { seal, versionOf } from './seal.ts';

/** An operator's act on a person's record, kept as long as the record. */
export interface OperatorAct {
  readonly actId: string;
  readonly kind: 'merge' | 'split';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The client key of the operator who proposed it. */
  readonly operator: string;
  /** The client key of the second operator. */
  readonly approvedBy?: string;
  /** The operator's reason in free text, without names or numbers. */
  readonly reason: string;
  /**
   * For a merge: the surviving and the absorbed subject. For a split: the original subject alone; it
   * is not recorded who left, whose deletion would otherwise leave a trace here.
   */
  readonly subjects: readonly string[];
  /** Services that the act concerns; its announcement brings it to their feeds. */
  readonly services: readonly string[];
}

export interface ActPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Because {
  readonly operator: string;
  readonly reason: string;
  readonly approvedBy?: string;
  /** Random by default. */
  readonly actId?: string;
  /** The flag from which the act arose; it is settled with it. */
  readonly flagId?: string;
  /** Further changes of the same transaction. */
  readonly also?: (act: OperatorAct) => readonly RecordChange[];
}

/**
 * Merges two subjects into one person, in one transaction. Afterwards, look-ups of `absorb` return
 * `keep`. At a service that knew both, the PPID of `keep` is current and that of `absorb` still
 * resolves; at a service that knew one, its PPID is unchanged. Only services that knew both are
 * notified.
 * @throws MyKeyError `identity-act-impossible`, `dependency-unavailable`
 */
export async function mergeSubjects(
  { keep, absorb, ...because }: Because & { readonly keep: string; readonly absorb: string },
  ports: ActPorts,
): Promise<OperatorAct> {
  const [kept, absorbed] = await Promise.all([whole(keep, ports), whole(absorb, ports)]);
  const subjectId = kept.value.subjectId;
  const former = absorbed.value.subjectId;
  if (subjectId === former) impossible('both subjects are already one person');
  const [index, here, there] = await Promise.all([
    ports.keys.index(),
    servicesOf(ports, kept.value),
    servicesOf(ports, absorbed.value),
  ]);
  const act = newAct('merge', because, [subjectId, former], intersection(here, there), ports);
  const formerly = [...(kept.value.formerly ?? []), former, ...(absorbed.value.formerly ?? [])];
  if (formerly.length > peopleLimits.mergedRecords)
    impossible('examine the flags first: so many records are hardly one person');
  const { suspension: _, ...rest } = kept.value;
  const merged: Standing = { ...rest, ...suspensionOf(kept.value, absorbed.value), formerly };
  await commit(
    [
      {
        change: 'replace',
        record: resealed(kept.record, index, merged),
        was: kept.token,
      },
      {
        change: 'replace',
        record: resealed(absorbed.record, index, { ...absorbed.value, mergedInto: subjectId }),
        was: absorbed.token,
      },
      ...(await leadingTo(subjectId, absorbed.value.formerly ?? [], ports)),
      await recordOf(act, subjectId, ports),
      // Also where no service knows both: a first login that goes on beside this act may change that.
      // Delivery looks again.
      await announcing(
        { type: 'person.ppid-replaced', ...told(act), subjectId, absorbed: former },
        ports,
      ),
      ...(await settleFlags([subjectId, former], 'one-person', because.flagId, ports)),
      ...(because.also?.(act) ?? []),
    ],
    ports,
  );
  return act;
}

/**
 * Records that the absorbed one had absorbed lead to the survivor at once: however often records are
 * merged, each is one step from its person.
 */
async function leadingTo(
  subjectId: string,
  formerly: readonly string[],
  ports: RecordPorts,
): Promise<readonly RecordChange[]> {
  const index = await ports.keys.index();
  const found = await Promise.all(formerly.map((subject) => readStanding(ports, subject)));
  return found.flatMap((standing) =>
    standing === undefined
      ? []
      : [
          {
            change: 'replace',
            record: resealed(standing.record, index, { ...standing.value, mergedInto: subjectId }),
            was: standing.token,
          } as const,
        ],
  );
}

/**
 * A suspension of either record suspends the person. That of the operator prevails: otherwise the
 * person, who alone ends the own one, would end both.
 */
function suspensionOf(...records: readonly Standing[]): Pick<Standing, 'suspended' | 'suspension'> {
  const suspended = records.filter((record) => record.suspended);
  const prevailing =
    suspended.find(({ suspension }) => suspension?.by !== 'person') ?? suspended[0];
  return {
    suspended: prevailing !== undefined,
    ...(prevailing?.suspension && { suspension: prevailing.suspension }),
  };
}

/**
 * Splits one subject into two persons. The named certificates move to a new subject, which gets new
 * PPIDs at its next logins; existing PPIDs stay with the original. All services that knew the
 * record are notified, because their data under a PPID may concern two people.
 * @param held ids of records in the person's history, as returned by `heldByPerson`
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
  if (!leaving.some(isCard))
    impossible(
      'name a user-authentication certificate: without one, the new subject cannot log in',
    );
  if (!history.some((one) => isCard(one) && !leaving.includes(one))) {
    impossible('leave one user-authentication certificate with the original subject');
  }
  if (leaving.length > peopleLimits.certificatesPerSplit)
    impossible('name fewer certificates: they do not fit into one transaction');
  const newSubject = newSubjectId(await keys.bucketForNewSubject());
  const [index, bucket] = await Promise.all([keys.index(), keys.bucket(bucketOf(newSubject))]);
  const services = await servicesOf(ports, standing.value);
  const subjects = [standing.value.subjectId, newSubject] as const;
  const act = newAct('split', because, subjects.slice(0, 1), services, ports);
  const moved = await Promise.all(
    leaving.map((one) => moving(one, newSubject, { index, bucket }, ports)),
  );
  await commit(
    [
      // Written though it says the same: of two splits at once, each of which leaves only what the
      // other takes, one must lose.
      {
        change: 'replace',
        record: resealed(standing.record, index, standing.value),
        was: standing.token,
      },
      {
        change: 'create',
        record: standingRecord(index, { subjectId: newSubject, suspended: false }),
      },
      ...moved.flat(),
      await recordOf(act, standing.value.subjectId, ports),
      await announcing(
        { type: 'person.record-split', ...told(act), subjectId: standing.value.subjectId },
        ports,
      ),
      ...(await settleFlags(subjects, 'two-persons', because.flagId, ports)),
      ...(because.also?.(act) ?? []),
    ],
    ports,
  );
  return act;
}

/** The announcement to the services is part of the act's own transaction. */
const told = ({ at, actId }: OperatorAct) =>
  ({ at, source: 'operator', cause: `act ${actId}` }) as const;

/** Operator acts on a person's record, oldest first. */
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

/** The person after all merges. */
async function whole(subjectId: string, ports: RecordPorts): Promise<Opened<Standing>> {
  const found = (await livingSubject(ports, subjectId)) ?? impossible('no such person');
  if (found.value.deletion !== undefined)
    impossible('wait until the deletion that the person asked for is done or cancelled');
  return found;
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
  { operator, reason, approvedBy, actId }: Because,
  subjects: readonly string[],
  services: readonly string[],
  { now }: ActPorts,
): OperatorAct => ({
  actId: actId ?? randomBytes(16).toString('base64url'),
  kind,
  at: now,
  operator,
  ...(approvedBy !== undefined && { approvedBy }),
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
  if (owner === undefined) impossible('a certificate of the person has no index record');
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
  throw concurrentWrite('this person');
}
