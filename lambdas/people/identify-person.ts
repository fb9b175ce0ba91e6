import { isCodedError, MyKeyError } from '../errors.ts';
import { announcing, type Announcement } from './announcements.ts';
import { expiringWith } from './attribute-baseline.ts';
import { keptReference, type CertificateReference } from './certificate-reference.ts';
import { entryOfPerson, livingSubject } from './find-person.ts';
import { raiseFlag } from './flags.ts';
import type { DerivedKey } from './identity-keys.ts';
import type { RecordChange, RecordContent } from './identity-store.ts';
import { bucketOf, heldKey, newSubjectId } from './layout.ts';
import type { LinkedSignatureCertificate } from './linkage.ts';
import { withinBudget, type LinkagePorts, type TimedLinkage } from './linkage-budget.ts';
import { causeOfCertificate } from './person-event.ts';
import { ppidMessage, ppidOfMac } from './ppid.ts';
import {
  certificateIndexRecord,
  entryRecord,
  findOwner,
  heldRecord,
  openWith,
  ppidIndexRecord,
  readEntry,
  readStanding,
  registrationRecord,
  resealed,
  standingRecord,
  type CertificateOwner,
  type Entry,
  type HeldCertificate,
  type Opened,
  type RecordPorts,
  type Registration,
  type Standing,
} from './records.ts';
import { renewalLine, type LineLink, type RenewalLine } from './renewal-line.ts';
import { versionOf } from './seal.ts';
import { flagOtherHolder, keptAnswer, signatureRecords } from './signature-certificate.ts';
import { peopleLimits } from './limits.ts';

export interface PersonPorts extends RecordPorts, LinkagePorts {
  /** Port: KMS GenerateMac. `mac` has at least 20 octets; `keyVersion` identifies the key. */
  readonly ppidMac: (
    message: Uint8Array,
  ) => Promise<{ readonly mac: Uint8Array; readonly keyVersion: string }>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface AskingService {
  readonly serviceId: string;
  readonly sectorId: string;
}

/**
 * Returns the PPID of a certificate's holder at one service. The PPID is computed once and stored.
 *
 * The first login at a service always queries the linkage service, so that people known to other
 * services and new people take the same steps and fail in the same outages. The linkage answer and
 * the PPID are written in one transaction: simultaneous logins with the old and the new card end in
 * one subject.
 * @param finding the promise of `findOwner`, if the caller has already started it
 * @throws MyKeyError `linkage-unavailable`: no PPID was created; `subject-suspended`,
 *   `dependency-unavailable`
 */
export async function identifyPerson(
  certificate: CertificateReference,
  service: AskingService,
  ports: PersonPorts,
  finding: Promise<Opened<CertificateOwner> | undefined> = findOwner(ports, certificate),
): Promise<string> {
  const linkage = withinBudget(ports);
  let owner = await finding;
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const { person, ppid } = await askAt(service, owner?.value.subjectId, ports);
    if (ppid !== undefined) return ppid;
    const issued = await enrol({ certificate, service, owner, person }, ports, linkage);
    if (issued !== undefined) return issued;
    owner = await findOwner(ports, certificate);
  }
  throw new MyKeyError('dependency-unavailable', 'the certificate could not be filed');
}

interface Known {
  readonly person: Opened<Standing> | undefined;
  readonly ppid: string | undefined;
}

/**
 * Reads the subject and the service's entry in parallel; an unknown certificate costs the same two
 * reads.
 */
async function askAt(
  { serviceId }: AskingService,
  filedUnder: string | undefined,
  ports: PersonPorts,
): Promise<Known> {
  const subjectId = filedUnder ?? newSubjectId(0);
  const [standing, entry] = await Promise.all([
    readStanding(ports, subjectId),
    readEntry(ports, serviceId, subjectId),
  ]);
  if (filedUnder === undefined) return { person: undefined, ppid: undefined };
  if (standing?.value.mergedInto === undefined) {
    const person = mayBeServed(standing);
    if (entry !== undefined) return { person, ppid: entry.value.ppid };
    if (person.value.formerly === undefined) return { person, ppid: undefined };
  }
  const person = mayBeServed(await livingSubject(ports, subjectId));
  return { person, ppid: (await entryOfPerson(ports, serviceId, person.value))?.value.ppid };
}

/** @throws MyKeyError `subject-suspended`; `dependency-unavailable`: deleted concurrently */
function mayBeServed(standing: Opened<Standing> | undefined): Opened<Standing> {
  if (standing === undefined) {
    throw new MyKeyError(
      'dependency-unavailable',
      'repeat the request: the subject was deleted concurrently',
    );
  }
  if (standing.value.suspended)
    throw new MyKeyError('subject-suspended', 'an operator has suspended use by this person');
  return standing;
}

interface Enrolment {
  readonly certificate: CertificateReference;
  readonly service: AskingService;
  /** The subject that the certificate is filed under. */
  readonly owner: Opened<CertificateOwner> | undefined;
  /** That subject's standing, after merges. */
  readonly person: Opened<Standing> | undefined;
}

/**
 * The first login at this service, or the first with this certificate. Undefined: a concurrent
 * write won.
 */
async function enrol(
  { certificate, service, owner, person: filed }: Enrolment,
  ports: PersonPorts,
  linkage: TimedLinkage,
): Promise<string | undefined> {
  const { store, keys, now } = ports;
  const bucket = prefetched(
    filed === undefined
      ? keys.bucketForNewSubject()
      : keys.bucket(bucketOf(filed.value.subjectId)).then(() => 0),
  );
  const [line, signing] = await Promise.all([
    renewalLine(certificate, ports, linkage),
    signingCertificate(certificate, ports, linkage),
  ]);
  const named =
    line.filed && mayBeFiled(await livingSubject(ports, line.filed.owner.value.subjectId));
  const agreed = await agreeing(filed, named, ports);
  const person = filed ?? named;
  if (person?.value.suspended)
    throw new MyKeyError('subject-suspended', 'an operator has suspended use by this person');
  const subjectId = person?.value.subjectId ?? newSubjectId(await bucket);
  const kept =
    filed === undefined && named !== undefined
      ? (await entryOfPerson(ports, service.serviceId, named.value))?.value.ppid
      : undefined;
  const [index, bucketKey, serviceKey, ppid] = await Promise.all([
    keys.index(),
    keys.bucket(bucketOf(subjectId)),
    keys.service(service.serviceId),
    kept === undefined ? newPpid(service, subjectId, ports) : undefined,
  ]);
  const family = { index, bucket: bucketKey, service: serviceKey };
  const changes: RecordChange[] = [
    person === undefined
      ? create(standingRecord(index, { subjectId, suspended: false }))
      : { change: 'none', key: person.key, was: person.token },
    ...(agreed ? await filing(line, owner !== undefined, subjectId, family, ports, signing) : []),
    ...(agreed ? filingSignature(signing, subjectId, family, ports) : []),
    ...(ppid
      ? entryOf(
          subjectId,
          { ...ppid, issuedAt: now },
          { serviceId: service.serviceId, ...baselineBy(signing, certificate, now) },
          family,
        )
      : []),
  ];
  if (!(await store.write(changes))) return undefined;
  if (signing?.owner !== undefined) await flagOtherHolder(subjectId, signing.owner, ports);
  return kept ?? ppid!.ppid;
}

/**
 * Starts the call early. A rejection is reported to the caller that awaits it, not as unhandled.
 */
function prefetched<T>(early: Promise<T>): Promise<T> {
  early.catch(() => undefined);
  return early;
}

function mayBeFiled(standing: Opened<Standing> | undefined): Opened<Standing> {
  if (standing !== undefined) return standing;
  throw new MyKeyError(
    'dependency-unavailable',
    'repeat the request: the subject was deleted concurrently',
  );
}

/** Two existing subjects are never merged automatically: a linkage answer only raises a flag. */
async function agreeing(
  filed: Opened<Standing> | undefined,
  named: Opened<Standing> | undefined,
  ports: PersonPorts,
): Promise<boolean> {
  if (filed === undefined || named === undefined) return true;
  const subjects = [filed.value.subjectId, named.value.subjectId];
  if (subjects[0] === subjects[1]) return true;
  await raiseFlag(ports, {
    kind: 'predecessor-of-another-subject',
    subjects,
    seenAt: ports.now,
  });
  return false;
}

/** The linkage service's answer about a card's signature certificate, and where that one is filed. */
interface SigningCertificate {
  readonly answer: LinkedSignatureCertificate;
  readonly owner: Opened<CertificateOwner> | undefined;
}

/**
 * Asked beside the predecessor, whether the person is new or known elsewhere. Undefined: no answer; a
 * login does not depend on it, and attributes stay without a baseline.
 */
async function signingCertificate(
  certificate: CertificateReference,
  ports: PersonPorts,
  linkage: TimedLinkage,
): Promise<SigningCertificate | undefined> {
  try {
    const answer = await linkage.signatureCertificateOf(certificate);
    return { answer, owner: answer.reference && (await findOwner(ports, answer.reference)) };
  } catch (error) {
    if (isCodedError(error) && error.code === 'linkage-unavailable') return undefined;
    throw error;
  }
}

/** Indexed, so that its revocation can be attributed to the person. */
function filingSignature(
  signing: SigningCertificate | undefined,
  subjectId: string,
  keys: KeyFamilies,
  { now }: PersonPorts,
): readonly RecordChange[] {
  const reference = signing?.answer.reference;
  if (reference === undefined || signing?.owner !== undefined) return [];
  return signatureRecords(keys, subjectId, reference, now).map(create);
}

/** What the attributes are compared with until the service itself confirms them. */
function baselineBy(
  signing: SigningCertificate | undefined,
  presented: CertificateReference,
  now: number,
): Pick<Registration, 'baseline'> {
  const reference = signing?.answer.reference;
  if (reference === undefined) return {};
  const certificate = keptReference(expiringWith(reference, presented));
  return { baseline: { certificate, confirmedAt: now, setBy: 'login' } };
}

async function newPpid({ sectorId }: AskingService, subjectId: string, ports: PersonPorts) {
  const { mac, keyVersion } = await ports.ppidMac(ppidMessage(sectorId, subjectId));
  return { ppid: ppidOfMac(mac), keyVersion };
}

interface KeyFamilies {
  readonly index: DerivedKey;
  readonly bucket: DerivedKey;
  readonly service: DerivedKey;
}

/**
 * Files the certificates of a renewal line that are not filed yet; the filed one at its end is
 * superseded.
 */
async function filing(
  { links, filed }: RenewalLine,
  firstIsFiled: boolean,
  subjectId: string,
  keys: KeyFamilies,
  ports: PersonPorts,
  signing: SigningCertificate | undefined,
): Promise<readonly RecordChange[]> {
  const unfiled = links
    .map((link, position) => ({ link, superseded: isSuperseded(links[position - 1]) }))
    .slice(firstIsFiled ? 1 : 0);
  const added = unfiled.flatMap(({ link, superseded }) => {
    const held: HeldCertificate = {
      ...heldAs(link, subjectId, superseded, ports.now),
      ...(link === links[0] && signing && { signature: keptAnswer(signing.answer, ports.now) }),
    };
    return [
      create(certificateIndexRecord(keys.index, link.certificate, { subjectId })),
      create(heldRecord(keys, held, link.certificate)),
    ];
  });
  if (filed === undefined) return added;
  const stays: RecordChange = { change: 'none', key: filed.owner.key, was: filed.owner.token };
  if (!isSuperseded(links.at(-1))) return [...added, stays];
  const superseding = await supersede(filed, ports);
  if (superseding.length === 0) return [...added, stays];
  const renewal: Announcement = {
    type: 'person.renewed',
    subjectId: filed.owner.value.subjectId,
    at: ports.now,
    source: 'login',
    // The same as when a list names the former certificate as superseded: services are told once.
    cause: causeOfCertificate(keys.index, filed.certificate),
  };
  return [...added, stays, ...superseding, await announcing(renewal, ports)];
}

const isSuperseded = (by: LineLink | undefined): boolean => by?.predecessor?.relation === 'renewed';

const heldAs = (
  { certificate, predecessor, askedAt }: LineLink,
  subjectId: string,
  superseded: boolean,
  filedAt: number,
): HeldCertificate => ({
  subjectId,
  kind: 'user-authentication',
  certificate: keptReference(certificate),
  filedAt,
  superseded,
  predecessor: {
    askedAt,
    certificate: predecessor && keptReference(predecessor.reference),
    ...(predecessor && { relation: predecessor.relation }),
  },
});

async function supersede(
  { certificate, owner }: NonNullable<RenewalLine['filed']>,
  { store, keys }: PersonPorts,
): Promise<readonly RecordChange[]> {
  const { subjectId } = owner.value;
  for (const version of keys.versions) {
    const record = await store.read(heldKey(await keys.index(version), subjectId, certificate));
    if (record === undefined) continue;
    const sealedUnder = await keys.bucket(bucketOf(subjectId), versionOf(record.sealed));
    const { value, token } = openWith<HeldCertificate>(record, sealedUnder);
    if (value.superseded) return [];
    const bucketKey = await keys.bucket(bucketOf(subjectId));
    const superseded = resealed(record, bucketKey, { ...value, superseded: true });
    return [{ change: 'replace', record: superseded, was: token }];
  }
  return [];
}

const entryOf = (
  subjectId: string,
  entry: Entry,
  registration: Registration,
  keys: KeyFamilies,
): readonly RecordChange[] =>
  [
    entryRecord(keys.service, subjectId, entry),
    registrationRecord(keys, subjectId, registration),
    ppidIndexRecord(keys, entry.ppid, { subjectId }),
  ].map(create);

const create = (record: RecordContent): RecordChange => ({
  change: 'create',
  record,
});
