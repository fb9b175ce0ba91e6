import {
  keptReference,
  referenceOf,
  sameCertificate,
  type CertificateReference,
} from './certificate-reference.ts';
import { livingSubject } from './find-person.ts';
import { raiseFlag } from './flags.ts';
import type { DerivedKey } from './identity-keys.ts';
import type { RecordChange, RecordContent } from './identity-store.ts';
import { bucketOf } from './layout.ts';
import type { LinkedSignatureCertificate } from './linkage.ts';
import {
  certificateIndexRecord,
  findOwner,
  heldRecord,
  resealed,
  type CertificateOwner,
  type HeldCertificate,
  type Opened,
  type RecordPorts,
} from './records.ts';
import { peopleLimits } from './limits.ts';

/**
 * Stores the linkage service's answer about a card's signature certificate and indexes that
 * certificate, so that its revocation can be attributed to the person.
 */
export async function keepSignatureAnswer(
  card: Opened<HeldCertificate>,
  answer: LinkedSignatureCertificate,
  ports: RecordPorts & { readonly now: number },
): Promise<void> {
  const { now } = ports;
  const kept = card.value.signature;
  const same = kept !== undefined && sameAnswer(kept, answer);
  if (same && now - kept.askedAt < peopleLimits.signatureAnswerKeptMs) return;
  const { store, keys } = ports;
  const bucketKey = await keys.bucket(bucketOf(card.value.subjectId));
  const value: HeldCertificate = { ...card.value, signature: keptAnswer(answer, now) };
  const record = resealed(card.record, bucketKey, value);
  const filed = answer.reference ? await filing(card, answer.reference, ports) : [];
  // If a concurrent call won the race, its answer is equally valid.
  await store.write([{ change: 'replace', record, was: card.token }, ...filed]);
}

async function filing(
  card: Opened<HeldCertificate>,
  certificate: CertificateReference,
  ports: RecordPorts & { readonly now: number },
): Promise<readonly RecordChange[]> {
  const { keys, now } = ports;
  const { subjectId } = card.value;
  const owner = await findOwner(ports, certificate);
  if (owner === undefined) {
    const [index, bucket] = await Promise.all([keys.index(), keys.bucket(bucketOf(subjectId))]);
    return signatureRecords({ index, bucket }, subjectId, certificate, now).map(
      (record): RecordChange => ({ change: 'create', record }),
    );
  }
  await flagOtherHolder(subjectId, owner, ports);
  return [];
}

/** The signature certificate of a subject's card: in the history, and in the index. */
export function signatureRecords(
  keys: { readonly index: DerivedKey; readonly bucket: DerivedKey },
  subjectId: string,
  certificate: CertificateReference,
  filedAt: number,
): readonly RecordContent[] {
  const held: HeldCertificate = {
    subjectId,
    kind: 'digital-signature',
    certificate: keptReference(certificate),
    filedAt,
    superseded: false,
  };
  return [
    certificateIndexRecord(keys.index, certificate, { subjectId }),
    heldRecord(keys, held, certificate),
  ];
}

/** Raises a flag if the certificate of a subject's card is filed under another living subject. */
export async function flagOtherHolder(
  subjectId: string,
  owner: Opened<CertificateOwner>,
  ports: RecordPorts & { readonly now: number },
): Promise<void> {
  if (owner.value.subjectId === subjectId) return;
  const [mine, theirs] = await Promise.all([
    livingSubject(ports, subjectId),
    livingSubject(ports, owner.value.subjectId),
  ]);
  if (mine && theirs && mine.value.subjectId !== theirs.value.subjectId) {
    await raiseFlag(ports, {
      kind: 'signature-certificate-of-another-subject',
      subjects: [mine.value.subjectId, theirs.value.subjectId],
      seenAt: ports.now,
    });
  }
}

export const keptAnswer = (
  answer: LinkedSignatureCertificate,
  askedAt: number,
): NonNullable<HeldCertificate['signature']> => ({
  askedAt,
  certificate: answer.reference && keptReference(answer.reference),
  ...(answer.reference === undefined && { reason: answer.reason }),
});

function sameAnswer(
  kept: NonNullable<HeldCertificate['signature']>,
  answer: LinkedSignatureCertificate,
): boolean {
  if (answer.reference === undefined) return kept.reason === answer.reason;
  return (
    kept.certificate !== undefined &&
    sameCertificate(referenceOf(kept.certificate), answer.reference)
  );
}
