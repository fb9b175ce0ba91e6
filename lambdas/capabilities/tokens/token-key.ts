import type { KeyObject } from 'node:crypto';

/** Port: the P-256 key of access tokens. Throws `dependency-unavailable`. */
export interface TokenKey {
  publicKey(): Promise<KeyObject>;
  /** ES256 over the octets: r ‖ s, 64 octets. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}
