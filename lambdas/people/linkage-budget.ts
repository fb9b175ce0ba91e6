import { MyKeyError } from '../errors.ts';
import type { CertificateReference } from './certificate-reference.ts';
import type { LinkedSignatureCertificate, Linkage, Predecessor } from './linkage.ts';

/** Milliseconds. */
export interface LinkageBudget {
  /**
   * Total time for the linkage calls of one request: the whole renewal line, including repetition
   * after a lost race.
   */
  readonly totalMs: number;
  /** Maximum for one call. */
  readonly stepMs: number;
  /**
   * Deadline since the start of the request, regardless of the time spent before the first linkage
   * call.
   */
  readonly latestMs: number;
}

/**
 * Lambda terminates the login function after 15 s, and the caller then gets a 500. Revocation takes
 * at most 5 s and linkage 5 s; 5 s remain for DynamoDB and KMS. A healthy linkage service answers
 * in tens of milliseconds, enough for the longest renewal line; most people have renewed once or
 * never.
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

/** The linkage service with the time budget of one request; the budget starts at creation. */
export interface TimedLinkage {
  predecessorOf(reference: CertificateReference): Promise<Predecessor | undefined>;
  signatureCertificateOf(reference: CertificateReference): Promise<LinkedSignatureCertificate>;
}

/**
 * Each call gets the remaining time, at most `stepMs`; after that it throws `linkage-unavailable`.
 */
export function withinBudget(ports: LinkagePorts): TimedLinkage {
  const { linkage, elapsedMs, linkageBudget: budget = defaultLinkageBudget } = ports;
  const deadline = Math.min(elapsedMs() + budget.totalMs, budget.latestMs);
  const timeoutMs = (): number => {
    const left = deadline - elapsedMs();
    if (left <= 0)
      throw new MyKeyError(
        'linkage-unavailable',
        'repeat the request later: the linkage service answered too slowly',
      );
    return Math.min(left, budget.stepMs);
  };
  return {
    predecessorOf: async (reference) => linkage.predecessorOf(reference, timeoutMs()),
    signatureCertificateOf: async (reference) =>
      linkage.signatureCertificateOf(reference, timeoutMs()),
  };
}
