import { MyKeyError } from '../../errors.ts';
import { approveOnBehalf, requestOnBehalf, type BehalfRequest } from '../../people/behalf.ts';
import {
  requestCorrection,
  type Correction,
  type CorrectionPorts,
  type CorrectionWish,
} from '../../people/corrections.ts';
import { discloseTo, type Disclosure } from '../../people/disclosure.ts';
import { livingSubject, personOfPpid } from '../../people/find-person.ts';
import { withinBudget, type LinkagePorts } from '../../people/linkage-budget.ts';
import { issueMyKeyId, revokeMyKeyId, type IssuedMyKeyId } from '../../people/my-key-id-records.ts';
import { findOwner, readUserNumber, type Opened, type Standing } from '../../people/records.ts';
import { renewalLine } from '../../people/renewal-line.ts';
import {
  cancelDeletion,
  personNotKnown,
  requestDeletion,
  resumeUse,
  suspendUse,
  type Asking,
  type CardAct,
  type RightsAct,
  type RightsPorts,
  type UseOfRecord,
} from '../../people/rights.ts';
import type { CertificateReference } from '../../people/certificate-reference.ts';
import { signatureCure } from '../../pki/diagnosis/signature-cure.ts';
import type {
  DeployedSources,
  ValidateUnderProfile,
} from '../../pki/validation/validate-under-profile.ts';
import type { ValidationReport } from '../../pki/validation/validation-report.ts';
import type { Certificate } from '../../pki/x509/certificate.ts';
import { verifyChallengeSignature } from '../../pki/x509/challenge-signature.ts';
import { RefusedCertificate, referenceTo } from '../authentications/operation.ts';
import type { ChallengeKey, UsedChallenges } from '../challenges/operation.ts';
import { signedOctets } from '../challenges/challenge-text.ts';
import { openRightsChallenge } from './rights-challenge.ts';

export interface RightsOperationPorts {
  readonly challengeKey: ChallengeKey;
  readonly usedChallenges: UsedChallenges;
  readonly validate: ValidateUnderProfile;
  readonly validation: DeployedSources;
  readonly people: RightsPorts & LinkagePorts & CorrectionPorts;
  /** The name of a registered service. */
  readonly serviceName: (serviceId: string) => Promise<string | undefined>;
}

export interface RequestByCard {
  /** The challenge text that the card signed. */
  readonly challenge: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
  readonly intermediates?: readonly Certificate[];
  /** See `OperationCall`. */
  readonly requestToken: string;
}

export interface PersonAtCard {
  readonly act: CardAct;
  readonly certificate: CertificateReference;
  readonly person: Opened<Standing>;
  readonly report: ValidationReport;
}

/**
 * Authenticates a person by the card, as a login does, without identifying them to any service:
 * nothing is filed, no PPID is made. A suspended person may ask as well. A card that is new to this
 * platform is found by the renewal line.
 * @throws RefusedCertificate; MyKeyError `challenge-*`, `linkage-unavailable`, `person-not-known`
 */
export async function personAtCard(
  request: RequestByCard,
  ports: RightsOperationPorts,
): Promise<PersonAtCard> {
  const { validation, people } = ports;
  const key = await ports.challengeKey();
  const challenge = openRightsChallenge(request.challenge, key, people.now);
  const octets = signedOctets(challenge.text);
  const proved: { certificate?: CertificateReference } = {};
  const report = await ports.validate(
    {
      certificate: request.certificate,
      ...(request.intermediates && { intermediates: request.intermediates }),
      kind: 'user-authentication',
      method: 'auto',
      possession: (leaf, issuer) => {
        const { algorithms } = validation.profile;
        if (verifyChallengeSignature(leaf, octets, request.signature, algorithms) !== 'ok')
          return { cure: signatureCure(leaf, octets, request.signature, []) };
        proved.certificate = referenceTo(leaf, issuer);
        return true;
      },
      now: people.now,
    },
    validation,
  );
  // Only a genuine card's request marks anything, or reads a record.
  if (report.verdict !== 'valid' || proved.certificate === undefined)
    throw new RefusedCertificate(report);
  if (!(await ports.usedChallenges.use(challenge, request.requestToken)))
    throw new MyKeyError('challenge-used', 'request a new challenge for every attempt');
  const person = await personOfCard(proved.certificate, people);
  return { act: challenge.act, certificate: proved.certificate, person, report };
}

async function personOfCard(
  certificate: CertificateReference,
  people: RightsOperationPorts['people'],
): Promise<Opened<Standing>> {
  const owner = await findOwner(people, certificate);
  const filed =
    owner ?? (await renewalLine(certificate, people, withinBudget(people))).filed?.owner;
  const person = filed && (await livingSubject(people, filed.value.subjectId));
  if (person === undefined) throw personNotKnown();
  return person;
}

export interface NamedDisclosure extends Omit<Disclosure, 'services'> {
  readonly services: readonly (Disclosure['services'][number] & {
    readonly name: string | undefined;
  })[];
}

/** @throws MyKeyError `dependency-unavailable` */
export async function disclose(
  standing: Standing,
  ports: Pick<RightsOperationPorts, 'people' | 'serviceName'>,
): Promise<NamedDisclosure> {
  const { services, ...rest } = await discloseTo(ports.people, standing);
  const named = services.map(async (service) => ({
    ...service,
    name: await ports.serviceName(service.serviceId),
  }));
  return { ...rest, services: await Promise.all(named) };
}

/** @throws MyKeyError `rights-act-impossible`: the challenge names another act */
export function requireDisclosure(act: CardAct): void {
  if (act === 'disclose') return;
  throw new MyKeyError(
    'rights-act-impossible',
    'request a challenge whose act is disclose: the person signed another one',
  );
}

/**
 * Records what the person asks to be corrected.
 * @throws MyKeyError `rights-act-impossible`: the challenge names another act, or the request does not
 *   fit the record; `dependency-unavailable`
 */
export function askForCorrection(
  { act, person }: PersonAtCard,
  wish: CorrectionWish,
  people: CorrectionPorts,
): Promise<Correction> {
  if (act === 'correct') return requestCorrection(people, person.value.subjectId, wish, 'person');
  throw new MyKeyError(
    'rights-act-impossible',
    'request a challenge whose act is correct: the person signed another one',
  );
}

/**
 * Does what was asked for.
 * @throws MyKeyError `rights-act-impossible`, `dependency-unavailable`
 */
export function perform(
  act: CardAct,
  subjectId: string,
  by: Asking,
  people: RightsPorts,
): Promise<UseOfRecord> {
  switch (act) {
    case 'suspend':
      return suspendUse(people, subjectId, by);
    case 'resume':
      return resumeUse(people, subjectId, by);
    case 'delete':
      return requestDeletion(people, subjectId);
    case 'cancel-deletion':
      return cancelDeletion(people, subjectId);
    default:
      throw new MyKeyError(
        'rights-act-impossible',
        'send this challenge to the route of its act: the person signed another one',
      );
  }
}

/**
 * Issues or revokes the person's My Key ID.
 * @param choice the first seven characters
 * @throws MyKeyError `rights-act-impossible`: the challenge names another act; `subject-suspended`,
 *   `my-key-id-taken`, `my-key-id-not-found`, `dependency-unavailable`
 */
export function requestMyKeyId(
  { act, person, certificate }: PersonAtCard,
  choice: string | undefined,
  people: RightsPorts,
): Promise<IssuedMyKeyId> {
  const { subjectId, suspended } = person.value;
  if (act === 'revoke-my-key-id') return revokeMyKeyId(people, subjectId);
  if (act !== 'issue-my-key-id')
    throw new MyKeyError(
      'rights-act-impossible',
      'request a challenge whose act is issue-my-key-id or revoke-my-key-id',
    );
  if (suspended)
    throw new MyKeyError('subject-suspended', 'resume use first: it is suspended for this person');
  return issueMyKeyId(people, subjectId, certificate, choice);
}

/** A person as one service knows them. */
export interface NamedPerson {
  readonly serviceId: string;
  readonly person: { readonly ppid: string } | { readonly userNumber: string };
}

/** @throws MyKeyError `person-not-known`, `dependency-unavailable` */
export async function takeRequest(
  request: Omit<BehalfRequest, 'requestId' | 'requestedAt' | 'approval' | 'subjectId'> &
    NamedPerson,
  people: RightsPorts & CorrectionPorts,
): Promise<BehalfRequest> {
  const { serviceId, person, act, correction, basis, fileReference, requestedBy } = request;
  const ppid =
    'ppid' in person
      ? person.ppid
      : (await readUserNumber(people, serviceId, person.userNumber))?.value.link?.ppid;
  const found = ppid === undefined ? undefined : await personOfPpid(people, serviceId, ppid);
  if (found === undefined) throw personNotKnown();
  const { subjectId } = found.value;
  const asked = { act, ...(correction && { correction }), basis, fileReference };
  return requestOnBehalf(people, { ...asked, requestedBy, subjectId });
}

export interface Approved {
  readonly act: RightsAct;
  readonly use?: UseOfRecord;
  readonly disclosure?: NamedDisclosure;
  readonly correction?: Correction;
}

/**
 * Records the approval, then does what was asked for.
 * @throws MyKeyError `rights-request-not-found`, `second-operator-needed`, `rights-act-impossible`,
 *   `person-not-known`, `dependency-unavailable`
 */
export async function approveRequest(
  requestId: string,
  approver: string,
  ports: Pick<RightsOperationPorts, 'people' | 'serviceName'>,
): Promise<Approved> {
  const approved = await approveOnBehalf(ports.people, requestId, approver);
  const { act, subjectId, correction: wish } = approved;
  if (act === 'correct' && wish !== undefined) {
    const { people } = ports;
    return {
      act,
      correction: await requestCorrection(people, subjectId, wish, 'operator', requestId),
    };
  }
  if (act !== 'disclose')
    return { act, use: await perform(act, subjectId, 'operator', ports.people) };
  const person = await livingSubject(ports.people, subjectId);
  if (person === undefined) throw personNotKnown();
  return { act, disclosure: await disclose(person.value, ports) };
}
