import { MyKeyError } from '../errors.ts';
import { entryOfPerson, personOfPpid } from './find-person.ts';
import type { RecordChange } from './identity-store.ts';
import { userNumberShards } from './layout.ts';
import {
  listUserNumbers,
  readUserNumber,
  resealed,
  userNumberRecord,
  type Entry,
  type Opened,
  type RecordPorts,
  type UserNumber,
} from './records.ts';
import { peopleLimits } from './limits.ts';

export interface LinkPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
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
    const standing = found.number?.value.link;
    if (standing?.ppid === wish.ppid && found.entry.value.userNumber === wish.userNumber) {
      return { outcome: 'unchanged', link: { ...wish, linkedAt: standing.linkedAt } };
    }
    const displaced = refuseOrDisplace(found, wish);
    const changes = await linking(ports, serviceId, wish, found);
    if (await store.write(changes)) {
      const link = { ppid: wish.ppid, userNumber: wish.userNumber, linkedAt: now };
      return { outcome: displaced ? 'replaced' : 'linked', link };
    }
  }
  throw busy();
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
  if (found.number?.value.link?.ppid === wish.ppid) return 'unchanged';
  return refuseOrDisplace(found, wish) ? 'replaced' : 'linked';
}

/** @throws MyKeyError `ppid-not-found`, `link-not-found`, `dependency-unavailable` */
export async function findLink(ports: RecordPorts, serviceId: string, by: LinkSide): Promise<Link> {
  const { entry, number } = await findStanding(ports, serviceId, by);
  return { ppid: entry.value.ppid, ...linked(number) };
}

/** Finds a link by PPID or by user number. */
export type LinkSide = { readonly ppid: string } | { readonly userNumber: string };

/** @throws MyKeyError `ppid-not-found`, `link-not-found`, `dependency-unavailable` */
export async function removeLink(ports: LinkPorts, serviceId: string, by: LinkSide): Promise<Link> {
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const { entry, number } = await findStanding(ports, serviceId, by);
    const changes: RecordChange[] = [
      await withUserNumber(ports, serviceId, entry, undefined),
      { change: 'delete', key: number.key, was: number.token },
    ];
    if (await ports.store.write(changes)) return { ppid: entry.value.ppid, ...linked(number) };
  }
  throw busy();
}

/**
 * Registers a user number whose person is not known yet. The next login that names the number
 * completes the link.
 * @throws MyKeyError `user-number-taken`: the number is linked; `dependency-unavailable`
 */
export async function awaitUserNumber(
  ports: LinkPorts,
  serviceId: string,
  userNumber: string,
): Promise<'waiting' | 'unchanged'> {
  if ((await previewAwait(ports, serviceId, userNumber)) === 'unchanged') return 'unchanged';
  const record = userNumberRecord(await ports.keys.service(serviceId), { userNumber });
  if (await ports.store.write([{ change: 'create', record }])) return 'waiting';
  throw busy();
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
  const found = await readUserNumber(ports, serviceId, userNumber);
  if (found?.value.link !== undefined) throw taken();
  return found === undefined ? 'waiting' : 'unchanged';
}

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
  if (found === undefined) {
    throw new MyKeyError(
      'user-number-not-awaited',
      'hand the user number in with POST /v1/links/await before the login names it',
    );
  }
  return (await putLink(ports, serviceId, { ...wish, replace: false })).link;
}

export interface LinkPage {
  readonly links: readonly Link[];
  /** User numbers that wait for their person's login. */
  readonly waiting: readonly string[];
  /** Cursor of the next page; undefined on the last page. */
  readonly next?: number;
}

/** All links of a service, one shard at a time; `from` starts at 0. */
export async function exportLinks(
  ports: RecordPorts,
  serviceId: string,
  from: number,
): Promise<LinkPage> {
  const numbers = await listUserNumbers(ports, serviceId, from);
  const next = from + 1;
  return {
    links: numbers.flatMap(({ value: { userNumber, link } }) =>
      link === undefined ? [] : [{ userNumber, ...link }],
    ),
    waiting: numbers.flatMap(({ value }) => (value.link === undefined ? [value.userNumber] : [])),
    ...(next < userNumberShards && { next }),
  };
}

interface Found {
  readonly entry: Opened<Entry>;
  readonly number: Opened<UserNumber> | undefined;
  /** The person's current number, if it differs. */
  readonly former: Opened<UserNumber> | undefined;
  /** Whether another person has the number. */
  readonly isTaken: boolean;
  /** The entry of another person that has this number. */
  readonly holder: Opened<Entry> | undefined;
}

async function findBoth(
  ports: RecordPorts,
  serviceId: string,
  { ppid, userNumber }: LinkWish,
): Promise<Found> {
  const [entry, number] = await Promise.all([
    entryOf(ports, serviceId, ppid),
    readUserNumber(ports, serviceId, userNumber),
  ]);
  if (entry === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
  const had = entry.value.userNumber;
  const held = number?.value.link?.ppid;
  const [former, holds] = await Promise.all([
    had === undefined || had === userNumber ? undefined : readUserNumber(ports, serviceId, had),
    held === undefined || held === ppid ? undefined : entryOf(ports, serviceId, held),
  ]);
  // The number's link may name a PPID that a merge replaced: its entry is then this person's own, or
  // that of a person who has another number by now.
  const isOwn = holds?.key.pk === entry.key.pk && holds.key.sk === entry.key.sk;
  const isTaken = holds !== undefined && !isOwn;
  const holder = isTaken && holds.value.userNumber === userNumber ? holds : undefined;
  return { entry, number, former, isTaken, holder };
}

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
  { ppid, userNumber }: LinkWish,
  { entry, number, former, holder }: Found,
): Promise<readonly RecordChange[]> {
  const serviceKey = await ports.keys.service(serviceId);
  const value: UserNumber = { userNumber, link: { ppid, linkedAt: ports.now } };
  return [
    await withUserNumber(ports, serviceId, entry, userNumber),
    number === undefined
      ? { change: 'create', record: userNumberRecord(serviceKey, value) }
      : {
          change: 'replace',
          record: resealed(number.record, serviceKey, value),
          was: number.token,
        },
    ...(former === undefined
      ? []
      : [{ change: 'delete', key: former.key, was: former.token } as const]),
    ...(holder === undefined ? [] : [await withUserNumber(ports, serviceId, holder, undefined)]),
  ];
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

async function findStanding(
  ports: RecordPorts,
  serviceId: string,
  by: LinkSide,
): Promise<{ readonly entry: Opened<Entry>; readonly number: Opened<UserNumber> }> {
  const named = 'userNumber' in by && (await readUserNumber(ports, serviceId, by.userNumber));
  const ppid = 'ppid' in by ? by.ppid : named && named.value.link?.ppid;
  if (ppid === undefined || ppid === false) throw notLinked();
  const entry = await entryOf(ports, serviceId, ppid);
  if (entry === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
  const { userNumber } = entry.value;
  const number =
    userNumber === undefined ? undefined : await readUserNumber(ports, serviceId, userNumber);
  if (number === undefined) throw notLinked();
  return { entry, number };
}

async function entryOf(
  ports: RecordPorts,
  serviceId: string,
  ppid: string,
): Promise<Opened<Entry> | undefined> {
  const person = await personOfPpid(ports, serviceId, ppid);
  return person && entryOfPerson(ports, serviceId, person.value);
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

const busy = (): MyKeyError =>
  new MyKeyError(
    'dependency-unavailable',
    'repeat the request: other calls wrote this link at the same time',
  );
