import { MyKeyError } from '../errors.ts';
import { concurrentWrite } from './concurrent-write.ts';
import { personOfPpid } from './find-person.ts';
import type { RecordChange, RecordContent } from './identity-store.ts';
import { userNumberShards } from './layout.ts';
import {
  listUserNumbers,
  readEntry,
  readUserNumber,
  resealed,
  userNumberRecord,
  type Entry,
  type Opened,
  type RecordPorts,
  type UserNumber,
} from './records.ts';
import { expiryAfter, type Retention } from './retention.ts';
import { peopleLimits } from './limits.ts';

export interface LinkPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface AwaitPorts extends LinkPorts {
  readonly retention: Pick<Retention, 'waitingNumbersMs'>;
}

/** A person of a service and the identifier of that person in the service's own system. */
export interface Link {
  readonly ppid: string;
  readonly userNumber: string;
  /** Milliseconds since 1970. */
  readonly linkedAt: number;
}

export interface LinkWish {
  readonly ppid: string;
  readonly userNumber: string;
  /** Removes conflicting links: the person's other number, or the number's other person. */
  readonly replace: boolean;
}

export type LinkOutcome = 'linked' | 'replaced' | 'unchanged';

/**
 * Links a person to a user number, unique both ways within the service, in one transaction.
 * @throws MyKeyError `ppid-not-found`; `user-number-taken`: another person has the number;
 *   `person-already-linked`: the person has another number; `dependency-unavailable`
 */
export async function putLink(
  ports: LinkPorts,
  serviceId: string,
  wish: LinkWish,
): Promise<{ readonly outcome: LinkOutcome; readonly link: Link }> {
  const { store, now } = ports;
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const found = await findBoth(ports, serviceId, wish);
    if (stands(found, wish)) {
      const { linkedAt } = linked(found.number!);
      const { ppid, userNumber } = wish;
      return { outcome: 'unchanged', link: { ppid, userNumber, linkedAt } };
    }
    const displaced = refuseOrDisplace(found, wish);
    const changes = await linking(ports, serviceId, wish, found);
    if (await store.write(changes)) {
      const link = { ppid: wish.ppid, userNumber: wish.userNumber, linkedAt: now };
      return { outcome: displaced ? 'replaced' : 'linked', link };
    }
  }
  throw concurrentWrite('this link');
}

/**
 * Checks whether `putLink` would succeed, without writing, for dry runs.
 * @throws MyKeyError as `putLink`
 */
export async function previewLink(
  ports: LinkPorts,
  serviceId: string,
  wish: LinkWish,
): Promise<LinkOutcome> {
  const found = await findBoth(ports, serviceId, wish);
  if (stands(found, wish)) return 'unchanged';
  return refuseOrDisplace(found, wish) ? 'replaced' : 'linked';
}

/** @throws MyKeyError `ppid-not-found`, `link-not-found`, `dependency-unavailable` */
export async function findLink(ports: RecordPorts, serviceId: string, by: LinkSide): Promise<Link> {
  const { ppid, number } = await findStanding(ports, serviceId, by);
  return { ppid, ...linked(number) };
}

/** Finds a link by PPID or by user number. */
export type LinkSide = { readonly ppid: string } | { readonly userNumber: string };

/** @throws MyKeyError `ppid-not-found`, `link-not-found`, `dependency-unavailable` */
export async function removeLink(ports: LinkPorts, serviceId: string, by: LinkSide): Promise<Link> {
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const { ppid, entry, number } = await findStanding(ports, serviceId, by);
    const changes: RecordChange[] = [
      await withUserNumber(ports, serviceId, entry, undefined),
      { change: 'delete', key: number.key, was: number.token },
    ];
    if (await ports.store.write(changes)) return { ppid, ...linked(number) };
  }
  throw concurrentWrite('this link');
}

/**
 * Registers a user number whose person is not known yet. The next login that names the number
 * completes the link. It waits for the period of retention; handed in again, it waits anew.
 * @throws MyKeyError `user-number-taken`: the number is linked; `dependency-unavailable`
 */
export async function awaitUserNumber(
  ports: AwaitPorts,
  serviceId: string,
  userNumber: string,
): Promise<'waiting' | 'unchanged'> {
  const { store, keys, now, retention } = ports;
  const found = await readUserNumber(ports, serviceId, userNumber);
  const outcome = awaitingOf(found, now);
  const expiresAt = expiryAfter(now, retention.waitingNumbersMs);
  if (found !== undefined && found.record.expiresAt === expiresAt) return outcome;
  const serviceKey = await keys.service(serviceId);
  const change: RecordChange =
    found === undefined
      ? {
          change: 'create',
          record: { ...userNumberRecord(serviceKey, { userNumber }), expiresAt },
        }
      : {
          change: 'replace',
          record: { ...resealed(found.record, serviceKey, found.value), expiresAt },
          was: found.token,
        };
  if (await store.write([change])) return outcome;
  throw concurrentWrite('this link');
}

/**
 * Checks whether `awaitUserNumber` would succeed, without writing.
 * @throws MyKeyError as `awaitUserNumber`
 */
export async function previewAwait(
  ports: LinkPorts,
  serviceId: string,
  userNumber: string,
): Promise<'waiting' | 'unchanged'> {
  return awaitingOf(await readUserNumber(ports, serviceId, userNumber), ports.now);
}

function awaitingOf(found: Opened<UserNumber> | undefined, now: number): 'waiting' | 'unchanged' {
  if (found?.value.link !== undefined) throw taken();
  return found === undefined || isOver(found, now) ? 'waiting' : 'unchanged';
}

/** Whether a waiting number has waited for its period: the time to live deletes it up to two days later. */
const isOver = ({ value, record }: Opened<UserNumber>, now: number): boolean =>
  value.link === undefined && record.expiresAt !== undefined && record.expiresAt * 1_000 <= now;

/**
 * Links the person who logs in to the awaited user number that the login names. A number that the
 * service has not registered is refused, so that a login cannot claim an arbitrary number.
 * @throws MyKeyError `user-number-not-awaited`, `user-number-taken`, `person-already-linked`,
 *   `dependency-unavailable`
 */
export async function completeLink(
  ports: LinkPorts,
  serviceId: string,
  wish: Omit<LinkWish, 'replace'>,
): Promise<Link> {
  const found = await readUserNumber(ports, serviceId, wish.userNumber);
  if (found === undefined || isOver(found, ports.now)) {
    throw new MyKeyError(
      'user-number-not-awaited',
      'hand the user number in with POST /v1/links/await before the login names it',
    );
  }
  return (await putLink(ports, serviceId, { ...wish, replace: false })).link;
}

export interface LinkPage<OneLink = Link> {
  readonly links: readonly OneLink[];
  /** User numbers that wait for their person. */
  readonly waiting: readonly string[];
  /** Cursor of the next page; undefined on the last page. */
  readonly next?: number;
}

/** All links of a service, one shard at a time; `from` starts at 0. */
export async function exportLinks(
  ports: LinkPorts,
  serviceId: string,
  from: number,
): Promise<LinkPage> {
  const numbers = await listUserNumbers(ports, serviceId, from);
  const next = from + 1;
  return {
    links: numbers.flatMap(({ value: { userNumber, link } }) =>
      link === undefined ? [] : [{ userNumber, ...link }],
    ),
    waiting: numbers.flatMap((number) =>
      number.value.link === undefined && !isOver(number, ports.now)
        ? [number.value.userNumber]
        : [],
    ),
    ...(next < userNumberShards && { next }),
  };
}

interface Found {
  /** The person's current entry. */
  readonly entry: Opened<Entry>;
  /** All entries of the person at the service: the current one and those that merges absorbed. */
  readonly own: readonly Opened<Entry>[];
  readonly number: Opened<UserNumber> | undefined;
  /** The person's present link, if it is to another number. */
  readonly former: StandingLink | undefined;
  /** Whether another person has the number. */
  readonly isTaken: boolean;
  /** Another entry that has this number: another person's, or one that a merge absorbed. */
  readonly holder: Opened<Entry> | undefined;
}

async function findBoth(
  ports: RecordPorts,
  serviceId: string,
  { ppid, userNumber }: LinkWish,
): Promise<Found> {
  const [own, number] = await Promise.all([
    entriesOf(ports, serviceId, ppid),
    readUserNumber(ports, serviceId, userNumber),
  ]);
  const [entry] = own;
  if (entry === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
  const held = number?.value.link?.ppid;
  const isOwn = own.some(({ value }) => value.ppid === held);
  const [present, theirs] = await Promise.all([
    linkOf(ports, serviceId, own),
    held === undefined || isOwn ? own : entriesOf(ports, serviceId, held),
  ]);
  const holder = theirs.find(({ value }) => value.userNumber === userNumber);
  return {
    entry,
    own,
    number,
    former: present?.number.value.userNumber === userNumber ? undefined : present,
    isTaken: held !== undefined && !isOwn && theirs.length > 0,
    holder: holder?.key.pk === entry.key.pk ? undefined : holder,
  };
}

/** Whether what is wished for is so already. */
const stands = ({ entry, own, number }: Found, { userNumber }: LinkWish): boolean =>
  entry.value.userNumber === userNumber &&
  own.some(({ value }) => value.ppid === number?.value.link?.ppid);

/** True if an existing link must be removed. */
function refuseOrDisplace({ isTaken, former }: Found, wish: LinkWish): boolean {
  if (wish.replace) return isTaken || former !== undefined;
  if (isTaken) throw taken();
  if (former !== undefined) {
    throw new MyKeyError(
      'person-already-linked',
      'the person has another user number: send replace, or remove that link first',
    );
  }
  return false;
}

async function linking(
  ports: LinkPorts,
  serviceId: string,
  { userNumber }: LinkWish,
  { entry, number, former, holder }: Found,
): Promise<readonly RecordChange[]> {
  const serviceKey = await ports.keys.service(serviceId);
  const link = { ppid: entry.value.ppid, linkedAt: ports.now };
  const value: UserNumber = { userNumber, link };
  const left = [holder, former?.entry].filter(
    (one) => one !== undefined && one.key.pk !== entry.key.pk,
  );
  return [
    await withUserNumber(ports, serviceId, entry, userNumber),
    number === undefined
      ? { change: 'create', record: userNumberRecord(serviceKey, value) }
      : {
          change: 'replace',
          record: withoutExpiry(resealed(number.record, serviceKey, value)),
          was: number.token,
        },
    ...(former === undefined
      ? []
      : [{ change: 'delete', key: former.number.key, was: former.number.token } as const]),
    ...(await Promise.all(left.map((one) => withUserNumber(ports, serviceId, one!, undefined)))),
  ];
}

/** A waiting number has an expiry, a link has none. */
function withoutExpiry(content: RecordContent): RecordContent {
  const { expiresAt: _, ...kept } = content;
  return kept;
}

async function withUserNumber(
  { keys }: RecordPorts,
  serviceId: string,
  entry: Opened<Entry>,
  userNumber: string | undefined,
): Promise<RecordChange> {
  const { userNumber: _, ...rest } = entry.value;
  const value: Entry = { ...rest, ...(userNumber !== undefined && { userNumber }) };
  const record = resealed(entry.record, await keys.service(serviceId), value);
  return { change: 'replace', record, was: entry.token };
}

interface StandingLink {
  readonly entry: Opened<Entry>;
  readonly number: Opened<UserNumber>;
}

/**
 * After a merge, a person can have two numbers at a service: by either PPID the number of the current
 * entry is found, by each number itself. `entry` is the one that has the number; `ppid` is current.
 */
async function findStanding(
  ports: RecordPorts,
  serviceId: string,
  by: LinkSide,
): Promise<StandingLink & { readonly ppid: string }> {
  const number =
    'userNumber' in by ? await readUserNumber(ports, serviceId, by.userNumber) : undefined;
  const named = 'ppid' in by ? by.ppid : number?.value.link?.ppid;
  if (named === undefined) throw notLinked();
  const entries = await entriesOf(ports, serviceId, named);
  const [current] = entries;
  if (current === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
  const { ppid } = current.value;
  if (number === undefined) {
    const link = await linkOf(ports, serviceId, entries);
    if (link !== undefined) return { ...link, ppid };
    throw notLinked();
  }
  const entry = entries.find(({ value }) => value.userNumber === number.value.userNumber);
  if (entry !== undefined) return { entry, number, ppid };
  throw notLinked();
}

/** The link of the first entry that has one. An entry's number may be another person's by now. */
async function linkOf(
  ports: RecordPorts,
  serviceId: string,
  entries: readonly Opened<Entry>[],
): Promise<StandingLink | undefined> {
  for (const entry of entries) {
    const { userNumber } = entry.value;
    if (userNumber === undefined) continue;
    const number = await readUserNumber(ports, serviceId, userNumber);
    const ppid = number?.value.link?.ppid;
    if (number !== undefined && entries.some(({ value }) => value.ppid === ppid))
      return { entry, number };
  }
  return undefined;
}

/** The person's entries at the service, the current one first; none if the PPID is unknown. */
async function entriesOf(
  ports: RecordPorts,
  serviceId: string,
  ppid: string,
): Promise<readonly Opened<Entry>[]> {
  const person = await personOfPpid(ports, serviceId, ppid);
  if (person === undefined) return [];
  const { subjectId, formerly = [] } = person.value;
  const found = await Promise.all(
    [subjectId, ...formerly].map((subject) => readEntry(ports, serviceId, subject)),
  );
  return found.filter((entry) => entry !== undefined);
}

const linked = ({ value }: Opened<UserNumber>) => ({
  userNumber: value.userNumber,
  linkedAt: value.link?.linkedAt ?? 0,
});

const notLinked = (): MyKeyError =>
  new MyKeyError('link-not-found', 'no person of this service has this link');

const taken = (): MyKeyError =>
  new MyKeyError(
    'user-number-taken',
    'another person has this user number: send replace, or remove that link first',
  );
