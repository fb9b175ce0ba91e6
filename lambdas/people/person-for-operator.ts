import { heldByPerson } from './find-certificates.ts';
import { livingSubject } from './find-person.ts';
import type { Flag } from './flags.ts';
import { actsOn, type OperatorAct } from './operator-acts.ts';
import { sealCertificateHandle, sealPersonHandle } from './operator-handles.ts';
import { listEntries, type HeldKind, type RecordPorts, type Standing } from './records.ts';

/**
 * What an operator sees of a person in order to decide: no serial, PPID, service or subject id, and
 * days in place of times, which a service's log could be matched with.
 */
export interface PersonForOperator {
  readonly handle: string;
  readonly suspended: boolean;
  /** Number of records that were merged into this one. */
  readonly merged: number;
  /** Number of services that know the person. */
  readonly services: number;
  readonly certificates: readonly CertificateForOperator[];
  readonly acts: readonly Omit<OperatorAct, 'subjects' | 'services'>[];
}

export interface CertificateForOperator {
  readonly handle: string;
  /** The same at every reading, so that two operators speak of the same certificate. */
  readonly label: string;
  readonly kind: HeldKind;
  /** UTC day, `YYYY-MM-DD`. */
  readonly filedOn: string;
  readonly superseded: boolean;
  /** What the linkage service answered about a predecessor. */
  readonly predecessor: 'renewed' | 'beside' | 'none' | 'not-asked';
}

/** The persons of a flag, each once, after merges; deleted persons are omitted. */
export async function personsOfFlag(
  ports: RecordPorts & { readonly now: number },
  { subjects }: Flag,
): Promise<readonly PersonForOperator[]> {
  const found = await Promise.all(subjects.map((subject) => livingSubject(ports, subject)));
  const persons = new Map(
    found.flatMap((one) => (one === undefined ? [] : [[one.value.subjectId, one.value] as const])),
  );
  return Promise.all([...persons.values()].map((person) => personForOperator(ports, person)));
}

async function personForOperator(
  ports: RecordPorts & { readonly now: number },
  standing: Standing,
): Promise<PersonForOperator> {
  const { subjectId, suspended, formerly = [] } = standing;
  const [handle, held, acts, entries] = await Promise.all([
    sealPersonHandle(ports, { subjectId }),
    heldByPerson(ports, standing),
    actsOn(ports, standing),
    Promise.all([subjectId, ...formerly].map((subject) => listEntries(ports, subject))),
  ]);
  const certificates = held.map(async ({ key, value }): Promise<CertificateForOperator> => ({
    handle: await sealCertificateHandle(ports, { subjectId, held: key.sk }),
    label: certificateLabel(key.sk),
    kind: value.kind,
    filedOn: new Date(value.filedAt).toISOString().slice(0, 10),
    superseded: value.superseded,
    predecessor:
      value.predecessor === undefined
        ? 'not-asked'
        : (value.predecessor.relation ?? (value.predecessor.certificate ? 'renewed' : 'none')),
  }));
  return {
    handle,
    suspended,
    merged: formerly.length,
    services: new Set(entries.flat().map(({ serviceId }) => serviceId)).size,
    certificates: await Promise.all(certificates),
    acts: acts.map(withoutOthers),
  };
}

function withoutOthers(act: OperatorAct): PersonForOperator['acts'][number] {
  const { subjects: _, services: __, ...shown } = act;
  return shown;
}

/** The beginning of the keyed MAC that names the certificate's record. */
export const certificateLabel = (held: string): string => held.split('#')[2]!.slice(0, 8);
