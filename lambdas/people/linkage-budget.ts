import { MyKeyError } from '../errors.ts';
import type { CertificateReference } from './certificate-reference.ts';
import type { LinkedSignatureCertificate, Linkage, Predecessor } from './linkage.ts';

/** Milliseconds. */
export interface LinkageBudget {
  /** For all that one request asks: the whole line of renewals, asked anew after a lost race too. */
  readonly totalMs: number;
  /** Of it, for one question. */
  readonly stepMs: number;
  /** Counted from the request's beginning: by then the waiting is over, whatever came before. */
  readonly latestMs: number;
}

/**
 * Lambda ends the login at 15 s, and a function that is ended says 500. Revocation takes 5 s at most,
 * linkage 5 s more; 5 s stay for tables and keys. A service in health answers in tens of milliseconds,
 * so that the longest line fits; most people have renewed once or never.
 */
export const defaultLinkageBudget: LinkageBudget = {
  totalMs: 5_000,
  stepMs: 3_000,
  latestMs: 10_000,
};

export interface LinkagePorts {
  readonly linkage: Linkage;
  /** Milliseconds since the request began, monotonic. */
  readonly elapsedMs: () => number;
  readonly linkageBudget?: LinkageBudget;
}

/** The linkage service for one request, whose time begins now. */
export interface TimedLinkage {
  predecessorOf(reference: CertificateReference): Promise<Predecessor | undefined>;
  signatureCertificateOf(reference: CertificateReference): Promise<LinkedSignatureCertificate>;
}

/** Each question gets what is left of the time, one step's at most; then `linkage-unavailable`. */
export function withinBudget(ports: LinkagePorts): TimedLinkage {
  const { linkage, elapsedMs, linkageBudget: budget = defaultLinkageBudget } = ports;
  const deadline = Math.min(elapsedMs() + budget.totalMs, budget.latestMs);
  const timeoutMs = (): number => {
    const left = deadline - elapsedMs();
    if (left <= 0) throw new MyKeyError('linkage-unavailable', 'the linkage service is too slow');
    return Math.min(left, budget.stepMs);
  };
  return {
    predecessorOf: async (reference) => linkage.predecessorOf(reference, timeoutMs()),
    signatureCertificateOf: async (reference) =>
      linkage.signatureCertificateOf(reference, timeoutMs()),
  };
}
