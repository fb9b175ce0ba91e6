import { referenceOf, type CertificateReference } from './certificate-reference.ts';
import { personOfPpid } from './find-person.ts';
import {
  listHeld,
  type HeldCertificate,
  type Opened,
  type RecordPorts,
  type Standing,
} from './records.ts';

/** Port: resolves a PPID to certificates, for bulk jobs by PPID. */
export type FindCertificatesByPpid = (
  serviceId: string,
  ppid: string,
) => Promise<readonly CertificateReference[]>;

/**
 * The current user-authentication certificates of a person whom this service knows: those that no
 * renewal has superseded (card and phone). Empty if this service has no such PPID, even if another
 * service has.
 */
export function findCertificatesByPpid(ports: RecordPorts): FindCertificatesByPpid {
  return async (serviceId, ppid) => {
    const person = await personOfPpid(ports, serviceId, ppid);
    if (person === undefined) return [];
    return (await currentCards(ports, person.value)).map(({ value }) =>
      referenceOf(value.certificate),
    );
  };
}

export async function currentCards(
  ports: RecordPorts,
  standing: Standing,
): Promise<readonly Opened<HeldCertificate>[]> {
  const held = await heldByPerson(ports, standing);
  return held.filter(({ value }) => value.kind === 'user-authentication' && !value.superseded);
}

/**
 * Includes certificates filed under subjects that were merged into this one. In the order of filing; of those
 * filed at one login, the user-authentication certificate first.
 */
export async function heldByPerson(
  ports: RecordPorts,
  { subjectId, formerly = [] }: Standing,
): Promise<readonly Opened<HeldCertificate>[]> {
  const parts = await Promise.all(
    [subjectId, ...formerly].map((subject) => listHeld(ports, subject)),
  );
  return parts
    .flat()
    .toSorted(
      ({ value: one }, { value: other }) =>
        one.filedAt - other.filedAt || other.kind.localeCompare(one.kind),
    );
}
