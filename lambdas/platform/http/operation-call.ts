import type { ServiceForm, ServiceStatus } from '../../capabilities/services/service.ts';

/** Who calls, as the authorizer vouches for it. */
export interface Caller {
  readonly clientId: string;
  /** `operator` for the operator's own client. */
  readonly serviceId: string;
  readonly serviceState: ServiceStatus;
  readonly serviceType: ServiceForm;
  /** PPIDs of this caller are computed for it. */
  readonly sectorId: string;
  readonly scopes: readonly string[];
}

/** One call of an operation: everything in it has passed its schema. */
export interface OperationCall<Body = unknown, Path = unknown, Query = unknown> {
  readonly body: Body;
  readonly path: Path;
  readonly query: Query;
  /** Throws on public routes: nobody is vouched for there. */
  readonly caller: Caller;
  /** What a public route was given as `Authorization: Bearer`; nobody has checked it. */
  readonly bearerToken: string | undefined;
  readonly requestId: string;
  /**
   * 256 bits, hex: the same for every repetition of a request under its Idempotency-Key, else random.
   * What is created takes its identifiers from it (`identifierFor`), so that a repetition after an
   * outcome that nobody knows finds what the first try wrote.
   */
  readonly requestToken: string;
  /** Where this platform answers, no trailing slash: issuer and audience of its tokens. */
  readonly baseUrl: string;
  /** Milliseconds since 1970, read once per call. */
  readonly now: number;
  /** Adds to the request's log line: codes, methods, sources, durations; never personal data. */
  readonly note: (fields: Readonly<Record<string, string | number | boolean | undefined>>) => void;
}

export interface Answer {
  readonly status: number;
  /** JSON, or text where `headers` name another content type. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
