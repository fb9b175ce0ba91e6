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
 * Is the certificate revoked? Asks the sources in the order that the decision table gives, until one
 * proves good or revoked. Whoever asks passes other sources or another policy, never another decision.
 * Unknown is an answer of its own; whoever lets somebody in must treat it as "no".
 */
export function decide(
  question: RevocationQuestion,
  sources: RevocationSources,
  policy: RevocationPolicy,
): Promise<RevocationFinding> {
  return new Decision(question, sources, policy).run();
}

class Decision {
  private readonly attempts: RevocationAttempt[] = [];
  private readonly question: RevocationQuestion;
  private readonly sources: RevocationSources;
  private readonly policy: RevocationPolicy;
  /** Set when a responder of the authority did not know the certificate. */
  private crlMayOnlyRevoke = false;
  /** A responder that failed some seconds ago was not asked. */
  private hasSkipped = false;
  /** Latest thisUpdate of a responder's word against the certificate: older lists prove revoked, not good. */
  private latestNegativeThisUpdate = -Infinity;

  constructor(question: RevocationQuestion, sources: RevocationSources, policy: RevocationPolicy) {
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
      status = this.weigh(status, lists);
      if (status.status === 'unknown' && this.hasSkipped) {
        // Nobody else could say: the responders that were left out are asked after all.
        const again = await this.askResponders(false);
        status = again.status === 'unknown' ? this.weigh(again, lists) : again;
      }
    }
    return { status: status!, attempts: this.attempts };
  }

  private async askResponders(mayBeSkipped: boolean): Promise<RevocationStatus> {
    const { method } = this.question;
    let last: RevocationStatus | undefined;
    let good: RevocationStatus | undefined;
    let unknownToResponder: RevocationStatus | undefined;
    for (const { isAtHand, responder } of this.responders()) {
      const status = await this.askOne(responder, mayBeSkipped);
      if (status.status === 'revoked') return status;
      if (status.status === 'good') {
        if (!isAtHand) return status;
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

  private *responders(): Generator<{ isAtHand: boolean; responder: OcspAnswerer }> {
    for (const source of this.sources.ocsp) {
      for (const responder of source.respondersFor(this.question)) {
        yield { isAtHand: source.isAtHand, responder };
      }
    }
  }

  private noResponder(): RevocationStatus {
    const status = unknown('no-ocsp-responder');
    // Where responders could have been asked, the report says that the profile names none.
    if (this.sources.ocsp.every(({ isAtHand }) => isAtHand)) return status;
    return this.note('ocsp', this.question.anchor.id ?? 'trust-profile', status, this.elapsed());
  }

  private async askOne(responder: OcspAnswerer, mayBeSkipped: boolean): Promise<RevocationStatus> {
    const { method } = this.question;
    const startedAt = this.elapsed();
    const timeoutMs = this.timeForResponder(startedAt);
    if (timeoutMs <= 0) {
      // The lists' share is not spent: under auto they are still asked.
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
   * RFC 6960 §4.2.2.2.1: a delegate without ocsp-nocheck is looked up like any other certificate. Lists
   * may clear it; answers at hand only accuse it, for delegates that clear each other prove nothing.
   */
  private async responderStatus(
    delegate: Certificate,
    question: RevocationQuestion,
    terms: ListTerms,
  ): Promise<RevocationStatus['status']> {
    const byLists = (certificate: Certificate) =>
      this.statusByLists({ ...question, certificate }, terms);
    if (await this.isRevokedAtHand({ ...question, certificate: delegate }, byLists)) {
      return 'revoked';
    }
    return byLists(delegate);
  }

  private async isRevokedAtHand(
    question: RevocationQuestion,
    responderStatus: (delegate: Certificate) => Promise<RevocationStatus['status']>,
  ): Promise<boolean> {
    for (const source of this.sources.ocsp) {
      if (!source.isAtHand) continue;
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
    question: RevocationQuestion,
    terms: ListTerms,
  ): Promise<RevocationStatus['status']> {
    for (const source of this.sources.crl) {
      const { status } = (await source.ask(question, terms)).status;
      if (status !== 'unknown') return status;
    }
    return 'unknown';
  }

  /** Under a method that asks responders, their answers at hand also speak of the lists' signers. */
  private listTerms(): ListTerms {
    const { policy, question } = this;
    const asksAtHand = question.method !== 'crl' && this.sources.ocsp.some(isAtHand);
    if (!asksAtHand) return { policy };
    return {
      policy,
      isAccused: (signer, issuer) => {
        const ofSigner = { ...question, certificate: signer, issuer };
        return this.isRevokedAtHand(ofSigner, (delegate) =>
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
      this.attempts.push(...attempts.map((attempt) => ({ ...attempt, ...duration })));
      if (attempts.length === 0 && source.name !== undefined) {
        this.note('crl', source.name, status, startedAt);
      }
      if (status.status !== 'unknown') return status;
      if (last.status === 'unknown' && status.why !== 'no-applicable-crl') last = status;
    }
    return last;
  }

  /** The responder's reason stands where the lists cannot say more, or may not say good. */
  private weigh(
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

/** The responders are through: their last failure leads to the lists where the table says so. */
function mayAskLists(status: RevocationStatus, method: RevocationMethod): boolean {
  if (status.status !== 'unknown') return false;
  const next = decisionTable[status.why][method];
  return next === 'next-responder' || next === 'next-responder-then-revoked-only';
}

const isAtHand = (source: OcspSource): boolean => source.isAtHand;

const unknown = (why: UnknownReason): RevocationStatus => ({ status: 'unknown', why });
