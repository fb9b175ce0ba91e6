import { MyKeyError } from '../errors.ts';
import type { DerivedKey } from './identity-keys.ts';
import type {
  IdentityRange,
  IdentityRecord,
  RecordChange,
  RecordContent,
} from './identity-store.ts';
import {
  eventIdOf,
  feedBatchName,
  feedHeadKey,
  usedEventKey,
  waitingHour,
  waitingKey,
  waitingPartition,
} from './layout.ts';
import { peopleLimits } from './limits.ts';
import { dayOf, type NewEvent, type PersonEvent } from './person-event.ts';
import { openWith, type Registration, type Opened, type RecordPorts } from './records.ts';
import { seal, unseal, versionOf } from './seal.ts';

export interface FeedPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ReadFeedPorts extends FeedPorts {
  readonly store: RecordPorts['store'] & IdentityRange;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/**
 * Events wait until the hour in which they were appended is over, and are then released in an order
 * that the service's key decides. Otherwise two services could align their feeds by position or by
 * the moment of arrival, and so join their PPIDs.
 */
interface Waiting extends PersonEvent {
  /** Milliseconds since 1970: the order of one person's events within the hour. */
  readonly order: number;
}

interface Head {
  /** The number that the next event gets; the first is 1. */
  readonly next: number;
  /** Events before this number cannot be read completely any more. */
  readonly floor: number;
  /** When the waiting events were last released, rounded down to the day. */
  readonly releasedOn: number;
  /** Expiry of the last batch: batches expire in their order. */
  readonly expiresAt: number;
}

interface Batch {
  readonly first: number;
  readonly events: readonly PersonEvent[];
}

/**
 * Appends events to a service's feed. Each event and the record that its id was used are written in
 * one transaction: after a crash, the caller repeats the call, and no event appears twice. No two
 * calls contend, so any number of functions may append at once.
 * @throws MyKeyError `dependency-unavailable`: repeat with the same events
 */
export async function appendEvents(
  ports: FeedPorts,
  serviceId: string,
  events: readonly NewEvent[],
): Promise<void> {
  const serviceKey = await ports.keys.service(serviceId);
  for (const event of events) await append(ports, serviceKey, event);
}

/** False results mean that the id was used: the event waits, is in the feed, or has left it. */
async function append(ports: FeedPorts, serviceKey: DerivedKey, event: NewEvent): Promise<void> {
  const { type, ppid, formerPpid, reason, source, cause, at } = event;
  const id = eventIdOf(serviceKey, type, ppid, cause);
  const waiting: Waiting = {
    id,
    type,
    at: dayOf(at),
    ppid,
    ...(formerPpid !== undefined && { formerPpid }),
    ...(reason !== undefined && { reason }),
    ...(source !== undefined && { source }),
    order: at,
  };
  const hour = Math.floor(ports.now / hourMs);
  await ports.store.write([
    create(usedEventKey(serviceKey, id), serviceKey, {}, ports.now),
    create(waitingKey(serviceKey, hour, waiting), serviceKey, waiting, ports.now),
  ]);
}

export interface FeedPage {
  readonly events: readonly PersonEvent[];
  /** The number of the last event that the reader has now. */
  readonly last: number;
  /** More events can be read at once. */
  readonly more: boolean;
}

/**
 * The next events of a service's feed, in order and without gaps. Releases waiting events as far as
 * the page has room for them; concurrent readers see the same order.
 * @param after the number of the last event that the reader has; undefined: the oldest kept event
 * @throws MyKeyError `cursor-too-old`: events after it are no longer kept; `dependency-unavailable`
 */
export async function readFeed(
  ports: ReadFeedPorts,
  serviceId: string,
  { after, limit }: { readonly after: number | undefined; readonly limit: number },
): Promise<FeedPage> {
  const head = await released(ports, serviceId, after, limit);
  const from = after ?? head.floor - 1;
  if (from < head.floor - 1) throw tooOld();
  const batches = await batchesAfter(ports, serviceId, from, limit);
  // A later release may be visible before one between it and the head that was read here.
  const live = batches.filter(
    ({ record, value }) => value.first < head.next && (record.expiresAt ?? 0) * 1_000 > ports.now,
  );
  const events: PersonEvent[] = [];
  let last = from;
  for (const { value } of live) {
    // Everything below `head.next` was committed before this read: what is missing has expired.
    if (value.first > last + 1) {
      if (events.length > 0) break;
      if (after !== undefined) throw tooOld();
      last = value.first - 1;
    }
    for (const [position, event] of value.events.entries()) {
      const number = value.first + position;
      if (number <= last || events.length === limit) continue;
      events.push(event);
      last = number;
    }
  }
  if (events.length === 0 && from < head.next - 1) {
    if (after !== undefined) throw tooOld();
    last = head.next - 1;
  }
  return { events, last, more: last < head.next - 1 || head.waiting };
}

interface Released extends Head {
  /** More events may wait that can be released. */
  readonly waiting: boolean;
}

/** True if events wait that a reader can have released now: it has not read since they came. */
export async function eventsWait(
  { store, keys, now }: ReadFeedPorts,
  serviceId: string,
): Promise<boolean> {
  for (const version of keys.versions) {
    const pk = waitingPartition(await keys.service(serviceId, version));
    const due = await store.range(pk, 'W#', waitingHour(Math.floor(now / hourMs)), 1);
    if (due.length > 0) return true;
  }
  return false;
}

/** Gives waiting events of past hours their numbers until `limit` can be read after `after`. */
async function released(
  ports: ReadFeedPorts,
  serviceId: string,
  after: number | undefined,
  limit: number,
): Promise<Released> {
  for (let round = 0; round < peopleLimits.feedRounds;) {
    const head = await readHead(ports, serviceId);
    const known = head?.value ?? newHead(ports.now);
    const from = Math.max(after ?? 0, known.floor - 1);
    if (known.next - 1 - from >= limit) return { ...known, waiting: true };
    const due = await waitingBefore(ports, serviceId, Math.floor(ports.now / hourMs));
    const isFresh = head !== undefined && known.releasedOn === dayOf(ports.now);
    if (due.events.length === 0 && isFresh) {
      // Another reader may have released the events after the head was read.
      const current = await readHead(ports, serviceId);
      if (current?.token === head.token) return { ...known, waiting: false };
      round += 1;
      continue;
    }
    const changes = await releasing(ports, serviceId, head, due.events);
    if (!(await ports.store.write(changes.changes))) {
      round += 1;
      continue;
    }
    if (!due.more) return { ...changes.head, waiting: false };
    if (changes.head.next - 1 - from >= limit) return { ...changes.head, waiting: true };
  }
  throw new MyKeyError(
    'dependency-unavailable',
    'repeat the request: other requests read the same feed concurrently',
  );
}

const newHead = (now: number): Head => ({
  next: 1,
  floor: 1,
  releasedOn: dayOf(now),
  expiresAt: 0,
});

/**
 * One transaction: the events get numbers, and no longer wait. A feed that was not read for as long
 * as waiting events are kept may have lost some: a number is left out, so that every cursor before
 * it is too old.
 */
async function releasing(
  { keys, now }: ReadFeedPorts,
  serviceId: string,
  head: Opened<Head> | undefined,
  due: readonly Opened<Waiting>[],
): Promise<{ readonly head: Head; readonly changes: readonly RecordChange[] }> {
  const [serviceKey, index] = await Promise.all([keys.service(serviceId), keys.index()]);
  const was = head?.value ?? newHead(now);
  const mayHaveLost = now - was.releasedOn > peopleLimits.eventsKeptMs - dayMs;
  const first = mayHaveLost ? was.next + 1 : was.next;
  const expiresAt = Math.max(was.expiresAt, expiryAfter(now));
  const next = first + due.length;
  const updated: Head = {
    next,
    floor: mayHaveLost ? first : was.floor,
    releasedOn: dayOf(now),
    expiresAt: due.length > 0 ? expiresAt : was.expiresAt,
  };
  const record = headRecord(serviceKey, index, { serviceId }, updated);
  const batch: Batch = { first, events: due.map(({ value }) => eventOf(value)) };
  const batchPlace = { pk: record.pk, sk: feedBatchName(next - 1) };
  const batchRecord = { ...batchPlace, sealed: seal(serviceKey, batchPlace, batch), expiresAt };
  return {
    head: updated,
    changes: [
      ...moving(head, record),
      ...(due.length > 0 ? [{ change: 'create', record: batchRecord } as const] : []),
      ...due.map(({ key, token }) => ({ change: 'delete', key, was: token }) as const),
    ],
  };
}

const eventOf = (waiting: Waiting): PersonEvent => {
  const { id, type, at, ppid, formerPpid, reason, source } = waiting;
  return {
    id,
    type,
    at,
    ppid,
    ...(formerPpid !== undefined && { formerPpid }),
    ...(reason !== undefined && { reason }),
    ...(source !== undefined && { source }),
  };
};

/** The changes that bring a feed's head under the current key version, for re-sealing. */
export async function resealedHead(
  record: IdentityRecord,
  { keys }: Pick<RecordPorts, 'keys'>,
): Promise<readonly RecordChange[]> {
  const sealedOwner = record.owner!;
  const ownerKey = await keys.index(versionOf(sealedOwner));
  const owner = unseal(ownerKey, record, sealedOwner, 'owner') as Pick<Registration, 'serviceId'>;
  const [serviceKey, index] = await Promise.all([keys.service(owner.serviceId), keys.index()]);
  const versions = [versionOf(record.sealed), versionOf(sealedOwner)];
  if (versions.every((version) => version === serviceKey.version)) return [];
  const head = await opened<Head>({ keys }, owner.serviceId, record);
  return moving(head, headRecord(serviceKey, index, owner, head.value));
}

function headRecord(
  serviceKey: DerivedKey,
  index: DerivedKey,
  owner: Pick<Registration, 'serviceId'>,
  head: Head,
): RecordContent {
  const place = feedHeadKey(serviceKey);
  return {
    ...place,
    sealed: seal(serviceKey, place, head),
    // By this, a scan finds the service whose key opens the head.
    owner: seal(index, place, owner, 'owner'),
  };
}

/** The head has one place under each key version; a new version moves it. */
function moving(head: Opened<Head> | undefined, record: RecordContent): readonly RecordChange[] {
  if (head === undefined) return [{ change: 'create', record }];
  if (head.key.pk === record.pk) return [{ change: 'replace', record, was: head.token }];
  return [
    { change: 'delete', key: head.key, was: head.token },
    { change: 'create', record },
  ];
}

async function readHead(
  { store, keys }: RecordPorts,
  serviceId: string,
): Promise<Opened<Head> | undefined> {
  for (const version of keys.versions) {
    const found = await store.read(feedHeadKey(await keys.service(serviceId, version)));
    if (found !== undefined) return opened<Head>({ keys }, serviceId, found);
  }
  return undefined;
}

/** Whole persons of whole hours: the events of one person stay in the order of their times. */
async function waitingBefore(
  { store, keys }: ReadFeedPorts,
  serviceId: string,
  hour: number,
): Promise<{ readonly events: readonly Opened<Waiting>[]; readonly more: boolean }> {
  // The previous version first: what waits under it is older.
  for (const version of keys.versions.toReversed()) {
    const pk = waitingPartition(await keys.service(serviceId, version));
    // A head that moves to a new version takes one change more.
    const room = peopleLimits.eventsPerBatch - 1;
    const found = await store.range(pk, 'W#', waitingHour(hour), room + 1);
    if (found.length === 0) continue;
    const more = found.length > room;
    const whole = more ? withoutLastPerson(found) : found;
    const events = await Promise.all(
      whole.map((record) => opened<Waiting>({ keys }, serviceId, record)),
    );
    return { events: inOrder(events), more: more || version !== keys.versions[0] };
  }
  return { events: [], more: false };
}

const personOf = ({ sk }: { readonly sk: string }): string => sk.slice(0, sk.lastIndexOf('#'));

function withoutLastPerson(found: readonly IdentityRecord[]): readonly IdentityRecord[] {
  const last = personOf(found.at(-1)!);
  const whole = found.filter((record) => personOf(record) !== last);
  // One person with more events in an hour than a batch holds: in the order of their ids.
  return whole.length > 0 ? whole : found.slice(0, -1);
}

function inOrder(events: readonly Opened<Waiting>[]): readonly Opened<Waiting>[] {
  return events.toSorted((one, other) => {
    const [a, b] = [personOf(one.key), personOf(other.key)];
    if (a !== b) return a < b ? -1 : 1;
    return one.value.order - other.value.order;
  });
}

async function batchesAfter(
  { store, keys }: ReadFeedPorts,
  serviceId: string,
  after: number,
  limit: number,
): Promise<readonly Opened<Batch>[]> {
  const listed = await Promise.all(
    keys.versions.map(async (version) => {
      const { pk } = feedHeadKey(await keys.service(serviceId, version));
      // At least one event in each batch.
      const found = await store.range(pk, feedBatchName(after + 1), 'B#~', Math.min(limit, 50));
      return Promise.all(found.map((record) => opened<Batch>({ keys }, serviceId, record)));
    }),
  );
  return listed.flat().toSorted((one, other) => one.value.first - other.value.first);
}

const opened = async <T>(
  { keys }: Pick<RecordPorts, 'keys'>,
  serviceId: string,
  record: IdentityRecord,
): Promise<Opened<T>> =>
  openWith<T>(record, await keys.service(serviceId, versionOf(record.sealed)));

const create = (
  place: { readonly pk: string; readonly sk: string },
  key: DerivedKey,
  value: unknown,
  now: number,
): RecordChange => ({
  change: 'create',
  record: { ...place, sealed: seal(key, place, value), expiresAt: expiryAfter(now) },
});

/** In seconds, rounded up to a whole day: an expiry in the clear names no moment. */
const expiryAfter = (now: number): number =>
  (Math.ceil((now + peopleLimits.eventsKeptMs) / dayMs) * dayMs) / 1_000;

const tooOld = (): MyKeyError =>
  new MyKeyError(
    'cursor-too-old',
    'query the status of your persons, then read from the oldest kept event, without `after`: events after this cursor have expired',
  );
