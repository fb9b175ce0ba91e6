import { createHmac, randomBytes } from 'node:crypto';
import { appendEvents, type FeedPorts } from './feed.ts';
import { entryOfPerson, livingSubject } from './find-person.ts';
import type { IdentityRange, RecordChange } from './identity-store.ts';
import { announcementPartition, announcementPrefix, announcementShards } from './layout.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { peopleLimits } from './limits.ts';
import type { Happening } from './person-event.ts';
import {
  listEntries,
  openWith,
  readStanding,
  type ListedEntry,
  type Opened,
  type RecordPorts,
  type Registration,
  type Standing,
} from './records.ts';
import { seal, versionOf } from './seal.ts';

/** What happened to a person, for the services that know the person. */
export interface Announcement extends Happening {
  readonly subjectId: string;
  /** For `person.ppid-replaced`: the subject that was merged into this one. */
  readonly absorbed?: string;
}

/**
 * The change that announces something, for the transaction of what happened: both are written or
 * none. It is one record, whatever number of services knows the person, and needs no key of theirs.
 * `deliverAnnouncements` brings it to their feeds later.
 */
export const announcing = (
  announcement: Announcement,
  ports: Pick<RecordPorts, 'keys'>,
): Promise<RecordChange> => announcementOf(announcement, ports, randomBytes(16));

/**
 * Announces what no transaction of its own records, such as a revocation learnt from a responder.
 * While the announcement waits, repeating it writes nothing.
 */
export async function announceOnce(announcement: Announcement, ports: RecordPorts): Promise<void> {
  const { mac } = await ports.keys.index();
  const { type, subjectId, cause } = announcement;
  const fields = lengthPrefixed('my-key-platform/announcement', type, subjectId, cause);
  const name = createHmac('sha256', mac).update(fields).digest();
  await ports.store.write([await announcementOf(announcement, ports, name)]);
}

async function announcementOf(
  announcement: Announcement,
  { keys }: Pick<RecordPorts, 'keys'>,
  name: Uint8Array,
): Promise<RecordChange> {
  const shard = name[0]! % announcementShards;
  const key = {
    pk: announcementPartition(shard),
    sk: `${announcementPrefix}${Buffer.from(name).toString('base64url')}`,
  };
  return {
    change: 'create',
    record: { ...key, sealed: seal(await keys.index(), key, announcement) },
  };
}

/**
 * Tells every service that knows a person, by its own PPID. For callers that are repeated after a
 * crash, such as a deletion before it erases the entries.
 * @param concerns selects services by their registration; all if omitted
 */
export async function tellServices(
  ports: FeedPorts,
  { subjectId, formerly = [] }: Standing,
  happening: Happening,
  concerns: (registration: Registration) => boolean = () => true,
): Promise<number> {
  const parts = await Promise.all(
    [subjectId, ...formerly].map((subject) => listEntries(ports, subject)),
  );
  // The first entry of a service is the current one, as for a login.
  const current = new Map<string, ListedEntry>();
  for (const entry of parts.flat()) {
    if (!current.has(entry.serviceId)) current.set(entry.serviceId, entry);
  }
  const told = [...current.values()].filter(({ registration }) => concerns(registration.value));
  for (const { serviceId, value } of told) {
    await appendEvents(ports, serviceId, [{ ...happening, ppid: value.ppid }]);
  }
  return told.length;
}

export interface Delivered {
  readonly announcements: number;
  /** More are waiting. */
  readonly more: boolean;
}

export interface DeliveryPorts extends FeedPorts {
  readonly store: RecordPorts['store'] & IdentityRange;
  /** Stops before the next announcement. */
  readonly timeIsUp: () => boolean;
}

/**
 * Brings the announcements of one shard to the feeds of the services that know the persons. An
 * announcement is deleted after its events are written; after a crash it is delivered again, and
 * the feeds recognise the events.
 */
export async function deliverAnnouncements(
  ports: DeliveryPorts,
  shard: number,
): Promise<Delivered> {
  const { store, keys } = ports;
  let announcements = 0;
  for (;;) {
    const page = await store.range(
      announcementPartition(shard),
      announcementPrefix,
      `${announcementPrefix}~`,
      peopleLimits.eventsPerBatch,
    );
    for (const record of page) {
      if (ports.timeIsUp()) return { announcements, more: true };
      const index = await keys.index(versionOf(record.sealed));
      await deliver(openWith<Announcement>(record, index), ports);
      announcements += 1;
    }
    if (page.length < peopleLimits.eventsPerBatch) return { announcements, more: false };
  }
}

async function deliver(
  { key, token, value }: Opened<Announcement>,
  ports: DeliveryPorts,
): Promise<void> {
  const { subjectId, absorbed, ...happening } = value;
  if (absorbed !== undefined) await tellOfMerge(subjectId, absorbed, happening, ports);
  else {
    const person = await livingSubject(ports, subjectId);
    if (person !== undefined) await tellServices(ports, person.value, happening);
  }
  await ports.store.write([{ change: 'delete', key, was: token }]);
}

/** Only the services that knew both: at the others, the PPID is unchanged. */
async function tellOfMerge(
  keep: string,
  absorbed: string,
  happening: Happening,
  ports: DeliveryPorts,
): Promise<void> {
  const [kept, former] = await Promise.all([
    readStanding(ports, keep),
    readStanding(ports, absorbed),
  ]);
  if (kept === undefined || former === undefined) return;
  const gone = [absorbed, ...(former.value.formerly ?? [])];
  // As it was when they merged: what was absorbed later is the affair of its own announcement.
  const { formerly = [] } = kept.value;
  const standing: Standing = {
    ...kept.value,
    formerly: formerly.slice(0, formerly.indexOf(absorbed)),
  };
  const theirs = (await Promise.all(gone.map((subject) => listEntries(ports, subject)))).flat();
  for (const { serviceId, value } of theirs) {
    const entry = await entryOfPerson(ports, serviceId, standing);
    if (entry === undefined) continue;
    const { ppid } = entry.value;
    await appendEvents(ports, serviceId, [
      { ...happening, ppid, formerPpid: value.ppid, cause: `${happening.cause} ${value.ppid}` },
    ]);
  }
}
