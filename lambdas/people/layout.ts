import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { CertificateReference } from './certificate-reference.ts';
import type { DerivedKey } from './identity-keys.ts';
import type { RecordKey } from './identity-store.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/**
 * Partition / sort key → value of each record. `n` is the key version that computed the HMAC.
 *
 * C#n#HMAC(index key, certificate) / C    → subject id, sealed under the index key
 * S#SHA-256(subject id)
 *   / S                                    standing, sealed under the index key
 *   / H#n#HMAC(index key, subject, certificate)  a certificate, sealed under the bucket key
 *   / R#n#HMAC(service key, subject)       a service that knows the person, the signature certificate
 *                                          that attributes are compared with, and the enrolled chip;
 *                                          sealed under the bucket key
 *   / A#random                             an operator's act, sealed under the bucket key
 *   / M                                    the person's My Key IDs, sealed under the bucket key
 *   / G#random                             what the person asked to be corrected, and what became of
 *                                          it, sealed under the bucket key
 * M#n#HMAC(index key, My Key ID) / M       → subject id while it is in force, under the index key
 * E#n#HMAC(service key, subject) / E       PPID and the service's other data about a person, sealed
 *                                          under the service key
 * P#n#HMAC(service key, PPID) / P          → subject id, sealed under the index key
 * U#n#HMAC(service key, shard) / U#n#HMAC(service key, user number)
 *                                          → user number and PPID, sealed under the service key
 * K#n#HMAC(service key, chip key) / K       → PPID that has enrolled it, sealed under the service key
 * F / F#random                             flags for operators, sealed under the index key
 * D#n#HMAC(index key, day) / D#HMAC(index key, subject)
 *                                          → subject that is deleted on that day, under the index key
 * B / B#random                             a request on behalf of a person, under the index key
 * G / G#random                             → subject whose request for correction is undecided, under
 *                                          the index key
 * N#shard / N#random                       an announcement to the services that know a person, until
 *                                          it is in their feeds; sealed under the index key
 * W#n#HMAC(service key) / W#hour#HMAC(service key, PPID)#event id
 *                                          an event that waits for its place in the feed, under the
 *                                          service key
 * V#n#HMAC(service key, event id) / V      the event id was used; under the service key
 * Q#n#HMAC(service key) / Q                the feed's next number, under the service key; the
 *                                          service's id, under the index key
 *   / B#last number                        events in the feed's order, under the service key
 * X / X#random                             an act that one operator proposed and another approves,
 *                                          sealed under the index key
 */

/** The bucket number (12 bits), then 128 random bits; reveals nothing about person or card. */
export const newSubjectId = (bucket: number): string =>
  bucket.toString(16).padStart(3, '0') + randomBytes(16).toString('hex');

/** The bucket whose key seals the data that logins do not read. */
export const bucketOf = (subjectId: string): number => Number.parseInt(subjectId.slice(0, 3), 16);

/** A subject id has 128 random bits: a plain digest cannot be inverted, so it needs no key. */
export const subjectPartition = (subjectId: string): string =>
  `S#${createHash('sha256').update(lengthPrefixed('my-key-platform/subject', subjectId)).digest('base64url')}`;

export const standingKey = (subjectId: string): RecordKey => ({
  pk: subjectPartition(subjectId),
  sk: 'S',
});

/**
 * Serial numbers have only about 27 bits: a plain digest would be inverted by enumeration after a
 * table leak, so it is keyed.
 */
export const certificateIndexKey = (key: DerivedKey, certificate: CertificateReference) => ({
  pk: `C#${key.version}#${macOf(key, 'certificate', ...fieldsOf(certificate))}`,
  sk: 'C',
});

export const heldPrefix = 'H#';

export const heldKey = (
  key: DerivedKey,
  subjectId: string,
  certificate: CertificateReference,
): RecordKey => ({
  pk: subjectPartition(subjectId),
  sk: `${heldPrefix}${key.version}#${macOf(key, 'held', subjectId, ...fieldsOf(certificate))}`,
});

/**
 * In a partition of its own: the keys of two services open the entries of both, and neither names nor
 * places of the entries relate those of one person.
 */
export const entryKey = (serviceKey: DerivedKey, subjectId: string): RecordKey => ({
  pk: `E#${serviceKey.version}#${macOf(serviceKey, 'entry', subjectId)}`,
  sk: 'E',
});

export const registrationPrefix = 'R#';

/**
 * Keyed with the service's key: the index key alone does not reveal which services a person uses.
 */
export const registrationKey = (serviceKey: DerivedKey, subjectId: string): RecordKey => ({
  pk: subjectPartition(subjectId),
  sk: `${registrationPrefix}${serviceKey.version}#${macOf(serviceKey, 'registration', subjectId)}`,
});

export const ppidIndexKey = (serviceKey: DerivedKey, ppid: string): RecordKey => ({
  pk: `P#${serviceKey.version}#${macOf(serviceKey, 'ppid', ppid)}`,
  sk: 'P',
});

/** Within a service, a chip belongs to one person. */
export const chipIndexKey = (serviceKey: DerivedKey, publicKey: Uint8Array): RecordKey => ({
  pk: `K#${serviceKey.version}#${macOf(serviceKey, 'chip', publicKey)}`,
  sk: 'K',
});

/**
 * Number of partitions for a service's user numbers. Listing all of them reads one partition at a
 * time.
 */
export const userNumberShards = 256;

export const userNumberPrefix = 'U#';

export const userNumberPartition = (serviceKey: DerivedKey, shard: number): string =>
  `U#${serviceKey.version}#${macOf(serviceKey, 'user-numbers', String(shard))}`;

export function userNumberKey(serviceKey: DerivedKey, userNumber: string): RecordKey {
  const name = macOf(serviceKey, 'user-number', userNumber);
  const shard = Buffer.from(name, 'base64url')[0]!;
  return {
    pk: userNumberPartition(serviceKey, shard),
    sk: `${userNumberPrefix}${serviceKey.version}#${name}`,
  };
}

export const actPrefix = 'A#';

export const actKey = (subjectId: string, actId: string): RecordKey => ({
  pk: subjectPartition(subjectId),
  sk: `${actPrefix}${actId}`,
});

export const correctionPrefix = 'G#';

export const correctionKey = (subjectId: string, requestId: string): RecordKey => ({
  pk: subjectPartition(subjectId),
  sk: `${correctionPrefix}${requestId}`,
});

/** Undecided requests for correction: as many as operators work on. */
export const openCorrectionPartition = 'G';
export const openCorrectionPrefix = 'G#';

export const openCorrectionKey = (requestId: string): RecordKey => ({
  pk: openCorrectionPartition,
  sk: `${openCorrectionPrefix}${requestId}`,
});

export const flagPartition = 'F';
export const flagPrefix = 'F#';

export const flagKey = (flagId: string): RecordKey => ({
  pk: flagPartition,
  sk: `${flagPrefix}${flagId}`,
});

export const myKeyIdName = 'M';

/** A person's My Key IDs. */
export const myKeyIdKey = (subjectId: string): RecordKey => ({
  pk: subjectPartition(subjectId),
  sk: myKeyIdName,
});

export const myKeyIdPrefix = 'M#';

/** Some 2.7 · 10^10 are possible: a plain digest would be inverted by enumeration. */
export const myKeyIdIndexKey = (key: DerivedKey, myKeyId: string): RecordKey => ({
  pk: `${myKeyIdPrefix}${key.version}#${macOf(key, 'my-key-id', myKeyId)}`,
  sk: myKeyIdName,
});

export const deletionPrefix = 'D#';

/** Deletions of one UTC day (`YYYY-MM-DD`); the name does not reveal the day. */
export const deletionPartition = (key: DerivedKey, day: string): string =>
  `${deletionPrefix}${key.version}#${macOf(key, 'deletions', day)}`;

export const deletionKey = (key: DerivedKey, day: string, subjectId: string): RecordKey => ({
  pk: deletionPartition(key, day),
  sk: `${deletionPrefix}${macOf(key, 'deletion', subjectId)}`,
});

export const behalfPartition = 'B';
export const behalfPrefix = 'B#';

export const behalfKey = (requestId: string): RecordKey => ({
  pk: behalfPartition,
  sk: `${behalfPrefix}${requestId}`,
});

/** Partitions of announcements: a mass-renewal day writes a few per second. */
export const announcementShards = 16;
export const announcementPrefix = 'N#';

export const announcementPartition = (shard: number): string => `N#${shard}`;

export const feedHeadName = 'Q';

/** The head of a service's feed; its partition also holds the events, by their last number. */
export const feedHeadKey = (serviceKey: DerivedKey): RecordKey => ({
  pk: `Q#${serviceKey.version}#${macOf(serviceKey, 'feed')}`,
  sk: feedHeadName,
});

/** Sorts by number; a feed of a thousand events a second reaches 15 digits in 30,000 years. */
export const feedBatchName = (lastNumber: number): string =>
  `B#${String(lastNumber).padStart(15, '0')}`;

export const waitingPartition = (serviceKey: DerivedKey): string =>
  `W#${serviceKey.version}#${macOf(serviceKey, 'waiting')}`;

/** Everything that waits since before this hour (number since 1970) sorts before it. */
export const waitingHour = (hour: number): string => `W#${hour.toString(16).padStart(8, '0')}`;

/**
 * Within an hour, the order of persons is the service's own: two services cannot align their feeds.
 */
export const waitingKey = (
  serviceKey: DerivedKey,
  hour: number,
  { ppid, id }: { readonly ppid: string; readonly id: string },
): RecordKey => ({
  pk: waitingPartition(serviceKey),
  sk: `${waitingHour(hour)}#${macOf(serviceKey, 'waiting-person', String(hour), ppid)}#${id}`,
});

/** 128 bits: the same event at the same service always has the same id; another service's differs. */
export const eventIdOf = (serviceKey: DerivedKey, ...cause: readonly string[]): string =>
  `evt_${Buffer.from(macOf(serviceKey, 'event', ...cause), 'base64url')
    .subarray(0, 16)
    .toString('base64url')}`;

export const usedEventKey = (serviceKey: DerivedKey, id: string): RecordKey => ({
  pk: `V#${serviceKey.version}#${macOf(serviceKey, 'used-event', id)}`,
  sk: 'V',
});

export const proposalPartition = 'X';
export const proposalPrefix = 'X#';

export const proposalKey = (actId: string): RecordKey => ({
  pk: proposalPartition,
  sk: `${proposalPrefix}${actId}`,
});

const fieldsOf = ({ issuerKeyId, serial }: CertificateReference) =>
  [Buffer.from(issuerKeyId, 'hex'), serial] as const;

/** Fixed for each key version: after a change, existing records could not be found. */
const macOf = (key: DerivedKey, ...fields: readonly (Uint8Array | string)[]): string =>
  createHmac('sha256', key.mac)
    .update(lengthPrefixed('my-key-platform/name', ...fields))
    .digest('base64url');
