import { announceOnce } from '../../people/announcements.ts';
import type { CertificateReference } from '../../people/certificate-reference.ts';
import { causeOfRevocation, type Happening } from '../../people/person-event.ts';
import type { CertificateOwner, Opened, RecordPorts } from '../../people/records.ts';
import type { ValidationReport } from '../../pki/validation/validation-report.ts';

/**
 * A login that is refused because the card is revoked teaches the platform so, often before the list
 * of the day does. The services that know the holder are told once, whichever comes first. The caller
 * has proved possession of the card.
 */
export async function tellOfRefusal(
  report: ValidationReport,
  certificate: CertificateReference,
  finding: Promise<Opened<CertificateOwner> | undefined>,
  ports: RecordPorts,
): Promise<void> {
  const { revocation, refused } = report;
  if (revocation?.status !== 'revoked' || refused !== report.certificate) return;
  const { revokedAt: at, reason, evidence } = revocation;
  try {
    const owner = await finding;
    if (owner === undefined) return;
    const happening: Happening = {
      // As when a list tells it: J-LIS revokes a certificate as superseded when it renews it.
      ...(reason === 'superseded'
        ? { type: 'person.renewed' }
        : { type: 'person.certificate-revoked', reason }),
      at,
      source: evidence.method,
      cause: causeOfRevocation(await ports.keys.index(), certificate, { reason, at }),
    };
    await announceOnce({ ...happening, subjectId: owner.value.subjectId }, ports);
  } catch {
    // The refusal stands without it, and the next list tells the same.
  }
}
