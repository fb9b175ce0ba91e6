import { MyKeyError } from '../errors.ts';
import type { CertificateReference } from './certificate-reference.ts';
import {
  findOwner,
  readEntry,
  readPpidOwner,
  readRegistration,
  readStanding,
  type Entry,
  type Opened,
  type RecordPorts,
  type Registration,
  type Standing,
} from './records.ts';
import { peopleLimits } from './limits.ts';

/**
 * Follows merges to the surviving subject, or returns the subject itself. Undefined: it was
 * deleted.
 */
export async function livingSubject(
  ports: RecordPorts,
  subjectId: string,
): Promise<Opened<Standing> | undefined> {
  let standing = await readStanding(ports, subjectId);
  for (let merges = 0; standing?.value.mergedInto !== undefined; merges++) {
    if (merges === peopleLimits.merges)
      throw new MyKeyError(
        'internal-error',
        'the merges of this subject form a cycle or too long a chain',
      );
    standing = await readStanding(ports, standing.value.mergedInto);
  }
  return standing;
}

/** The person who holds a certificate. */
export async function holderOf(
  ports: RecordPorts,
  certificate: CertificateReference,
): Promise<Opened<Standing> | undefined> {
  const owner = await findOwner(ports, certificate);
  return owner && livingSubject(ports, owner.value.subjectId);
}

/** The person behind a service's PPID. A PPID of another service is not found. */
export async function personOfPpid(
  ports: RecordPorts,
  serviceId: string,
  ppid: string,
): Promise<Opened<Standing> | undefined> {
  const owner = await readPpidOwner(ports, serviceId, ppid);
  return owner && livingSubject(ports, owner.value.subjectId);
}

/**
 * A service's entry for a person: that of the subject itself, otherwise that of a subject merged
 * into it.
 */
export async function entryOfPerson(
  ports: RecordPorts,
  serviceId: string,
  { subjectId, formerly = [] }: Standing,
): Promise<Opened<Entry> | undefined> {
  for (const subject of [subjectId, ...formerly]) {
    const entry = await readEntry(ports, serviceId, subject);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** A registration and the subject that it stands under. */
export interface FiledRegistration extends Opened<Registration> {
  readonly subjectId: string;
}

/** The registration that belongs to `entryOfPerson`; both exist or neither. */
export async function registrationOfPerson(
  ports: RecordPorts,
  serviceId: string,
  { subjectId, formerly = [] }: Standing,
): Promise<FiledRegistration | undefined> {
  for (const subject of [subjectId, ...formerly]) {
    const registration = await readRegistration(ports, serviceId, subject);
    if (registration !== undefined) return { ...registration, subjectId: subject };
  }
  return undefined;
}
