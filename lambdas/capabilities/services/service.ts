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
  /** Type 1: the confidentiality pledges, oldest first; a new version is added, none is replaced. */
  readonly pledges?: readonly Pledge[];
  /** Type 1 and library: absent until the operator has registered the terms. */
  readonly counter?: CounterTerms;
  /** Type 1: the key to which the four attributes are encrypted. */
  readonly encryptionKey?: EncryptionKey;
  /** Serials that it may check in a day, in bulk checks and jobs; absent: the deployment's number. */
  readonly checkedIdentifiersPerDay?: number;
  /** Milliseconds since 1970, like all times here. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A confidentiality pledge (誓約書). The operator keeps the document; this identifies it. */
export interface Pledge {
  /** SHA-256 of the signed document, hex. */
  readonly documentSha256: string;
  /** Version of the pledge's text. */
  readonly version: string;
  /** The signer's office, not the signer's name. */
  readonly signerRole: string;
  /** Date of the signature, YYYY-MM-DD. */
  readonly signedOn: string;
  readonly recordedAt: number;
}

/** What a reading proved of the holder: `card-signature` is the stronger one. */
export type Assurance = 'card-signature' | 'chip-presence';

/** The terms under which a service of Type 1 or a library reads cards. */
export interface CounterTerms {
  /** Readings that would prove less are refused. */
  readonly minimumAssurance: Assurance;
  /** Registered for face-to-face use under supervision: required for cards held without a PIN. */
  readonly supervised: boolean;
  /** Cards held without a PIN on one day (UTC), whatever the outcome. */
  readonly holdsPerDay: number;
  /** Origins that may open the reading screen in a frame or a window, and get its result. */
  readonly origins: readonly string[];
  /** URLs to which the reading screen may return. */
  readonly returnUrls: readonly string[];
}

/** RFC 7517 §4, RFC 7518 §6.2.1: a public key for ECDH-ES. */
export interface EncryptionKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly use: 'enc';
  readonly alg: 'ECDH-ES';
  readonly kid: string;
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
