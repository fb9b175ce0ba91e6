/**
 * Organisation → service → client. A service is the relying party that people use and for which
 * PPIDs are computed; a client is a key holder that calls on its behalf.
 */
export interface Organisation {
  readonly organisationId: string;
  readonly name: string;
}

export type ServiceType = 'library' | 'type1' | 'type2';

/** The caller's form: one of the three service forms, or the platform's operator. */
export type ServiceForm = ServiceType | 'operator';

/** applied → testing → active ⇄ suspended → retired. */
export type ServiceStatus = 'applied' | 'testing' | 'active' | 'suspended' | 'retired';

export interface Service {
  readonly serviceId: string;
  readonly organisationId: string;
  readonly name: string;
  readonly type: ServiceType;
  readonly status: ServiceStatus;
  /** Immutable, even if the service changes its name, URL or organisation: PPIDs depend on it. */
  readonly sectorId: string;
  readonly clientIds: readonly string[];
  /** Type 1: time of the confidentiality pledge. Milliseconds since 1970, like all times here. */
  readonly pledgedAt?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Client {
  readonly clientId: string;
  readonly serviceId: string;
  readonly keys: readonly ClientKey[];
  readonly scopes: readonly string[];
  /**
   * Number, from 1, of the deployment's API key that meters this client; absent in older records.
   */
  readonly usageKey?: number;
}

/** A public key (RFC 7517) accepted by `parseClientJwks`. */
export interface ClientKey {
  readonly kty: 'EC' | 'RSA';
  readonly kid: string;
  /** Absent: every algorithm of the key's type. */
  readonly alg?: ClientAlgorithm;
  readonly use: 'sig';
  readonly crv?: 'P-256' | 'P-384';
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

export type ClientAlgorithm = 'ES256' | 'ES384' | 'RS256' | 'PS256';

/** Algorithms that a key may use: its `alg`, otherwise all of its type (RFC 7518 §3.1). */
export const algorithmsOf = ({
  kty,
  crv,
  alg,
}: Pick<ClientKey, 'kty' | 'crv' | 'alg'>): readonly ClientAlgorithm[] => {
  if (alg !== undefined) return [alg];
  if (kty === 'RSA') return ['RS256', 'PS256'];
  return crv === 'P-256' ? ['ES256'] : ['ES384'];
};

/** Services in testing are served here; token issuance decides what production serves. */
export const mayCall = (status: ServiceStatus): boolean =>
  status === 'testing' || status === 'active';
