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

/** A list at hand, with the name that reports give it. */
export interface NamedCrl {
  readonly source: string;
  readonly crl: Crl;
}

/** Lists at hand, and how their signers are proved. */
export interface ListsAtHand {
  readonly lists: readonly NamedCrl[];
  /** Certificates among which a list's signer is looked for, besides the certificate's issuer. */
  readonly certificates: readonly Certificate[];
  /**
   * The certification path from the same trust anchor to a list's signer, anchor first, validated but
   * not yet checked for revocation; undefined when there is none (RFC 5280 §6.3.3 (f)).
   */
  readonly pathTo: (signer: Certificate) => readonly Certificate[] | undefined;
  readonly policy: CrlPolicy;
  readonly signatures: ListSignatures;
}

/** Each list under each key once: a list may be megabytes, and be met at every distribution point. */
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
 * RFC 5280 §6.3.3: is `certificate`, signed by `issuer` (whose path is already validated), on a list?
 * Good only when current, signed lists of its scope cover every reason; without one, unknown.
 */
export function searchLists(
  certificate: Certificate,
  issuer: Certificate,
  atHand: ListsAtHand,
): RevocationFinding {
  return checkOne(certificate, issuer, atHand, noPendingSigners, new Inquiry(atHand));
}

interface PathFinding extends RevocationFinding {
  /** Index in the path of the certificate that `status` is about: the first not good, else the leaf. */
  readonly index: number;
}

/** Signers whose own status is being asked, outermost first. */
interface Pending {
  readonly signers: readonly Certificate[];
  /** Signers below this index are excluded. */
  readonly barred: number;
}

const noPendingSigners: Pending = { signers: [], barred: 0 };

/** What one question has found out and may still spend, over every signer that it leads to. */
class Inquiry {
  private signersLeft = engineLimits.crlSignersAsked;
  /** A list was left out for want of depth or budget: what it says may be that somebody is revoked. */
  isCutShort = false;
  private readonly atHand: ListsAtHand;

  constructor(atHand: ListsAtHand) {
    this.atHand = atHand;
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
    return this.atHand.signatures.outcome(list, signer, this.atHand.policy.algorithms);
  }
}

function checkPath(
  path: readonly Certificate[],
  atHand: ListsAtHand,
  pending: Pending,
  inquiry: Inquiry,
): PathFinding | undefined {
  const attempts: RevocationAttempt[] = [];
  let last: PathFinding | undefined;
  for (let index = 1; index < path.length; index++) {
    const finding = checkOne(path[index]!, path[index - 1]!, atHand, pending, inquiry);
    attempts.push(...finding.attempts);
    last = { status: finding.status, attempts, index };
    if (finding.status.status !== 'good') break;
  }
  return last;
}

/** What signers in question say of themselves or of each other counts only where nobody else speaks. */
function checkOne(
  certificate: Certificate,
  issuer: Certificate,
  atHand: ListsAtHand,
  pending: Pending,
  inquiry: Inquiry,
): RevocationFinding {
  const { signers, barred } = pending;
  if (signers.length > barred) {
    const others = { signers, barred: signers.length };
    const finding = readLists(
      new Search(certificate, issuer, atHand, others, inquiry),
      certificate,
    );
    if (finding.status.status !== 'unknown') return finding;
  }
  return readLists(new Search(certificate, issuer, atHand, pending, inquiry), certificate);
}

/** By time, then number; two alike in both: by their octets, so that the order of arrival says nothing. */
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
    // A distribution point that cannot be read leaves every list without a proven scope.
    if (!(error instanceof DerError)) throw error;
  }
  return { status: search.conclusion(), attempts: search.attempts };
}

/** A complete list whose signer was asked for, and the delta that the same key signed. */
interface ProvedList {
  readonly refusal: UnknownReason | undefined;
  readonly delta: NamedCrl | undefined;
}

/** The state of §6.3.3 for one certificate: reasons_mask, and what was read. */
class Search {
  readonly attempts: RevocationAttempt[] = [];
  private reasons = 0;
  /** The oldest proof among those that together cover every reason. */
  private proof: RevocationEvidence | undefined;
  private failure: UnknownReason | undefined;
  private readonly certificate: Certificate;
  private readonly issuer: Certificate;
  private readonly atHand: ListsAtHand;
  private readonly pending: Pending;
  private readonly inquiry: Inquiry;
  /** What this search knows already of lists and signers that several places lead to. */
  private readonly proved = new Map<Crl, ProvedList>();
  private readonly refused = new Set<Crl>();
  private readonly trusted = new Map<Certificate, boolean>();

  constructor(
    certificate: Certificate,
    issuer: Certificate,
    atHand: ListsAtHand,
    pending: Pending,
    inquiry: Inquiry,
  ) {
    this.inquiry = inquiry;
    this.certificate = certificate;
    this.issuer = issuer;
    this.atHand = atHand;
    this.pending = pending;
  }

  get isComplete(): boolean {
    return this.reasons === allReasons;
  }

  /** Complete lists of one place: where two are current, the later one speaks. */
  newestFirst(place: ListPlace): readonly NamedCrl[] {
    const { lists } = this.atHand;
    const complete = lists.filter(
      ({ crl }) =>
        crl.extensions.deltaBase === undefined && listCovers(crl, place, this.certificate),
    );
    if (complete.length === lists.length) return complete.sort(laterFirst);
    return complete.sort((a, b) => this.latestUpdate(b) - this.latestUpdate(a) || laterFirst(a, b));
  }

  /** Reads one list at one place; the answer when the certificate is on it. */
  read(named: NamedCrl, place: ListPlace): RevocationStatus | undefined {
    const { crl } = named;
    const interim = reasonsProved(crl, place);
    // (e): a list that adds no reason adds nothing.
    if ((interim & ~this.reasons) === 0) return undefined;
    if (this.refused.has(crl)) return undefined;
    const { refusal, delta } = this.prove(crl);
    if (refusal) return this.refuse(named, refusal);
    const evidence = delta ? evidenceOfBoth(named, delta) : evidenceOf(named);
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
    if (this.isComplete && this.proof && !this.inquiry.isCutShort) {
      return { status: 'good', evidence: this.proof };
    }
    if (this.isComplete) return { status: 'unknown', why: 'crl-issuer-untrusted' };
    if (this.failure) return { status: 'unknown', why: this.failure };
    return {
      status: 'unknown',
      why: this.reasons === 0 ? 'no-applicable-crl' : 'crl-incomplete-reasons',
    };
  }

  /** (i) to (k): the delta speaks first; what it removes is not revoked. */
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

  /** When a list was issued, or the delta that brings it forward. */
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
    const delta = deltas.find((one) => this.inquiry.signatureOutcome(one.crl, signer) === 'ok');
    const refusal = delta ? undefined : freshnessRefusal(crl, this.atHand.policy);
    return { refusal, delta };
  }

  /** (a), (f), (g): the certificate of an entitled signer, or why the list proves nothing. */
  private acceptedSigner(crl: Crl, hasDelta: boolean): Certificate | UnknownReason {
    const { policy } = this.atHand;
    // §5.2.4: with a delta, what is known is as old as the delta.
    const refusal = crlRefusal(crl, hasDelta ? { ...policy, maximumAgeMs: Infinity } : policy);
    if (refusal) return refusal;
    const signers = signersOf(crl, this.issuer, this.atHand.certificates, this.inquiry);
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
    const { signers, barred } = this.pending;
    // PKITS 4.14.30: a signer may be covered by its own list; its status rests on the outer question.
    const asked = signers.findIndex(({ der }) => sameBytes(der, signer.der));
    if (asked >= 0) return asked >= barred;
    if (!this.inquiry.mayAskAboutSigner(signers.length)) return false;
    const path = this.atHand.pathTo(signer);
    if (!path) return false;
    const pending = { signers: [...signers, signer], barred };
    const finding = checkPath(path, this.atHand, pending, this.inquiry);
    return finding === undefined || finding.status.status === 'good';
  }

  /**
   * §5.2.4: current deltas of the same issuer and scope whose base is no later than the complete list,
   * the newest first. The one that counts is signed by the same key.
   */
  private deltasFor(complete: Crl): readonly NamedCrl[] {
    const { policy } = this.atHand;
    const number = complete.extensions.crlNumber;
    if (number === undefined) return [];
    return this.atHand.lists
      .filter(
        ({ crl }) =>
          crl.extensions.deltaBase !== undefined &&
          crl.extensions.crlNumber !== undefined &&
          crl.extensions.deltaBase <= number &&
          crl.extensions.crlNumber > number &&
          // §5.2.3: numbers grow with time; ingestion refuses it as well.
          crl.thisUpdate >= complete.thisUpdate &&
          sameName(crl.issuer, complete.issuer) &&
          sameScope(crl, complete) &&
          crlRefusal(crl, policy) === undefined,
      )
      .toSorted((a, b) => higherFirst(a, b) || laterFirst(a, b));
  }

  private refuse(named: NamedCrl, why: UnknownReason): undefined {
    this.refused.add(named.crl);
    this.failure = why;
    this.attempt(named, why, evidenceOf(named));
  }

  private attempt(
    { source }: NamedCrl,
    outcome: RevocationAttempt['outcome'],
    evidence: RevocationEvidence,
  ): void {
    this.attempts.push({ method: 'crl', source, outcome, evidence });
  }
}

function sameScope(a: Crl, b: Crl): boolean {
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

/** §5.2.4: thisUpdate and number are the delta's. Neither list is used past its nextUpdate. */
function evidenceOfBoth(complete: NamedCrl, delta: NamedCrl): RevocationEvidence {
  const nextUpdate = Math.min(complete.crl.nextUpdate!, delta.crl.nextUpdate!);
  return { ...evidenceOf(delta), nextUpdate };
}
