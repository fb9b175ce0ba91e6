import type { KeptReference } from '../../people/certificate-reference.ts';
import type { DisclosedCorrection } from '../../people/disclosure.ts';
import type { Correction } from '../../people/corrections.ts';
import type { UseOfRecord } from '../../people/rights.ts';
import { rfc3339 } from '../../pki/rfc3339.ts';
import type { NamedDisclosure } from './operation.ts';

export const useJson = ({ suspended, suspendedBy, deletion }: UseOfRecord) => ({
  suspended,
  ...(suspendedBy && { suspendedBy }),
  ...(deletion && {
    deletion: { requestedAt: rfc3339(deletion.requestedAt), dueAt: rfc3339(deletion.dueAt) },
  }),
});

export const correctionJson = ({ requestedAt, outcome, ...correction }: DisclosedCorrection) => ({
  ...correction,
  requestedAt: rfc3339(requestedAt),
  ...(outcome && { outcome: { ...outcome, at: rfc3339(outcome.at) } }),
});

export const openCorrectionJson = (correction: Correction) => {
  const { requestId, about, serviceId, statement, by, requestedAt, flagId, proposal } = correction;
  return {
    requestId,
    about,
    ...(serviceId !== undefined && { serviceId }),
    ...(statement !== undefined && { statement }),
    by,
    requestedAt: rfc3339(requestedAt),
    ...(flagId !== undefined && { flagId }),
    ...(proposal && {
      proposal: {
        outcome: proposal.outcome,
        reason: proposal.reason,
        operator: proposal.operator,
        proposedAt: rfc3339(proposal.at),
      },
    }),
  };
};

const referenceJson = ({ issuerKeyId, serial, validUntil }: KeptReference) => ({
  issuerKeyId,
  serial,
  ...(validUntil !== undefined && { validUntil: rfc3339(validUntil) }),
});

export type DisclosureJson = ReturnType<typeof disclosureJson>;

/** @param now milliseconds since 1970 */
export const disclosureJson = (disclosed: NamedDisclosure, now: number) => ({
  disclosedAt: rfc3339(now),
  use: useJson(disclosed.use),
  mergedRecords: disclosed.mergedRecords,
  certificates: disclosed.certificates.map(({ predecessor, signature, ...held }) => ({
    kind: held.kind,
    certificate: referenceJson(held.certificate),
    filedAt: rfc3339(held.filedAt),
    superseded: held.superseded,
    ...(predecessor && { predecessor: answerJson(predecessor) }),
    ...(signature && { signature: answerJson(signature) }),
  })),
  services: disclosed.services.map((service) => ({
    serviceId: service.serviceId,
    ...(service.name !== undefined && { name: service.name }),
    ppid: service.ppid,
    keyVersion: service.keyVersion,
    issuedAt: rfc3339(service.issuedAt),
    ...(service.userNumber !== undefined && { userNumber: service.userNumber }),
    ...(service.attributesConfirmedAt !== undefined && {
      attributesConfirmedAt: rfc3339(service.attributesConfirmedAt),
    }),
    ...(service.chipEnrolledAt !== undefined && {
      chipEnrolledAt: rfc3339(service.chipEnrolledAt),
    }),
    consents: service.consents.map(({ recordedAt, withdrawnAt, ...consent }) => ({
      ...consent,
      recordedAt: rfc3339(recordedAt),
      ...(withdrawnAt !== undefined && { withdrawnAt: rfc3339(withdrawnAt) }),
    })),
  })),
  myKeyIds: disclosed.myKeyIds.map(({ myKeyId, issuedAt, revokedAt }) => ({
    myKeyId,
    issuedAt: rfc3339(issuedAt),
    ...(revokedAt !== undefined && { revokedAt: rfc3339(revokedAt) }),
  })),
  acts: disclosed.acts.map(({ kind, at, reason }) => ({ kind, at: rfc3339(at), reason })),
  corrections: disclosed.corrections.map(correctionJson),
});

function answerJson<
  T extends { readonly askedAt: number; readonly certificate: KeptReference | undefined },
>({ askedAt, certificate, ...rest }: T) {
  return {
    askedAt: rfc3339(askedAt),
    ...(certificate && { certificate: referenceJson(certificate) }),
    ...rest,
  };
}
