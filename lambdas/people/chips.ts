import { MyKeyError } from '../errors.ts';
import {
  keptReference,
  referenceOf,
  sameCertificate,
  type CertificateReference,
} from './certificate-reference.ts';
import { concurrentWrite } from './concurrent-write.ts';
import {
  entryOfPerson,
  holderOf,
  personOfPpid,
  registrationOfPerson,
  type FiledRegistration,
} from './find-person.ts';
import type { RecordChange } from './identity-store.ts';
import { replacingRegistration } from './keep-registration.ts';
import {
  chipIndexRecord,
  readChipOwner,
  resealed,
  type ChipOwner,
  type Entry,
  type KeptChip,
  type Opened,
  type RecordPorts,
  type Standing,
} from './records.ts';
import { peopleLimits } from './limits.ts';

/** The chip of a card, as a login proved it. */
export interface Chip {
  /** The algorithm of the card's signature at that login. */
  readonly certificate: CertificateReference;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

export interface ChipPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Enrols a person's chip at one service and replaces the chip enrolled before. The record contains
 * no birth date.
 * @throws MyKeyError `chip-taken`: another person of the service enrolled it; `ppid-not-found`,
 *   `dependency-unavailable`
 */
export async function enrolChip(
  ports: ChipPorts,
  serviceId: string,
  ppid: string,
  chip: Chip,
): Promise<void> {
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const person = await personOfPpid(ports, serviceId, ppid);
    const [entry, registration] = await knownAs(ports, serviceId, person);
    if (entry === undefined || registration === undefined)
      throw new MyKeyError('ppid-not-found', 'no such PPID');
    const holder = await readChipOwner(ports, serviceId, chip.publicKey);
    if (holder !== undefined && holder.value.ppid !== entry.value.ppid) {
      const other = await personOfPpid(ports, serviceId, holder.value.ppid);
      if (other?.value.subjectId !== person!.value.subjectId) {
        throw new MyKeyError(
          'chip-taken',
          'another person has enrolled this chip: report the card',
        );
      }
    }
    const owner: ChipOwner = { ppid: entry.value.ppid };
    if (await ports.store.write(await enrolling(ports, chip, owner, registration, holder))) return;
  }
  throw concurrentWrite('the chip record');
}

async function enrolling(
  ports: ChipPorts,
  { certificate, publicKey }: Chip,
  owner: ChipOwner,
  registration: FiledRegistration,
  holder: Opened<ChipOwner> | undefined,
): Promise<readonly RecordChange[]> {
  const { serviceId, chip: former } = registration.value;
  const serviceKey = await ports.keys.service(serviceId);
  const kept: KeptChip = {
    certificate: keptReference(certificate),
    publicKey: Buffer.from(publicKey).toString('base64'),
    enrolledAt: ports.now,
  };
  const replaced =
    former === undefined || former.publicKey === kept.publicKey
      ? undefined
      : await readChipOwner(ports, serviceId, Buffer.from(former.publicKey, 'base64'));
  return [
    await replacingRegistration(ports, registration, { ...registration.value, chip: kept }),
    holder === undefined
      ? { change: 'create', record: chipIndexRecord(serviceKey, publicKey, owner) }
      : {
          change: 'replace',
          record: resealed(holder.record, serviceKey, owner),
          was: holder.token,
        },
    ...(replaced === undefined
      ? []
      : [{ change: 'delete', key: replaced.key, was: replaced.token } as const]),
  ];
}

/** The chip that the holder of a certificate enrolled at one service. */
export interface EnrolledChip {
  readonly ppid: string;
  readonly suspended: boolean;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

/**
 * Identifies only people who have logged in with a PIN at this service: nobody else has a chip
 * enrolled.
 * @throws MyKeyError `enrolment-required`; `chip-unknown`: enrolled with another certificate;
 *   `dependency-unavailable`
 */
export async function findEnrolledChip(
  ports: RecordPorts,
  serviceId: string,
  certificate: CertificateReference,
): Promise<EnrolledChip> {
  const person = await holderOf(ports, certificate);
  const [entry, registration] = await knownAs(ports, serviceId, person);
  const chip = registration?.value.chip;
  if (entry === undefined || chip === undefined) {
    throw new MyKeyError('enrolment-required', 'read the card once with its PIN, with enrolChip');
  }
  if (!sameCertificate(referenceOf(chip.certificate), certificate)) {
    throw new MyKeyError('chip-unknown', 'the card was renewed: read it once with its PIN');
  }
  return {
    ppid: entry.value.ppid,
    suspended: person!.value.suspended,
    publicKey: Buffer.from(chip.publicKey, 'base64'),
  };
}

/** A service's entry for a person and the registration beside it, in one step. */
const knownAs = async (
  ports: RecordPorts,
  serviceId: string,
  person: Opened<Standing> | undefined,
): Promise<readonly [Opened<Entry> | undefined, FiledRegistration | undefined]> =>
  person === undefined
    ? [undefined, undefined]
    : Promise.all([
        entryOfPerson(ports, serviceId, person.value),
        registrationOfPerson(ports, serviceId, person.value),
      ]);
