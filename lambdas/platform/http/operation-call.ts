import type { ServiceForm, ServiceStatus } from '../../capabilities/services/service.ts';

/** The authenticated caller, from the authorizer's context. */
export interface Caller {
  readonly clientId: string;
  /**
   * RFC 7638 thumbprint of the client key that authenticated. Each person who acts as the operator
   * holds a key of their own: two keys are two operators.
   */
  readonly clientKey: string;
  /** `operator` for the operator's own client. */
  readonly serviceId: string;
  readonly serviceState: ServiceStatus;
  readonly serviceType: ServiceForm;
  /** The sector for which PPIDs of this caller are computed. */
  readonly sectorId: string;
  readonly scopes: readonly string[];
  /** Serials that the operator lets this service check in a day; absent: the deployment's number. */
  readonly checkedIdentifiersPerDay?: number;
}

/** One call of an operation, after validation against its schemas. */
export interface OperationCall<Body = unknown, Path = unknown, Query = unknown> {
  readonly body: Body;
  readonly path: Path;
  readonly query: Query;
  /** Throws on public routes, which have no authenticated caller. */
  readonly caller: Caller;
  /** The `Authorization: Bearer` value of a public route; not verified. */
  readonly bearerToken: string | undefined;
  readonly requestId: string;
  /**
   * 256 bits, hex: equal for every repetition of a request with its Idempotency-Key, otherwise
   * random. Identifiers of created resources are derived from it (`identifierFor`), so that a
   * repetition after an unknown outcome finds what the first try created.
   */
  readonly requestToken: string;
  /** Base URL of this platform, without a trailing slash: issuer and audience of its tokens. */
  readonly baseUrl: string;
  /** Milliseconds since 1970, read once per call. */
  readonly now: number;
  /** Adds to the request's log line: codes, methods, sources, durations; never personal data. */
  readonly note: (fields: Readonly<Record<string, string | number | boolean | undefined>>) => void;
}

export interface Answer {
  readonly status: number;
  /** JSON value, or text if `headers` set another content type. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
