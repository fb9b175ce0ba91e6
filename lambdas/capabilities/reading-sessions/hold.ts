import { RefusedCertificate, referenceTo } from '../authentications/operation.ts';
import type { AuthenticationPorts } from '../authentications/operation.ts';
import { MyKeyError } from '../../errors.ts';
import { findEnrolledChip } from '../../people/chips.ts';
import type { ValidationReport } from '../../pki/validation/validation-report.ts';
import { requireEnrolledChip } from './chip-verdict.ts';
import type { Opener } from './reading-session.ts';

export interface HeldCard {
  /** DER, read without a PIN: proves nothing by itself. */
  readonly certificate: Uint8Array;
  readonly chipChallenge: Uint8Array;
  readonly chipSignature: Uint8Array;
}

/**
 * Recognises a person by presence of the card: the certificate is valid, and the chip that its
 * holder enrolled at this service answered. The chip is verified first, so that possession of a
 * certificate without the chip reveals nothing about its revocation.
 * @throws RefusedCertificate; MyKeyError `enrolment-required`, `chip-unknown`,
 *   `chip-proof-invalid`, `subject-suspended`, `dependency-unavailable`
 */
export async function recogniseHeldCard(
  { certificate, chipChallenge, chipSignature }: HeldCard,
  { serviceId }: Opener,
  { identity, validate, validation }: AuthenticationPorts,
): Promise<{ readonly ppid: string; readonly report: ValidationReport }> {
  const begun: { enrolled?: ReturnType<typeof findEnrolledChip> } = {};
  const report = await validate(
    {
      certificate,
      kind: 'user-authentication',
      method: 'auto',
      // The chip proves presence, below; here the certificate's path is known for the first time.
      possession: (leaf, issuer) => {
        begun.enrolled = findEnrolledChip(identity, serviceId, referenceTo(leaf, issuer));
        begun.enrolled.catch(() => undefined);
        return true;
      },
      now: identity.now,
    },
    validation,
  );
  if (begun.enrolled === undefined) throw new RefusedCertificate(report);
  const { ppid, suspended, publicKey } = await begun.enrolled;
  requireEnrolledChip(publicKey, chipChallenge, chipSignature);
  if (report.verdict !== 'valid') throw new RefusedCertificate(report);
  if (suspended)
    throw new MyKeyError('subject-suspended', 'an operator has suspended use by this person');
  return { ppid, report };
}
