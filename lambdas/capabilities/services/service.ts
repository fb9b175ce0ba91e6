/**
 * Organisation → service → client. A service is what a person meets and what PPIDs are computed for;
 * a client is a key holder that calls in its name.
 */
export interface Organisation {
  readonly organisationId: string;
  readonly name: string;
}

export type ServiceType = 'library' | 'type1' | 'type2';

/** applied → testing → active ⇄ suspended → retired (design §7). */
export type ServiceStatus = 'applied' | 'testing' | 'active' | 'suspended' | 'retired';

export interface Service {
  readonly serviceId: string;
  readonly organisationId: string;
  readonly name: string;
  readonly type: ServiceType;
  readonly status: ServiceStatus;
  /** Never changes, not even by a move to another name, URL or organisation: PPIDs hang on it. */
  readonly sectorId: string;
  readonly clientIds: readonly string[];
  /** Type 1: the confidentiality pledge. Milliseconds since 1970, as are all times here. */
  readonly pledgedAt?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Client {
  readonly clientId: string;
  readonly serviceId: string;
  readonly keys: readonly ClientKey[];
  readonly scopes: readonly string[];
}

/** A public key (RFC 7517) that `parseClientJwks` has accepted. */
export interface ClientKey {
  readonly kty: 'EC' | 'RSA';
  readonly kid: string;
  readonly alg: ClientAlgorithm;
  readonly use: 'sig';
  readonly crv?: 'P-256' | 'P-384';
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

export type ClientAlgorithm = 'ES256' | 'ES384' | 'RS256' | 'PS256';

/** Integration tests are calls too; whom production serves is decided where tokens are given. */
export const mayCall = (status: ServiceStatus): boolean =>
  status === 'testing' || status === 'active';
