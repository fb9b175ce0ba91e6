import type { CertificateReference, KeptReference } from './certificate-reference.ts';
import type { DerivedKey, IdentityKeys } from './identity-keys.ts';
import type {
  IdentityIndex,
  IdentityRecord,
  IdentityStore,
  RecordContent,
  RecordKey,
} from './identity-store.ts';
import {
  bucketOf,
  certificateIndexKey,
  chipIndexKey,
  entryKey,
  heldKey,
  heldPrefix,
  ppidIndexKey,
  registrationKey,
  registrationPrefix,
  standingKey,
  subjectPartition,
  userNumberKey,
  userNumberPartition,
  userNumberPrefix,
} from './layout.ts';
import { seal, unseal, versionOf, type RecordPart } from './seal.ts';

export interface RecordPorts {
  readonly store: IdentityStore;
  readonly keys: IdentityKeys;
}

/** A decrypted record: its value and the token for conditional writes. */
export interface Opened<T> {
  readonly key: RecordKey;
  readonly value: T;
  readonly token: string;
  readonly record: IdentityRecord;
}

/** Members of records of both certificate kinds, after the certificate's key. */
export interface CertificateOwner {
  readonly subjectId: string;
}

/** The part of a subject that a login needs. */
export interface Standing {
  readonly subjectId: string;
  readonly suspended: boolean;
  /** The subject into which an operator merged this one. */
  readonly mergedInto?: string;
  /** Subjects that were merged into this one. */
  readonly formerly?: readonly string[];
  /** Who suspended use, where that is known; without it, only the operator resumes use. */
  readonly suspension?: { readonly by: 'person' | 'operator'; readonly at: number };
  /** The person has asked for deletion; use is suspended until then. */
  readonly deletion?: Deletion;
}

export interface Deletion {
  /** Milliseconds since 1970, as `dueAt`. */
  readonly requestedAt: number;
  /** From then on it is executed; until then it can be cancelled. */
  readonly dueAt: number;
  /** What a cancellation restores. */
  readonly before: Pick<Standing, 'suspended' | 'suspension'>;
  /** Set before the first record is deleted: from then on it cannot be cancelled. */
  readonly begun?: true;
}

export type HeldKind = 'user-authentication' | 'digital-signature';

/** One certificate in a subject's history. */
export interface HeldCertificate {
  readonly subjectId: string;
  readonly kind: HeldKind;
  readonly certificate: KeptReference;
  /** Milliseconds since 1970. */
  readonly filedAt: number;
  /** True once the platform has learnt that a renewal replaced it. */
  readonly superseded: boolean;
  /** The linkage service's answer about the predecessor, and its time. */
  readonly predecessor?: {
    readonly askedAt: number;
    readonly certificate: KeptReference | undefined;
    readonly relation?: 'renewed' | 'beside';
  };
  /** The linkage service's answer about the signature certificate, and its time. */
  readonly signature?: {
    readonly askedAt: number;
    readonly certificate: KeptReference | undefined;
    readonly reason?: string;
  };
}

/**
 * A service's entry for a subject. It holds nothing that two services have in common: who has the keys of
 * both cannot relate their entries.
 */
export interface Entry {
  readonly ppid: string;
  /** The key version that computed the PPID; later versions do not change it. */
  readonly keyVersion: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** The identifier of the person in the service's own system. */
  readonly userNumber?: string;
  /** What the person consented to or received at this service, oldest first. */
  readonly consents?: readonly Consent[];
}

/** That a service knows a subject, and what of the person's cards the service relies on. */
export interface Registration {
  readonly serviceId: string;
  readonly baseline?: Baseline;
  /** The chip that the person enrolled at this service, for logins without a PIN. */
  readonly chip?: KeptChip;
}

/** What attributes are compared with. */
export interface Baseline {
  /** The signature certificate of the person's card at the time. */
  readonly certificate: KeptReference;
  /** Milliseconds since 1970. */
  readonly confirmedAt: number;
  /** The first login set it; undefined: the service, which had then read the attributes. */
  readonly setBy?: 'login';
}

/** A version of a text of the service. Times are milliseconds since 1970. */
export interface Consent {
  readonly kind: 'consent' | 'notice';
  readonly document: string;
  readonly version: string;
  readonly recordedAt: number;
  /** A withdrawn consent stays recorded. */
  readonly withdrawnAt?: number;
}

export interface KeptChip {
  /** The certificate that signed at the enrolment. */
  readonly certificate: KeptReference;
  /** SubjectPublicKeyInfo, DER in base64. */
  readonly publicKey: string;
  readonly enrolledAt: number;
}

/** The person that enrolled a chip at one service. */
export interface ChipOwner {
  readonly ppid: string;
}

/** A service's user number: linked to a person, or waiting for the person's next login. */
export interface UserNumber {
  readonly userNumber: string;
  /** Undefined while the number waits. */
  readonly link?: { readonly ppid: string; readonly linkedAt: number };
}

/** The subject that a certificate is filed under, before merges are followed. */
export async function findOwner(
  { store, keys }: RecordPorts,
  certificate: CertificateReference,
): Promise<Opened<CertificateOwner> | undefined> {
  for (const version of keys.versions) {
    const key = await keys.index(version);
    const found = await store.read(certificateIndexKey(key, certificate));
    if (found !== undefined) return openWith(found, await keys.index(versionOf(found.sealed)));
  }
  return undefined;
}

/** Those of the certificates that are filed under a subject, in any order. */
export async function filedCertificates<T extends CertificateReference>(
  certificates: readonly T[],
  { index, keys }: Pick<RecordPorts, 'keys'> & { readonly index: IdentityIndex },
): Promise<readonly T[]> {
  const byName = new Map<string, { readonly key: RecordKey; readonly certificate: T }>();
  for (const version of keys.versions) {
    const indexKey = await keys.index(version);
    for (const certificate of certificates) {
      const key = certificateIndexKey(indexKey, certificate);
      byName.set(key.pk, { key, certificate });
    }
  }
  const found = await index.existing([...byName.values()].map(({ key }) => key));
  return [...new Set(found.map(({ pk }) => byName.get(pk)!.certificate))];
}

export async function readStanding(
  { store, keys }: RecordPorts,
  subjectId: string,
): Promise<Opened<Standing> | undefined> {
  const found = await store.read(standingKey(subjectId));
  return found && openWith(found, await keys.index(versionOf(found.sealed)));
}

export async function readEntry(
  { store, keys }: RecordPorts,
  serviceId: string,
  subjectId: string,
): Promise<Opened<Entry> | undefined> {
  for (const version of keys.versions) {
    const found = await store.read(entryKey(await keys.service(serviceId, version), subjectId));
    if (found !== undefined) {
      return openWith(found, await keys.service(serviceId, versionOf(found.sealed)));
    }
  }
  return undefined;
}

export async function readRegistration(
  { store, keys }: RecordPorts,
  serviceId: string,
  subjectId: string,
): Promise<Opened<Registration> | undefined> {
  for (const version of keys.versions) {
    const name = registrationKey(await keys.service(serviceId, version), subjectId);
    const found = await store.read(name);
    if (found !== undefined) return openRegistration(found, subjectId, keys);
  }
  return undefined;
}

/** The subject behind a PPID of this service; PPIDs of other services are not found. */
export async function readPpidOwner(
  { store, keys }: RecordPorts,
  serviceId: string,
  ppid: string,
): Promise<Opened<CertificateOwner> | undefined> {
  for (const version of keys.versions) {
    const found = await store.read(ppidIndexKey(await keys.service(serviceId, version), ppid));
    if (found !== undefined) return openWith(found, await keys.index(versionOf(found.sealed)));
  }
  return undefined;
}

export async function readChipOwner(
  { store, keys }: RecordPorts,
  serviceId: string,
  publicKey: Uint8Array,
): Promise<Opened<ChipOwner> | undefined> {
  for (const version of keys.versions) {
    const found = await store.read(chipIndexKey(await keys.service(serviceId, version), publicKey));
    if (found !== undefined) {
      return openWith(found, await keys.service(serviceId, versionOf(found.sealed)));
    }
  }
  return undefined;
}

export async function readUserNumber(
  { store, keys }: RecordPorts,
  serviceId: string,
  userNumber: string,
): Promise<Opened<UserNumber> | undefined> {
  for (const version of keys.versions) {
    const found = await store.read(
      userNumberKey(await keys.service(serviceId, version), userNumber),
    );
    if (found !== undefined) {
      return openWith(found, await keys.service(serviceId, versionOf(found.sealed)));
    }
  }
  return undefined;
}

/** One of `userNumberShards` partitions of a service's user numbers, in arbitrary order. */
export async function listUserNumbers(
  { store, keys }: RecordPorts,
  serviceId: string,
  shard: number,
): Promise<readonly Opened<UserNumber>[]> {
  const listed = await Promise.all(
    keys.versions.map(async (version) => {
      const named = await keys.service(serviceId, version);
      const found = await store.list(userNumberPartition(named, shard), userNumberPrefix);
      return Promise.all(
        found.map(async (record) =>
          openWith<UserNumber>(record, await keys.service(serviceId, versionOf(record.sealed))),
        ),
      );
    }),
  );
  return listed.flat();
}

/** All certificates of a subject, of both kinds. */
export async function listHeld(
  { store, keys }: RecordPorts,
  subjectId: string,
): Promise<readonly Opened<HeldCertificate>[]> {
  const found = await store.list(subjectPartition(subjectId), heldPrefix);
  return Promise.all(
    found.map(async (record) =>
      openWith<HeldCertificate>(
        record,
        await keys.bucket(bucketOf(subjectId), versionOf(record.sealed)),
      ),
    ),
  );
}

/** A service's entry for a subject, found through the subject. */
export interface ListedEntry extends Opened<Entry> {
  readonly serviceId: string;
  readonly registration: Opened<Registration>;
}

/** The services that know a subject. */
export async function listRegistrations(
  { store, keys }: RecordPorts,
  subjectId: string,
): Promise<readonly Opened<Registration>[]> {
  const found = await store.list(subjectPartition(subjectId), registrationPrefix);
  return Promise.all(found.map((record) => openRegistration(record, subjectId, keys)));
}

/** The entries of all services for a subject; those that are deleted meanwhile are left out. */
export async function listEntries(
  ports: RecordPorts,
  subjectId: string,
): Promise<readonly ListedEntry[]> {
  const listed = (await listRegistrations(ports, subjectId)).map(
    async (registration): Promise<readonly ListedEntry[]> => {
      const { serviceId } = registration.value;
      const entry = await readEntry(ports, serviceId, subjectId);
      return entry === undefined ? [] : [{ ...entry, serviceId, registration }];
    },
  );
  return (await Promise.all(listed)).flat();
}

const openRegistration = async (
  record: IdentityRecord,
  subjectId: string,
  keys: IdentityKeys,
): Promise<Opened<Registration>> =>
  openWith(record, await keys.bucket(bucketOf(subjectId), versionOf(record.sealed)));

export const certificateIndexRecord = (
  indexKey: DerivedKey,
  certificate: CertificateReference,
  owner: CertificateOwner,
): RecordContent => sealed(certificateIndexKey(indexKey, certificate), indexKey, owner);

export const standingRecord = (indexKey: DerivedKey, standing: Standing): RecordContent =>
  sealed(standingKey(standing.subjectId), indexKey, standing);

export const heldRecord = (
  keys: { readonly index: DerivedKey; readonly bucket: DerivedKey },
  held: HeldCertificate,
  certificate: CertificateReference,
): RecordContent => sealed(heldKey(keys.index, held.subjectId, certificate), keys.bucket, held);

export const entryRecord = (
  serviceKey: DerivedKey,
  subjectId: string,
  entry: Entry,
): RecordContent => sealed(entryKey(serviceKey, subjectId), serviceKey, entry);

export const registrationRecord = (
  keys: { readonly service: DerivedKey; readonly bucket: DerivedKey },
  subjectId: string,
  registration: Registration,
): RecordContent => sealed(registrationKey(keys.service, subjectId), keys.bucket, registration);

/** Sealed under the index key: a service's key alone does not tell which subjects the service knows. */
export const ppidIndexRecord = (
  keys: { readonly service: DerivedKey; readonly index: DerivedKey },
  ppid: string,
  owner: CertificateOwner,
): RecordContent => sealed(ppidIndexKey(keys.service, ppid), keys.index, owner);

export const chipIndexRecord = (
  serviceKey: DerivedKey,
  publicKey: Uint8Array,
  owner: ChipOwner,
): RecordContent => sealed(chipIndexKey(serviceKey, publicKey), serviceKey, owner);

export const userNumberRecord = (serviceKey: DerivedKey, value: UserNumber): RecordContent =>
  sealed(userNumberKey(serviceKey, value.userNumber), serviceKey, value);

/** The same record with a new value and an unchanged owner. */
export function resealed(
  record: IdentityRecord,
  key: DerivedKey,
  value: unknown,
  part: RecordPart = 'value',
): RecordContent {
  const { token: _, ...content } = record;
  const octets = seal(key, record, value, part);
  return part === 'value' ? { ...content, sealed: octets } : { ...content, owner: octets };
}

const sealed = (place: RecordKey, key: DerivedKey, value: unknown): RecordContent => ({
  ...place,
  sealed: seal(key, place, value),
});

export function openWith<T>(record: IdentityRecord, key: DerivedKey): Opened<T> {
  const { pk, sk, token } = record;
  return { key: { pk, sk }, value: unseal(key, record, record.sealed) as T, token, record };
}
