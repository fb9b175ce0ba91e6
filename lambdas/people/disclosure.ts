import { correctionsOf, type Correction, type CorrectionOutcome } from './corrections.ts';
import { heldByPerson } from './find-certificates.ts';
import { readMyKeyIds, type IssuedMyKeyId } from './my-key-id-records.ts';
import { actsOn, type OperatorAct } from './operator-acts.ts';
import {
  listEntries,
  type Consent,
  type HeldCertificate,
  type RecordPorts,
  type Standing,
} from './records.ts';
import { useOfRecord, type UseOfRecord } from './rights.ts';

/** Everything that the identity table holds about a person, for that person only. */
export interface Disclosure {
  readonly use: UseOfRecord;
  /** Number of records that an operator merged into this one. */
  readonly mergedRecords: number;
  readonly certificates: readonly Omit<HeldCertificate, 'subjectId'>[];
  readonly services: readonly DisclosedEntry[];
  readonly myKeyIds: readonly IssuedMyKeyId[];
  readonly acts: readonly Pick<OperatorAct, 'kind' | 'at' | 'reason'>[];
  readonly corrections: readonly DisclosedCorrection[];
}

/** A request for correction without the operators' keys. */
export interface DisclosedCorrection extends Pick<
  Correction,
  'requestId' | 'about' | 'serviceId' | 'statement' | 'by' | 'requestedAt'
> {
  readonly outcome?: {
    readonly outcome: CorrectionOutcome;
    readonly reason: string;
    readonly at: number;
  };
}

/** All times are milliseconds since 1970. */
export interface DisclosedEntry {
  readonly serviceId: string;
  readonly ppid: string;
  readonly keyVersion: string;
  readonly issuedAt: number;
  readonly userNumber?: string;
  readonly attributesConfirmedAt?: number;
  readonly chipEnrolledAt?: number;
  readonly consents: readonly Consent[];
}

/**
 * Not included: the subject id, which is never disclosed to anybody, and other persons' records
 * that an operator's act names.
 */
export async function discloseTo(ports: RecordPorts, standing: Standing): Promise<Disclosure> {
  const { subjectId, formerly = [] } = standing;
  const [held, acts, corrections, ...entries] = await Promise.all([
    heldByPerson(ports, standing),
    actsOn(ports, standing),
    correctionsOf(ports, standing),
    ...[subjectId, ...formerly].map((subject) => listEntries(ports, subject)),
  ]);
  const ids = await Promise.all(
    [subjectId, ...formerly].map((subject) => readMyKeyIds(ports, subject)),
  );
  return {
    use: useOfRecord(standing),
    mergedRecords: formerly.length,
    certificates: held
      .map(({ value }) => withoutSubject(value))
      .toSorted((one, other) => one.filedAt - other.filedAt),
    services: entries
      .flat()
      .map(({ serviceId, value, registration: { value: relied } }) => ({
        serviceId,
        ppid: value.ppid,
        keyVersion: value.keyVersion,
        issuedAt: value.issuedAt,
        ...(value.userNumber !== undefined && { userNumber: value.userNumber }),
        ...(relied.baseline && { attributesConfirmedAt: relied.baseline.confirmedAt }),
        consents: value.consents ?? [],
        ...(relied.chip && { chipEnrolledAt: relied.chip.enrolledAt }),
      }))
      .toSorted(
        (one, other) => one.issuedAt - other.issuedAt || (one.serviceId < other.serviceId ? -1 : 1),
      ),
    myKeyIds: ids
      .flatMap((found) => found?.value.issued ?? [])
      .toSorted((one, other) => one.issuedAt - other.issuedAt),
    acts: acts.map(({ kind, at, reason }) => ({ kind, at, reason })),
    corrections: corrections.map(({ value }) => disclosedCorrection(value)),
  };
}

export const disclosedCorrection = ({
  requestId,
  about,
  serviceId,
  statement,
  by,
  requestedAt,
  proposal,
  decided,
}: Correction): DisclosedCorrection => ({
  requestId,
  about,
  ...(serviceId !== undefined && { serviceId }),
  ...(statement !== undefined && { statement }),
  by,
  requestedAt,
  ...(proposal &&
    decided && {
      outcome: { outcome: proposal.outcome, reason: proposal.reason, at: decided.at },
    }),
});

function withoutSubject(held: HeldCertificate): Omit<HeldCertificate, 'subjectId'> {
  const { subjectId: _, ...certificate } = held;
  return certificate;
}
