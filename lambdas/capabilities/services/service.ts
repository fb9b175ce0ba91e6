/**
 * Organisation → service → client. A service is what a person meets and what PPIDs are computed for;
 * a client is a key holder that calls in its name.
 */
export interface Organisation {
  readonly organisationId: string;
  readonly name: string;
}

export type ServiceType = 'library' | 'type1' | 'type2';

/** Whoever calls: a service of one of the three forms, or the operator of the platform. */
export type ServiceForm = ServiceType | 'operator';

/** applied → testing → active ⇄ suspended → retired. */
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
  /** From 1: which of the deployment's API keys counts its requests; absent in records from before. */
  readonly usageKey?: number;
}

/** A public key (RFC 7517) that `parseClientJwks` has accepted. */
export interface ClientKey {
  readonly kty: 'EC' | 'RSA';
  readonly kid: string;
  /** Absent: whatever the type allows. */
  readonly alg?: ClientAlgorithm;
  readonly use: 'sig';
  readonly crv?: 'P-256' | 'P-384';
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

export type ClientAlgorithm = 'ES256' | 'ES384' | 'RS256' | 'PS256';

/** What a key may sign with: its `alg`, else every algorithm of its type (RFC 7518 §3.1). */
export const algorithmsOf = ({
  kty,
  crv,
  alg,
}: Pick<ClientKey, 'kty' | 'crv' | 'alg'>): readonly ClientAlgorithm[] => {
  if (alg !== undefined) return [alg];
  if (kty === 'RSA') return ['RS256', 'PS256'];
  return crv === 'P-256' ? ['ES256'] : ['ES384'];
};

/** Integration tests are calls too; whom production serves is decided where tokens are given. */
export const mayCall = (status: ServiceStatus): boolean =>
  status === 'testing' || status === 'active';
