/** A service's endpoint for notices. */
export interface Webhook {
  readonly serviceId: string;
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** Notices in a row that were not acknowledged after all tries. */
  readonly failures: number;
  /** The last one. */
  readonly failedAt?: number;
}

/** Port: one endpoint per service. Every method can throw `dependency-unavailable`. */
export interface WebhookStore {
  get(serviceId: string): Promise<Webhook | undefined>;
  put(webhook: Webhook): Promise<void>;
  /** Changes failures only while the endpoint is still this one. */
  recordOutcome(webhook: Webhook, outcome: Pick<Webhook, 'failures' | 'failedAt'>): Promise<void>;
  remove(serviceId: string): Promise<void>;
  /** All services that have an endpoint. */
  list(): Promise<readonly Webhook[]>;
}

/** Port: the keys that sign notices. */
export interface WebhookKeys {
  /** Ed25519 signatures of every key in service, the current one first. */
  sign(content: Uint8Array): Promise<readonly Uint8Array[]>;
}

/** Port: the public halves, for receivers. */
export interface WebhookPublicKeys {
  /** Raw Ed25519 public keys (32 octets), the current one first. */
  publicKeys(): Promise<readonly Uint8Array[]>;
}
