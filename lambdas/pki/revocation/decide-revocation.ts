import type { OcspResponder, TrustProfile } from '../trust-profile.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { OcspRequestSigner } from '../x509/ocsp-request.ts';
import { askResponder } from '../ocsp/ask-responder.ts';
import type { CrlFinding } from '../crl/find-revocation.ts';
import { checkStoredLists } from '../../crl-store/lookup/check-stored-lists.ts';
import { decisionTable } from './decision-table.ts';
import type { OcspClient } from '../ocsp/ocsp-client.ts';
import type {
  RevocationAttempt,
  RevocationMethod,
  RevocationStatus,
  UnknownReason,
} from './revocation-status.ts';
import type { StoredLists } from '../../crl-store/lookup/stored-lists.ts';

export interface RevocationQuestion {
  readonly certificate: Certificate;
  /** The authority that signed it, as the validated path has it. */
  readonly issuer: Certificate;
  /** Of the path: its responders are asked. */
  readonly anchorId: string;
  readonly method: RevocationMethod;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface RevocationWorld {
  readonly profile: TrustProfile;
  readonly ocsp: OcspClient;
  readonly lists: StoredLists;
  /** Milliseconds since the request began, monotonic. */
  readonly elapsedMs: () => number;
  readonly budget?: RevocationBudget;
  readonly requestSigner?: OcspRequestSigner;
}

/** Milliseconds. */
export interface RevocationBudget {
  /** For the whole question. */
  readonly totalMs: number;
  /** Of it, kept for the lists under `auto`. */
  readonly listsMs: number;
  /** For one responder, its retry included. */
  readonly responderMs: number;
}

/**
 * An API gateway answers within 29 s, a person at a counter waits for about five. One responder may
 * take half of that; a warm read of two list items takes some 10 ms, a cold one up to a second.
 */
export const defaultRevocationBudget: RevocationBudget = {
  totalMs: 5000,
  listsMs: 1000,
  responderMs: 2500,
};

/** Asks the sources in the order that the decision table gives, until one proves good or revoked. */
export async function decideRevocation(
  question: RevocationQuestion,
  world: RevocationWorld,
): Promise<CrlFinding> {
  return new Decision(question, world).run();
}

class Decision {
  private readonly attempts: RevocationAttempt[] = [];
  private readonly question: RevocationQuestion;
  private readonly world: RevocationWorld;
  private readonly budget: RevocationBudget;
  /** Set when a responder of the authority did not know the certificate. */
  private listsMayOnlyAccuse = false;
  /** A responder that failed some seconds ago was not asked. */
  private hasSkipped = false;
  /** The latest word of a responder against the certificate: a list of before it only accuses. */
  private disownedAt = -Infinity;

  constructor(question: RevocationQuestion, world: RevocationWorld) {
    this.question = question;
    this.world = world;
    this.budget = world.budget ?? defaultRevocationBudget;
  }

  async run(): Promise<CrlFinding> {
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
    const { profile } = this.world;
    const { anchorId, method } = this.question;
    const responders = profile.ocspResponders.filter((one) => one.anchorId === anchorId);
    if (responders.length === 0) {
      return this.note('ocsp', anchorId, unknown('no-ocsp-responder'), 0);
    }
    let last: RevocationStatus = unknown('time-budget-spent');
    let disowned: RevocationStatus | undefined;
    for (const responder of responders) {
      last = await this.askOne(responder, mayBeSkipped);
      if (last.status !== 'unknown') return last;
      if (last.why === 'ocsp-recently-failed') this.hasSkipped = true;
      const next = decisionTable[last.why][method];
      if (next === 'next-responder-then-revoked-only') disowned = last;
      this.disownedAt = Math.max(this.disownedAt, last.disownedAt ?? -Infinity);
      if (next === 'indeterminate') return last;
    }
    this.listsMayOnlyAccuse = disowned !== undefined;
    return disowned ?? last;
  }

  private async askOne(responder: OcspResponder, mayBeSkipped: boolean): Promise<RevocationStatus> {
    const { certificate, issuer, method } = this.question;
    const startedAt = this.world.elapsedMs();
    const kept = method === 'auto' ? this.budget.listsMs : 0;
    const timeoutMs = Math.min(this.budget.totalMs - kept - startedAt, this.budget.responderMs);
    if (timeoutMs <= 0) {
      // The lists' share is not spent: under auto they are still asked.
      const why = method === 'auto' ? 'ocsp-timeout' : 'time-budget-spent';
      return this.note('ocsp', responder.url, unknown(why), 0);
    }
    const status = await askResponder(responder, certificate, issuer, timeoutMs, {
      ...this.world,
      now: this.question.now,
      mayBeSkipped,
      responderStatus: (delegate) => this.responderStatus(delegate),
    });
    return this.note('ocsp', responder.url, status, this.world.elapsedMs() - startedAt);
  }

  /** RFC 6960 §4.2.2.2.1: a delegate without ocsp-nocheck is looked up like any other certificate. */
  private async responderStatus(delegate: Certificate): Promise<RevocationStatus['status']> {
    const { issuer, now } = this.question;
    const found = await checkStoredLists(delegate, issuer, { ...this.world, now });
    return found.status.status;
  }

  private async readLists(): Promise<RevocationStatus> {
    const startedAt = this.world.elapsedMs();
    if (startedAt >= this.budget.totalMs) {
      return this.note('crl', 'stored-lists', unknown('time-budget-spent'), 0);
    }
    const { certificate, issuer, now } = this.question;
    const found = await checkStoredLists(certificate, issuer, { ...this.world, now });
    const durationMs = this.world.elapsedMs() - startedAt;
    this.attempts.push(...found.attempts.map((attempt) => ({ ...attempt, durationMs })));
    if (found.attempts.length === 0) this.note('crl', 'stored-lists', found.status, durationMs);
    return found.status;
  }

  /** The responder's reason stands where the lists cannot say more, or may not say good. */
  private weigh(
    responders: RevocationStatus | undefined,
    lists: RevocationStatus,
  ): RevocationStatus {
    if (!responders || lists.status === 'revoked') return lists;
    if (lists.status === 'good') {
      const isOlder = lists.evidence.thisUpdate <= this.disownedAt;
      return this.listsMayOnlyAccuse || isOlder ? responders : lists;
    }
    return lists.why === 'no-applicable-crl' ? responders : lists;
  }

  private note(
    method: 'ocsp' | 'crl',
    source: string,
    status: RevocationStatus,
    durationMs: number,
  ): RevocationStatus {
    const responseStatus = status.status === 'unknown' ? status.responseStatus : undefined;
    this.attempts.push({
      method,
      source,
      outcome: status.status === 'unknown' ? status.why : status.status,
      ...(status.evidence && { evidence: status.evidence }),
      ...(responseStatus !== undefined && { responseStatus }),
      durationMs,
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

const unknown = (why: UnknownReason): RevocationStatus => ({ status: 'unknown', why });
