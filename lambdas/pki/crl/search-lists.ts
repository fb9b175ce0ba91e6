import { engineLimits } from '../limits.ts';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { Crl } from '../x509/crl.ts';
import { DerError } from '../x509/der.ts';
import { allReasons } from '../x509/distribution-point.ts';
import { sameBytes } from '../x509/octets.ts';
import type { SignatureOutcome } from '../x509/verify-signature.ts';
import { sameName } from '../x509/name.ts';
import {
  crlRefusal,
  type CrlPolicy,
  freshnessRefusal,
  signatureOutcome,
  signersOf,
} from './crl-signer.ts';
import { listCovers, type ListPlace, placesOf, reasonsProved } from './crl-scope.ts';
import { entryFor } from './crl-entry-for.ts';
import type { RevocationFinding } from '../revocation/revocation-source.ts';
import type {
  RevocationAttempt,
  RevocationEvidence,
  RevocationStatus,
  UnknownReason,
} from '../revocation/revocation-status.ts';

/** A CRL given by the caller, with its name in reports. */
export interface NamedCrl {
  readonly source: string;
  readonly crl: Crl;
}

/** CRLs given by the caller, and the inputs to validate their issuers. */
export interface GivenLists {
  readonly lists: readonly NamedCrl[];
  /** Candidates for CRL issuers, in addition to the certificate's issuer. */
  readonly certificates: readonly Certificate[];
  /**
   * Returns the certification path from the same trust anchor to a CRL issuer, anchor first, validated but
   * not yet checked for revocation; undefined when there is none (RFC 5280 §6.3.3 (f)).
   */
  readonly pathTo: (signer: Certificate) => readonly Certificate[] | undefined;
  readonly policy: CrlPolicy;
  readonly signatures: ListSignatures;
}

/** Verifies each pair of CRL and key once: a CRL can have megabytes and match many distribution points. */
export class ListSignatures {
  private readonly outcomes = new Map<Crl, Map<Certificate, SignatureOutcome>>();

  outcome(list: Crl, signer: Certificate, algorithms: AlgorithmPolicy): SignatureOutcome {
    const known = this.outcomes.get(list) ?? new Map<Certificate, SignatureOutcome>();
    this.outcomes.set(list, known);
    const outcome = known.get(signer) ?? signatureOutcome(list, signer, algorithms);
    known.set(signer, outcome);
    return outcome;
  }
}

/**
 * RFC 5280 §6.3.3: revocation status of `certificate` by the given CRLs. `issuer` signed it, and its path
 * is already validated. Good only when current, verified CRLs with the certificate in scope cover all
 * reasons; otherwise unknown.
 */
export function searchLists(
  certificate: Certificate,
  issuer: Certificate,
  given: GivenLists,
): RevocationFinding {
  return checkOne(certificate, issuer, given, noPendingSigners, new SearchContext(given));
}

interface PathFinding extends RevocationFinding {
  /** Index in the path of the certificate with `status`: the first that is not good, else the leaf. */
  readonly index: number;
}

/** CRL issuers whose own revocation status is being determined, outermost first. */
interface Pending {
  readonly signers: readonly Certificate[];
  /** Signers below this index are excluded. */
  readonly excludedBelow: number;
}

const noPendingSigners: Pending = { signers: [], excludedBelow: 0 };

/** Signature results and remaining budget, shared by a question and all CRL issuers that it leads to. */
class SearchContext {
  private signersLeft = engineLimits.crlSignersAsked;
  /** A CRL was left out because depth or budget ran out. It might contain a revocation, so good is not proved. */
  isCutShort = false;
  private readonly given: GivenLists;

  constructor(given: GivenLists) {
    this.given = given;
  }

  mayAskAboutSigner(depth: number): boolean {
    if (depth < engineLimits.crlSignerDepth && this.signersLeft-- > 0) return true;
    this.cutShort();
    return false;
  }

  cutShort(): void {
    this.isCutShort = true;
  }

  signatureOutcome(list: Crl, signer: Certificate): SignatureOutcome {
    return this.given.signatures.outcome(list, signer, this.given.policy.algorithms);
  }
}

function checkPath(
  path: readonly Certificate[],
  given: GivenLists,
  pending: Pending,
  context: SearchContext,
): PathFinding | undefined {
  const attempts: RevocationAttempt[] = [];
  let last: PathFinding | undefined;
  for (let index = 1; index < path.length; index++) {
    const finding = checkOne(path[index]!, path[index - 1]!, given, pending, context);
    attempts.push(...finding.attempts);
    last = { status: finding.status, attempts, index };
    if (finding.status.status !== 'good') break;
  }
  return last;
}

/** CRLs signed by pending signers count only if no other CRL gives an answer (PKITS 4.14.30). */
function checkOne(
  certificate: Certificate,
  issuer: Certificate,
  given: GivenLists,
  pending: Pending,
  context: SearchContext,
): RevocationFinding {
  const { signers, excludedBelow } = pending;
  if (signers.length > excludedBelow) {
    const others = { signers, excludedBelow: signers.length };
    const finding = readLists(new Search(certificate, issuer, given, others, context), certificate);
    if (finding.status.status !== 'unknown') return finding;
  }
  return readLists(new Search(certificate, issuer, given, pending, context), certificate);
}

/** By thisUpdate, CRLNumber, then octets, so that the result does not depend on the order of input. */
const laterFirst = (a: NamedCrl, b: NamedCrl): number =>
  b.crl.thisUpdate - a.crl.thisUpdate || higherFirst(a, b) || Buffer.compare(a.crl.der, b.crl.der);

const higherFirst = ({ crl: a }: NamedCrl, { crl: b }: NamedCrl): number =>
  Number((b.extensions.crlNumber ?? -1n) - (a.extensions.crlNumber ?? -1n));

function readLists(search: Search, certificate: Certificate): RevocationFinding {
  try {
    for (const place of placesOf(certificate)) {
      for (const list of search.newestFirst(place)) {
        const revoked = search.read(list, place);
        if (revoked) return { status: revoked, attempts: search.attempts };
        if (search.isComplete) break;
      }
    }
  } catch (error) {
    // A malformed distribution point: no CRL's scope can be compared with it.
    if (!(error instanceof DerError)) throw error;
  }
  return { status: search.conclusion(), attempts: search.attempts };
}

/** Result for a complete CRL: the reason to refuse it, or the delta CRL that the same key signed. */
interface ProvedList {
  readonly refusal: UnknownReason | undefined;
  readonly delta: NamedCrl | undefined;
}

/** State of RFC 5280 §6.3.3 for one certificate: reasons_mask, and the CRLs read so far. */
class Search {
  readonly attempts: RevocationAttempt[] = [];
  private reasons = 0;
  /** The oldest of the CRLs that together cover all reasons. */
  private proof: RevocationEvidence | undefined;
  private failure: UnknownReason | undefined;
  private readonly certificate: Certificate;
  private readonly issuer: Certificate;
  private readonly given: GivenLists;
  private readonly pending: Pending;
  private readonly context: SearchContext;
  /** Results so far, by CRL and by signer: several distribution points can lead to the same ones. */
  private readonly proved = new Map<Crl, ProvedList>();
  private readonly refused = new Set<Crl>();
  /** Complete CRLs whose delta CRL has expired, read so far. */
  private readonly expired: Crl[] = [];
  private readonly trusted = new Map<Certificate, boolean>();

  constructor(
    certificate: Certificate,
    issuer: Certificate,
    given: GivenLists,
    pending: Pending,
    context: SearchContext,
  ) {
    this.context = context;
    this.certificate = certificate;
    this.issuer = issuer;
    this.given = given;
    this.pending = pending;
  }

  get isComplete(): boolean {
    return this.reasons === allReasons;
  }

  /** Complete CRLs for one distribution point, the newest first: of two current ones, the later decides. */
  newestFirst(place: ListPlace): readonly NamedCrl[] {
    const { lists } = this.given;
    const complete = lists.filter(
      ({ crl }) =>
        crl.extensions.deltaBase === undefined && listCovers(crl, place, this.certificate),
    );
    if (complete.length === lists.length) return complete.sort(laterFirst);
    return complete.sort((a, b) => this.latestUpdate(b) - this.latestUpdate(a) || laterFirst(a, b));
  }

  /** Reads one CRL for one distribution point; returns a status only when the certificate is revoked. */
  read(named: NamedCrl, place: ListPlace): RevocationStatus | undefined {
    const { crl } = named;
    const interim = reasonsProved(crl, place);
    // (e): skip a CRL that adds no reason to reasons_mask.
    if ((interim & ~this.reasons) === 0) return undefined;
    if (this.refused.has(crl)) return undefined;
    const { refusal, delta } = this.prove(crl);
    const evidence = delta ? evidenceOfBoth(named, delta) : evidenceOf(named);
    if (refusal) return this.refuse(named, refusal, evidence);
    if (this.isOvertaken(crl)) return this.refuse(named, 'crl-stale', evidence);
    const revoked = this.entryStatus(named, delta, evidence);
    if (revoked) {
      this.attempt(named, 'revoked', evidence);
      return revoked;
    }
    this.attempt(named, 'good', evidence);
    this.reasons |= interim;
    if (!this.proof || evidence.thisUpdate < this.proof.thisUpdate) this.proof = evidence;
    return undefined;
  }

  conclusion(): RevocationStatus {
    if (this.isComplete && this.proof && !this.context.isCutShort) {
      return { status: 'good', evidence: this.proof };
    }
    if (this.isComplete) return { status: 'unknown', why: 'crl-issuer-untrusted' };
    if (this.failure) return { status: 'unknown', why: this.failure };
    return {
      status: 'unknown',
      why: this.reasons === 0 ? 'no-applicable-crl' : 'crl-incomplete-reasons',
    };
  }

  /** (i) to (k): an entry of the delta CRL outweighs one of the complete CRL; removeFromCRL is not revoked. */
  private entryStatus(
    complete: NamedCrl,
    delta: NamedCrl | undefined,
    evidence: RevocationEvidence,
  ): RevocationStatus | undefined {
    const changed = delta && entryFor(delta.crl, this.certificate);
    if (changed?.reason === 'removeFromCRL') return undefined;
    const entry = changed ?? entryFor(complete.crl, this.certificate);
    if (!entry) return undefined;
    return { status: 'revoked', revokedAt: entry.revokedAt, reason: entry.reason, evidence };
  }

  /** thisUpdate of the complete CRL, or of the delta CRL that is combined with it (RFC 5280 §5.2.4). */
  private latestUpdate({ crl }: NamedCrl): number {
    const { refusal, delta } = this.prove(crl);
    return (!refusal && delta ? delta.crl : crl).thisUpdate;
  }

  private prove(crl: Crl): ProvedList {
    const proved = this.proved.get(crl) ?? this.proveAnew(crl);
    this.proved.set(crl, proved);
    return proved;
  }

  private proveAnew(crl: Crl): ProvedList {
    const deltas = this.deltasFor(crl);
    const signer = this.acceptedSigner(crl, deltas.length > 0);
    if (typeof signer === 'string') return { refusal: signer, delta: undefined };
    const delta = deltas.find((one) => this.context.signatureOutcome(one.crl, signer) === 'ok');
    const refusal = freshnessRefusal(delta?.crl ?? crl, this.given.policy);
    if (delta && refusal) this.expired.push(crl);
    return { refusal, delta };
  }

  /**
   * True if a complete CRL of the same issuer and scope with a higher number is stale because its delta CRL
   * is: an older one must not take its place.
   */
  private isOvertaken(crl: Crl): boolean {
    const number = crl.extensions.crlNumber ?? -1n;
    return this.expired.some(
      (newer) => newer.extensions.crlNumber! > number && sameScope(newer, crl),
    );
  }

  /** (a), (f), (g): the validated certificate of the CRL issuer, or the reason to refuse the CRL. */
  private acceptedSigner(crl: Crl, hasDelta: boolean): Certificate | UnknownReason {
    const { policy } = this.given;
    // §5.2.4: a complete CRL combined with a delta CRL is as fresh as the delta CRL.
    const refusal = crlRefusal(crl, hasDelta ? { ...policy, maximumAgeMs: Infinity } : policy);
    if (refusal) return refusal;
    const signers = signersOf(crl, this.issuer, this.given.certificates, this.context);
    if (typeof signers === 'string') return signers;
    return signers.find((signer) => this.isTrustedOnce(signer)) ?? 'crl-issuer-untrusted';
  }

  private isTrustedOnce(signer: Certificate): boolean {
    const trusted = this.trusted.get(signer) ?? this.isTrusted(signer);
    this.trusted.set(signer, trusted);
    return trusted;
  }

  private isTrusted(signer: Certificate): boolean {
    if (signer === this.issuer || sameBytes(signer.der, this.issuer.der)) return true;
    const { signers, excludedBelow } = this.pending;
    // PKITS 4.14.30: a CRL issuer's own CRL may cover it. The enclosing search determines its status.
    const asked = signers.findIndex(({ der }) => sameBytes(der, signer.der));
    if (asked >= 0) return asked >= excludedBelow;
    if (!this.context.mayAskAboutSigner(signers.length)) return false;
    const path = this.given.pathTo(signer);
    if (!path) return false;
    const pending = { signers: [...signers, signer], excludedBelow };
    const finding = checkPath(path, this.given, pending, this.context);
    return finding === undefined || finding.status.status === 'good';
  }

  /**
   * §5.2.4: delta CRLs of the same issuer and scope with a BaseCRLNumber not above the complete CRL's
   * number, the newest first. The first one that the same key signed decides, also after its nextUpdate:
   * then the combination is stale, since what the delta CRL revoked must not become good again. Delta CRLs
   * that could not be used when they were issued are left out, as ingestion refuses them.
   */
  private deltasFor(complete: Crl): readonly NamedCrl[] {
    const { policy } = this.given;
    const whenIssued = (crl: Crl) => ({ ...policy, now: Math.min(policy.now, crl.thisUpdate) });
    const number = complete.extensions.crlNumber;
    if (number === undefined) return [];
    return this.given.lists
      .filter(
        ({ crl }) =>
          crl.extensions.deltaBase !== undefined &&
          crl.extensions.crlNumber !== undefined &&
          crl.extensions.deltaBase <= number &&
          crl.extensions.crlNumber > number &&
          // §5.2.3: CRL numbers increase with time; ingestion has the same check.
          crl.thisUpdate >= complete.thisUpdate &&
          sameScope(crl, complete) &&
          crlRefusal(crl, whenIssued(crl)) === undefined,
      )
      .toSorted((a, b) => higherFirst(a, b) || laterFirst(a, b));
  }

  private refuse(named: NamedCrl, why: UnknownReason, evidence: RevocationEvidence): undefined {
    this.refused.add(named.crl);
    this.failure = why;
    this.attempt(named, why, evidence);
  }

  private attempt(
    { source }: NamedCrl,
    outcome: RevocationAttempt['outcome'],
    evidence: RevocationEvidence,
  ): void {
    this.attempts.push({ method: 'crl', source, outcome, evidence });
  }
}

/** §5.2.4 (a), (b): the same issuer, and the same issuing distribution point or none. */
function sameScope(a: Crl, b: Crl): boolean {
  if (!sameName(a.issuer, b.issuer)) return false;
  const one = a.extensions.issuingDistributionPoint;
  const other = b.extensions.issuingDistributionPoint;
  return one && other ? sameBytes(one.der, other.der) : one === other;
}

function evidenceOf({ source, crl }: NamedCrl): RevocationEvidence {
  const { crlNumber } = crl.extensions;
  return {
    method: 'crl',
    source,
    thisUpdate: crl.thisUpdate,
    ...(crl.nextUpdate !== undefined && { nextUpdate: crl.nextUpdate }),
    ...(crlNumber !== undefined && { crlNumber: String(crlNumber) }),
  };
}

/** §5.2.4: thisUpdate and CRLNumber of the delta CRL, and the earlier nextUpdate of both CRLs. */
function evidenceOfBoth(complete: NamedCrl, delta: NamedCrl): RevocationEvidence {
  const nextUpdate = Math.min(complete.crl.nextUpdate!, delta.crl.nextUpdate!);
  return { ...evidenceOf(delta), nextUpdate };
}
