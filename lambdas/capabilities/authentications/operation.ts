import {
  openChallenge,
  type Challenge,
  type ChallengeKey,
  type UsedChallenges,
} from '../challenges/operation.ts';
import { signedOctets } from '../challenges/challenge-text.ts';
import { isCodedError, MyKeyError, type ErrorCode } from '../../errors.ts';
import type { CertificateReference } from '../../people/certificate-reference.ts';
import { tellOfRefusal } from './tell-of-refusal.ts';
import { identifyPerson, type PersonPorts } from '../../people/identify-person.ts';
import { completeLink } from '../../people/links.ts';
import { findOwner } from '../../people/records.ts';
import { refusalCure } from '../../pki/diagnosis/refusal-cure.ts';
import { signatureCure } from '../../pki/diagnosis/signature-cure.ts';
import type { RevocationMethod } from '../../pki/revocation/revocation-status.ts';
import { requireMethod } from '../services/service-rights.ts';
import type { ServiceType } from '../services/service.ts';
import type {
  ValidateUnderProfile,
  DeployedSources,
} from '../../pki/validation/validate-under-profile.ts';
import type { ValidationReport } from '../../pki/validation/validation-report.ts';
import type { Certificate } from '../../pki/x509/certificate.ts';
import { verifyChallengeSignature } from '../../pki/x509/challenge-signature.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';

export interface AuthenticationRequest {
  /** The challenge text that the card signed. */
  readonly challenge: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
  readonly intermediates?: readonly Certificate[];
  readonly method: RevocationMethod;
  /** User number in the service's own system, registered before, that the person claims. */
  readonly userNumber?: string;
  /** See `OperationCall`: repetitions of a request count as one attempt at the challenge. */
  readonly requestToken: string;
  /** The calling client and its service. */
  readonly clientId: string;
  readonly serviceId: string;
  readonly serviceType: ServiceType | 'operator';
  readonly sectorId: string;
}

export interface AuthenticationPorts {
  readonly challengeKey: ChallengeKey;
  readonly usedChallenges: UsedChallenges;
  readonly validate: ValidateUnderProfile;
  readonly validation: DeployedSources;
  readonly identity: PersonPorts;
}

export interface Login {
  readonly ppid: string;
  readonly certificate: CertificateReference;
  readonly report: ValidationReport;
  /** Present if the request named a user number. */
  readonly link?: LinkAtLogin;
}

export type LinkAtLogin =
  | { readonly outcome: 'linked' }
  | { readonly outcome: 'refused'; readonly code: ErrorCode };

/**
 * Logs a person in. Checks that need no network come first: the challenge's MAC and expiry, then
 * path, certificate kind and signature. Then three tasks run concurrently: marking the challenge as
 * used, looking up the certificate, and checking revocation. The holder is identified only if the
 * certificate is valid.
 *
 * A genuine challenge is used up by any attempt, whatever the outcome. A repetition with the same
 * Idempotency-Key after an unknown outcome counts as the same attempt.
 * @throws RefusedCertificate with the report; MyKeyError `challenge-*`, `linkage-unavailable`,
 *   `subject-suspended`
 */
export async function authenticate(
  request: AuthenticationRequest,
  ports: AuthenticationPorts,
): Promise<Login> {
  const { identity, validation, usedChallenges } = ports;
  requireMethod(request.serviceType, request.method);
  const challenge = await openChallenge(
    request.challenge,
    request,
    ports.challengeKey,
    identity.now,
  );
  const begun: { step?: FirstStep } = {};
  const report = await ports.validate(
    {
      certificate: request.certificate,
      ...(request.intermediates && { intermediates: request.intermediates }),
      kind: 'user-authentication',
      method: request.method,
      possession: (leaf, issuer) => {
        const { algorithms } = validation.profile;
        const octets = signedOctets(challenge.text);
        if (verifyChallengeSignature(leaf, octets, request.signature, algorithms) !== 'ok') {
          const whole = 'sign the whole challenge text: the signature is over its nonce alone';
          const nonce = { cure: whole, octets: signedOctets(challenge.nonce) };
          return { cure: signatureCure(leaf, octets, request.signature, [nonce]) };
        }
        begun.step = begin(challenge, request.requestToken, referenceTo(leaf, issuer), ports);
        return true;
      },
      now: identity.now,
    },
    validation,
  );
  const { step } = begun;
  if (!(await (step?.used ?? usedChallenges.use(challenge, request.requestToken)))) {
    throw new MyKeyError('challenge-used', 'request a new challenge for every attempt');
  }
  if (report.verdict !== 'valid' || step === undefined) {
    if (step !== undefined) await tellOfRefusal(report, step.reference, step.owner, identity);
    throw new RefusedCertificate(report);
  }
  const ppid = await identifyPerson(step.reference, request, identity, step.owner);
  const login = { ppid, certificate: step.reference, report };
  const { userNumber, serviceId } = request;
  if (userNumber === undefined) return login;
  return { ...login, link: await linkAtLogin(serviceId, { ppid, userNumber }, identity) };
}

/** A failed link does not undo the login; the response states the reason. */
async function linkAtLogin(
  serviceId: string,
  wish: { readonly ppid: string; readonly userNumber: string },
  identity: PersonPorts,
): Promise<LinkAtLogin> {
  try {
    await completeLink(identity, serviceId, wish);
    return { outcome: 'linked' };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { outcome: 'refused', code: error.code };
  }
}

/** Tasks that run while revocation is checked. */
interface FirstStep {
  readonly reference: CertificateReference;
  readonly used: Promise<boolean>;
  readonly owner: ReturnType<typeof findOwner>;
}

function begin(
  challenge: Challenge,
  requestToken: string,
  reference: CertificateReference,
  { usedChallenges, identity }: AuthenticationPorts,
): FirstStep {
  const step = {
    reference,
    used: usedChallenges.use(challenge, requestToken),
    owner: findOwner(identity, reference),
  };
  // Rejections reach the callers that await these promises; if revocation ends the request, nothing
  // awaits them.
  for (const early of [step.used, step.owner]) early.catch(() => undefined);
  return step;
}

export const referenceTo = (
  { serial, notAfter }: Certificate,
  issuer: Certificate,
): CertificateReference => ({
  issuerKeyId: issuerKeyIdOf(issuer),
  serial,
  validUntil: notAfter,
});

/** A certificate that does not permit login, with the full report. */
export class RefusedCertificate extends MyKeyError {
  readonly report: ValidationReport;

  constructor(report: ValidationReport) {
    const code: ErrorCode = report.code ?? 'internal-error';
    const failed = report.checks.findLast(({ outcome }) => outcome === 'failed');
    const cure = refusalCure(report) ?? 'the certificate is refused';
    super(code, failed === undefined ? cure : `${cure} (${failed.id}, ${failed.clause})`);
    this.name = 'RefusedCertificate';
    this.report = report;
  }
}
