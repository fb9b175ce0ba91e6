import { MyKeyError } from '../errors.ts';
import { announcing } from './announcements.ts';
import type { RecordChange } from './identity-store.ts';
import { deletionKey } from './layout.ts';
import { peopleLimits } from './limits.ts';
import { livingSubject } from './find-person.ts';
import { resealed, type Opened, type RecordPorts, type Standing } from './records.ts';
import { seal } from './seal.ts';

/** What a person can ask for. */
export const rightsActs = [
  'disclose',
  'correct',
  'suspend',
  'resume',
  'delete',
  'cancel-deletion',
] as const;

export type RightsAct = (typeof rightsActs)[number];

/** What a person can ask for with the card alone, not through operators. */
export const cardActs = [...rightsActs, 'issue-my-key-id', 'revoke-my-key-id'] as const;

export type CardAct = (typeof cardActs)[number];

export interface RightsPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long a deletion can be cancelled, in milliseconds. */
  readonly deletionGraceMs: number;
}

/** Who asks: the person with the card, or two operators on the person's behalf. */
export type Asking = 'person' | 'operator';

/** What a person's request has led to. */
export interface UseOfRecord {
  readonly suspended: boolean;
  readonly suspendedBy?: Asking;
  /** Milliseconds since 1970. */
  readonly deletion?: { readonly requestedAt: number; readonly dueAt: number };
}

export const useOfRecord = ({
  suspended,
  suspension,
  deletion,
}: Pick<Standing, 'suspended' | 'suspension' | 'deletion'>): UseOfRecord => ({
  suspended,
  ...(suspended && { suspendedBy: deletion ? 'person' : (suspension?.by ?? 'operator') }),
  ...(deletion && {
    deletion: { requestedAt: deletion.requestedAt, dueAt: deletion.dueAt },
  }),
});

/**
 * Suspends use: every service refuses the person until use is resumed. A repeated request changes
 * nothing. A suspension by the operator holds beside the person's own, and beside a deletion that the
 * person may cancel.
 * @throws MyKeyError `person-not-known`, `dependency-unavailable`
 */
export const suspendUse = (ports: RightsPorts, subjectId: string, by: Asking) =>
  changeStanding(ports, subjectId, async (standing) => {
    const suspension = { by, at: ports.now };
    if (!standing.suspended)
      return {
        standing: { ...standing, suspended: true, suspension },
        also: [await told(ports, standing, 'person.suspended', by)],
      };
    const { deletion } = standing;
    if (by === 'person' || isByOperator(deletion?.before ?? standing)) return undefined;
    const taken = { suspended: true, suspension };
    return {
      standing: {
        ...standing,
        ...(deletion === undefined ? taken : { deletion: { ...deletion, before: taken } }),
      },
    };
  });

/** A record without its suspension's origin was suspended by the operator. */
const isByOperator = ({
  suspended,
  suspension,
}: Pick<Standing, 'suspended' | 'suspension'>): boolean => suspended && suspension?.by !== 'person';

/**
 * Resumes use. A suspension by the operator is ended by the operator only.
 * @throws MyKeyError `rights-act-impossible`, `person-not-known`, `dependency-unavailable`
 */
export const resumeUse = (ports: RightsPorts, subjectId: string, by: Asking) =>
  changeStanding(ports, subjectId, async (standing) => {
    if (!standing.suspended) return undefined;
    if (standing.deletion !== undefined)
      impossible('cancel the deletion: until then, use stays suspended');
    if (by === 'person' && isByOperator(standing))
      impossible('ask the operator: the operator suspended use, and alone resumes it');
    const { suspension: _, ...rest } = standing;
    return {
      standing: { ...rest, suspended: false },
      also: [await told(ports, standing, 'person.resumed', by)],
    };
  });

/**
 * Asks for deletion: suspends use at once and deletes everything after the time of grace. A
 * repeated request does not move the day.
 * @throws MyKeyError `person-not-known`, `dependency-unavailable`
 */
export const requestDeletion = (ports: RightsPorts, subjectId: string) =>
  changeStanding(ports, subjectId, async (standing) => {
    if (standing.deletion !== undefined) return undefined;
    const { now, deletionGraceMs, keys } = ports;
    const dueAt = now + deletionGraceMs;
    const { suspended, suspension } = standing;
    const before = { suspended, ...(suspension && { suspension }) };
    const due: DueDeletion = { subjectId: standing.subjectId, day: dayOf(dueAt) };
    const index = await keys.index();
    const key = deletionKey(index, due.day, due.subjectId);
    return {
      standing: { ...standing, suspended: true, deletion: { requestedAt: now, dueAt, before } },
      also: [
        { change: 'create', record: { ...key, sealed: seal(index, key, due) } },
        ...(suspended ? [] : [await told(ports, standing, 'person.suspended', 'person')]),
      ],
    };
  });

/**
 * Cancels a deletion and restores what was before it.
 * @throws MyKeyError `rights-act-impossible`: none is asked for, or it has begun;
 *   `person-not-known`, `dependency-unavailable`
 */
export const cancelDeletion = (ports: RightsPorts, subjectId: string) =>
  changeStanding(ports, subjectId, async (standing) => {
    const { deletion, suspended: _, suspension: __, ...rest } = standing;
    if (deletion === undefined)
      impossible('no deletion is asked for: nothing needs to be cancelled');
    if (deletion.begun || deletion.dueAt <= ports.now)
      impossible('log in again for a new record: the deletion has begun');
    const { keys, store } = ports;
    const day = dayOf(deletion.dueAt);
    const places = await Promise.all(
      keys.versions.map(async (version) =>
        store.read(deletionKey(await keys.index(version), day, standing.subjectId)),
      ),
    );
    const dropped = places
      .filter((record) => record !== undefined)
      .map(({ pk, sk, token }) => ({ change: 'delete', key: { pk, sk }, was: token }) as const);
    const resumed = deletion.before.suspended
      ? []
      : [await told(ports, standing, 'person.resumed', 'person')];
    return { standing: { ...rest, ...deletion.before }, also: [...dropped, ...resumed] };
  });

/** A subject's place in the list of its day. */
export interface DueDeletion {
  readonly subjectId: string;
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
}

/** UTC, `YYYY-MM-DD`. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The services that know the person are told, once this transaction is written. */
const told = (
  ports: RightsPorts,
  { subjectId }: Standing,
  type: 'person.suspended' | 'person.resumed',
  source: Asking,
): Promise<RecordChange> =>
  announcing({ subjectId, type, at: ports.now, source, cause: `${type} ${ports.now}` }, ports);

interface Changed {
  readonly standing: Standing;
  readonly also?: readonly RecordChange[];
}

/** Undefined from `decide`: nothing changes. */
async function changeStanding(
  ports: RecordPorts,
  subjectId: string,
  decide: (standing: Standing) => Promise<Changed | undefined>,
): Promise<UseOfRecord> {
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const found = await knownPerson(ports, subjectId);
    const changed = await decide(found.value);
    if (changed === undefined) return useOfRecord(found.value);
    const record = resealed(found.record, await ports.keys.index(), changed.standing);
    const changes: readonly RecordChange[] = [
      { change: 'replace', record, was: found.token },
      ...(changed.also ?? []),
    ];
    if (await ports.store.write(changes)) return useOfRecord(changed.standing);
  }
  throw new MyKeyError(
    'dependency-unavailable',
    'repeat the request: other calls wrote this person at the same time',
  );
}

async function knownPerson(ports: RecordPorts, subjectId: string): Promise<Opened<Standing>> {
  const found = await livingSubject(ports, subjectId);
  if (found !== undefined) return found;
  throw personNotKnown();
}

export const personNotKnown = (): MyKeyError =>
  new MyKeyError(
    'person-not-known',
    'nothing needs to be done: this platform holds no record of the person',
  );

function impossible(why: string): never {
  throw new MyKeyError('rights-act-impossible', why);
}
