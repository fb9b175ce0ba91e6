/** One certificate as a subject holds it. */
export interface HeldCertificate {
  /** `certificateIndex`. */
  readonly index: string;
  /** `sealReference` for this subject. */
  readonly sealed: Uint8Array;
  /** A renewal replaced it. */
  readonly superseded: boolean;
}

export interface IssuedPpid {
  readonly subjectId: string;
  readonly serviceId: string;
  readonly ppid: string;
  /** Which key made it; a later key never changes an issued PPID. */
  readonly keyVersion: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
}

/** Port: persons behind certificates. Everything throws `dependency-unavailable`. */
export interface IdentityStore {
  /** The subject that holds a certificate, strongly consistent. */
  subjectOf(index: string): Promise<string | undefined>;
  /**
   * A new subject with its certificates, all or nothing.
   * Returns false when one of them was filed meanwhile: look again.
   */
  createSubject(
    subjectId: string,
    certificates: readonly HeldCertificate[],
    now: number,
  ): Promise<boolean>;
  /**
   * Files renewed certificates under the subject that held `predecessorIndex`, which is superseded.
   * Returns false when one was filed meanwhile, or the predecessor is gone: look again.
   */
  addCertificates(
    subjectId: string,
    predecessorIndex: string,
    certificates: readonly HeldCertificate[],
    now: number,
  ): Promise<boolean>;
  /** May the subject be served, and what PPID has it at this service. Undefined: deleted meanwhile. */
  standing(
    subjectId: string,
    serviceId: string,
  ): Promise<{ readonly suspended: boolean; readonly ppid: string | undefined } | undefined>;
  /** Keeps the first PPID of subject and service and returns it: a second one loses. */
  keepPpid(issued: IssuedPpid): Promise<string>;
  /** The subject behind a service's own PPID; another service's PPID finds nothing. */
  subjectOfPpid(serviceId: string, ppid: string): Promise<string | undefined>;
  certificatesOf(subjectId: string): Promise<readonly HeldCertificate[]>;
  /** The sealed reference of the signature certificate under which a service last knew the attributes. */
  attributeBaseline(subjectId: string, serviceId: string): Promise<Uint8Array | undefined>;
  keepAttributeBaseline(
    subjectId: string,
    serviceId: string,
    sealed: Uint8Array,
    now: number,
  ): Promise<void>;
}
