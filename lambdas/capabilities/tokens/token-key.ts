import type { KeyObject } from 'node:crypto';

/** Port: the P-256 keys of access tokens; one of them signs. Throws `dependency-unavailable`. */
export interface TokenKey {
  /** `kid` of the signing key. */
  publicKey(): Promise<KeyObject>;
  /** Public keys of every accepted generation, the signing key first. */
  publicKeys(): Promise<readonly KeyObject[]>;
  /** ES256 signature over the octets: r ‖ s, 64 octets. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}
