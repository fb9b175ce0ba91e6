import type { KeyObject } from 'node:crypto';

/** Port: the P-256 keys of access tokens, of which one signs. Throws `dependency-unavailable`. */
export interface TokenKey {
  /** Of the key that signs. */
  publicKey(): Promise<KeyObject>;
  /** Of every generation whose tokens are accepted, the one that signs first. */
  publicKeys(): Promise<readonly KeyObject[]>;
  /** ES256 over the octets: r ‖ s, 64 octets. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}
