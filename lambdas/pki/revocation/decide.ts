import type { CertificateName } from '../x509/cert-id.ts';
import type { Certificate } from '../x509/certificate.ts';
import { defaultRevocationBudget } from '../limits.ts';
import { decisionTable } from './decision-table.ts';
import type { RevocationPolicy } from './revocation-policy.ts';
import type {
  ListTerms,
  OcspAnswerer,
  OcspSource,
  RevocationFinding,
  RevocationQuestion,
  RevocationSources,
} from './revocation-source.ts';
import type {
  RevocationAttempt,
  RevocationMethod,
  RevocationStatus,
  UnknownReason,
} from './revocation-status.ts';

/**
 * Decides whether the certificate is revoked: asks the sources in the order of the decision table until
 * one proves good or revoked. Callers differ in sources and policy only. `unknown` is a separate answer;
 * a caller that grants access must treat it as a refusal.
 */
export function decide<Asked extends CertificateName = Certificate>(
  question: RevocationQuestion<Asked>,
  sources: RevocationSources<Asked>,
  policy: RevocationPolicy,
): Promise<RevocationFinding> {
  return new Decision(question, sources, policy).run();
}

type Question = RevocationQuestion<CertificateName>;
type Sources = RevocationSources<CertificateName>;

class Decision {
  private readonly attempts: RevocationAttempt[] = [];
  private readonly question: Question;
  private readonly sources: Sources;
  private readonly policy: RevocationPolicy;
  /** Set when a responder answered "unknown" (RFC 6960 §2.2): CRLs can then prove revoked, not good. */
  private crlMayOnlyRevoke = false;
  /** A responder was not asked because its last request failed a few seconds ago. */
  private hasSkipped = false;
  /** Latest thisUpdate of a "revoked" or "unknown" response: CRLs that are not newer prove revoked, not good. */
  private latestNegativeThisUpdate = -Infinity;

  constructor(question: Question, sources: Sources, policy: RevocationPolicy) {
    this.question = question;
    this.sources = sources;
    this.policy = policy;
  }

  async run(): Promise<RevocationFinding> {
    const { method } = this.question;
    let status: RevocationStatus | undefined;
    if (method !== 'crl') status = await this.askResponders(method === 'auto');
    if (method !== 'ocsp' && (!status || mayAskLists(status, method))) {
      const lists = await this.readLists();
      status = this.combine(status, lists);
      if (status.status === 'unknown' && this.hasSkipped) {
        // The CRLs gave no answer either, so the skipped responders are asked now.
        const again = await this.askResponders(false);
        status = again.status === 'unknown' ? this.combine(again, lists) : again;
      }
    }
    return { status: status!, attempts: this.attempts };
  }

  private async askResponders(mayBeSkipped: boolean): Promise<RevocationStatus> {
    const { method } = this.question;
    let last: RevocationStatus | undefined;
    let good: RevocationStatus | undefined;
    let unknownToResponder: RevocationStatus | undefined;
    for (const { isGiven, responder } of this.responders()) {
      const status = await this.askOne(responder, mayBeSkipped);
      if (status.status === 'revoked') return status;
      if (status.status === 'good') {
        if (!isGiven) return status;
        good = status;
        continue;
      }
      last = status;
      if (status.why === 'ocsp-recently-failed') this.hasSkipped = true;
      const next = decisionTable[status.why][method];
      if (next === 'next-responder-then-revoked-only') unknownToResponder = status;
      this.latestNegativeThisUpdate = Math.max(
        this.latestNegativeThisUpdate,
        status.negativeThisUpdate ?? -Infinity,
      );
      if (next === 'indeterminate') return status;
    }
    if (good) return good;
    this.crlMayOnlyRevoke = unknownToResponder !== undefined;
    return unknownToResponder ?? last ?? this.noResponder();
  }

  private *responders(): Generator<{ isGiven: boolean; responder: OcspAnswerer<CertificateName> }> {
    for (const source of this.sources.ocsp) {
      for (const responder of source.respondersFor(this.question)) {
        yield { isGiven: source.isGiven, responder };
      }
    }
  }

  private noResponder(): RevocationStatus {
    const status = unknown('no-ocsp-responder');
    // With a live OCSP source, the report records that the trust profile names no responder.
    if (this.sources.ocsp.every(({ isGiven }) => isGiven)) return status;
    return this.note('ocsp', this.question.anchor.id ?? 'trust-profile', status, this.elapsed());
  }

  private async askOne(
    responder: OcspAnswerer<CertificateName>,
    mayBeSkipped: boolean,
  ): Promise<RevocationStatus> {
    const { method } = this.question;
    const startedAt = this.elapsed();
    const timeoutMs = this.timeForResponder(startedAt);
    if (timeoutMs <= 0) {
      // Under `auto`, the time reserved for CRLs (`listsMs`) is still left.
      const why = method === 'auto' ? 'ocsp-timeout' : 'time-budget-spent';
      return this.note('ocsp', responder.source, unknown(why), startedAt);
    }
    const status = await responder.ask(this.question, {
      policy: this.policy,
      timeoutMs,
      mayBeSkipped,
      responderStatus: (delegate) =>
        this.responderStatus(delegate, this.question, this.listTerms()),
    });
    return this.note('ocsp', responder.source, status, startedAt);
  }

  private timeForResponder(startedAt: number | undefined): number {
    if (startedAt === undefined) return Infinity;
    const { totalMs, listsMs, responderMs } = this.policy.budget ?? defaultRevocationBudget;
    const kept = this.question.method === 'auto' ? listsMs : 0;
    return Math.min(totalMs - kept - startedAt, responderMs);
  }

  /**
   * RFC 6960 §4.2.2.2.1: status of a delegated responder without ocsp-nocheck. CRLs can prove it good or
   * revoked. Given OCSP responses can prove it revoked only: two delegates could prove each other good.
   */
  private async responderStatus(
    delegate: Certificate,
    question: Question,
    terms: ListTerms,
  ): Promise<RevocationStatus['status']> {
    const byLists = (certificate: Certificate) =>
      this.statusByLists({ ...question, certificate }, terms);
    if (await this.isRevokedByGivenOcsp({ ...question, certificate: delegate }, byLists)) {
      return 'revoked';
    }
    return byLists(delegate);
  }

  private async isRevokedByGivenOcsp(
    question: Question,
    responderStatus: (delegate: Certificate) => Promise<RevocationStatus['status']>,
  ): Promise<boolean> {
    for (const source of this.sources.ocsp) {
      if (!source.isGiven) continue;
      for (const responder of source.respondersFor(question)) {
        const terms = {
          policy: this.policy,
          timeoutMs: Infinity,
          mayBeSkipped: false,
          responderStatus,
        };
        if ((await responder.ask(question, terms)).status === 'revoked') return true;
      }
    }
    return false;
  }

  private async statusByLists(
    question: Question,
    terms: ListTerms,
  ): Promise<RevocationStatus['status']> {
    for (const source of this.sources.crl) {
      const { status } = (await source.ask(question, terms)).status;
      if (status !== 'unknown') return status;
    }
    return 'unknown';
  }

  /** Unless the method is `crl`, given OCSP responses can also prove CRL issuers revoked. */
  private listTerms(): ListTerms {
    const { policy, question } = this;
    const usesGivenOcsp = question.method !== 'crl' && this.sources.ocsp.some(isGiven);
    if (!usesGivenOcsp) return { policy };
    return {
      policy,
      isRevokedSigner: (signer, issuer) => {
        const ofSigner = { ...question, certificate: signer, issuer };
        return this.isRevokedByGivenOcsp(ofSigner, (delegate) =>
          this.responderStatus(delegate, ofSigner, { policy }),
        );
      },
    };
  }

  private async readLists(): Promise<RevocationStatus> {
    let last: RevocationStatus = unknown('no-applicable-crl');
    for (const source of this.sources.crl) {
      const startedAt = this.elapsed();
      const { totalMs } = this.policy.budget ?? defaultRevocationBudget;
      if (startedAt !== undefined && startedAt >= totalMs) {
        return this.note('crl', source.name ?? 'lists', unknown('time-budget-spent'), startedAt);
      }
      const { status, attempts } = await source.ask(this.question, this.listTerms());
      const duration = this.durationSince(startedAt);
      for (const attempt of attempts) this.attempts.push({ ...attempt, ...duration });
      if (attempts.length === 0 && source.name !== undefined) {
        this.note('crl', source.name, status, startedAt);
      }
      if (status.status !== 'unknown') return status;
      if (last.status === 'unknown' && status.why !== 'no-applicable-crl') last = status;
    }
    return last;
  }

  /** Combines both results. The responders' result remains where CRLs give no answer, or may not prove good. */
  private combine(
    responders: RevocationStatus | undefined,
    lists: RevocationStatus,
  ): RevocationStatus {
    if (!responders || lists.status === 'revoked') return lists;
    if (lists.status === 'good') {
      const isOlder = lists.evidence.thisUpdate <= this.latestNegativeThisUpdate;
      return this.crlMayOnlyRevoke || isOlder ? responders : lists;
    }
    return lists.why === 'no-applicable-crl' ? responders : lists;
  }

  private elapsed(): number | undefined {
    return this.sources.elapsedMs?.();
  }

  private durationSince(startedAt: number | undefined): { readonly durationMs?: number } {
    return startedAt === undefined ? {} : { durationMs: this.elapsed()! - startedAt };
  }

  private note(
    method: 'ocsp' | 'crl',
    source: string,
    status: RevocationStatus,
    startedAt: number | undefined,
  ): RevocationStatus {
    const responseStatus = status.status === 'unknown' ? status.responseStatus : undefined;
    this.attempts.push({
      method,
      source,
      outcome: status.status === 'unknown' ? status.why : status.status,
      ...(status.evidence && { evidence: status.evidence }),
      ...(responseStatus !== undefined && { responseStatus }),
      ...this.durationSince(startedAt),
    });
    return status;
  }
}

/** After the last responder: does the decision table continue with CRLs? */
function mayAskLists(status: RevocationStatus, method: RevocationMethod): boolean {
  if (status.status !== 'unknown') return false;
  const next = decisionTable[status.why][method];
  return next === 'next-responder' || next === 'next-responder-then-revoked-only';
}

const isGiven = (source: OcspSource<CertificateName>): boolean => source.isGiven;

const unknown = (why: UnknownReason): RevocationStatus => ({ status: 'unknown', why });
