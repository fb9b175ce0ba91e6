import { presentChallenge, type ChallengeStore } from '../challenges/operation.ts';
import { MyKeyError, type ErrorCode } from '../../errors.ts';
import { identifyPerson, type PersonPorts } from '../../people/identify-person.ts';
import type { RevocationMethod } from '../../pki/revocation/revocation-status.ts';
import { requireMethod } from '../services/service-rights.ts';
import type { ServiceType } from '../services/service.ts';
import type {
  ValidateCertificate,
  ValidationWorld,
} from '../../pki/validation/validate-certificate.ts';
import type { ValidationReport } from '../../pki/validation/validation-report.ts';
import { verifyChallengeSignature } from '../../pki/x509/challenge-signature.ts';

export interface AuthenticationRequest {
  readonly challengeId: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
  readonly intermediates?: readonly Uint8Array[];
  readonly method: RevocationMethod;
  /** Who asks. */
  readonly clientId: string;
  readonly serviceId: string;
  readonly serviceType: ServiceType | 'operator';
  readonly sectorId: string;
}

export interface AuthenticationWorld {
  readonly challenges: ChallengeStore;
  readonly validate: ValidateCertificate;
  readonly validation: ValidationWorld;
  readonly identity: PersonPorts;
}

/**
 * Logs a person in. The challenge is used up first, whatever follows; then path, kind, possession and
 * revocation; only a valid certificate's holder is looked up.
 * @throws RefusedCertificate with the report; MyKeyError `challenge-*`, `linkage-unavailable`, `subject-suspended`
 */
export async function authenticate(
  request: AuthenticationRequest,
  world: AuthenticationWorld,
): Promise<{ readonly ppid: string; readonly report: ValidationReport }> {
  const { now } = world.identity;
  requireMethod(request.serviceType, request.method);
  const challenge = await presentChallenge(
    world.challenges,
    request.challengeId,
    request.clientId,
    now,
  );
  const report = await world.validate(
    {
      certificate: request.certificate,
      ...(request.intermediates && { intermediates: request.intermediates }),
      kind: 'user-authentication',
      method: request.method,
      possession: (leaf) =>
        verifyChallengeSignature(
          leaf,
          challenge.octets,
          request.signature,
          world.validation.profile.algorithms,
        ) === 'ok',
      now,
    },
    world.validation,
  );
  const { certificate, issuerKeyId } = report;
  if (report.verdict !== 'valid' || certificate === undefined || issuerKeyId === undefined) {
    throw new RefusedCertificate(report);
  }
  const { serial, notAfter: validUntil } = certificate;
  const reference = { issuerKeyId, serial, validUntil };
  return { ppid: await identifyPerson(reference, request, world.identity), report };
}

/** A certificate that does not log in, with everything that was found out about it. */
export class RefusedCertificate extends MyKeyError {
  readonly report: ValidationReport;

  constructor(report: ValidationReport) {
    const code: ErrorCode = report.code ?? 'internal-error';
    const failed = report.checks.findLast(({ outcome }) => outcome === 'failed');
    super(
      code,
      failed === undefined ? 'the certificate is refused' : `${failed.id} (${failed.clause})`,
    );
    this.name = 'RefusedCertificate';
    this.report = report;
  }
}
