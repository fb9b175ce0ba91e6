import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { MacKey } from './mac-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/**
 * The three key families that index and seal people's records (`docs/identifiers.md`). Functions
 * derive many keys from each, with one MAC per key: a leaked derived key exposes one service or one
 * bucket of people, and deriving another is a KMS call that CloudTrail records.
 */
export class IdentityKeys {
  readonly #index: IdentityKey;
  readonly #service: IdentityKey;
  readonly #bucket: IdentityKey;
  readonly #version: number;

  constructor(scope: Construct, configuration: StageConfiguration) {
    const key = (id: string, purpose: string, alias: string) =>
      new IdentityKey(scope, id, { configuration, purpose, alias });
    this.#index = key('IndexKey', 'locates a person by certificate', 'index');
    this.#service = key('ServiceKey', 'seals the entries of a service about its users', 'service');
    this.#bucket = key('BucketKey', 'seals serial numbers and certificate history', 'bucket');
    this.#version = configuration.identityKeyVersion;
  }

  /** Permission to find people and to decrypt their records. */
  grantFind(fn: PlatformFunction): void {
    this.grantFindAtService(fn);
    this.#bucket.grantDerive(fn, 'BUCKET_KEY_ID');
  }

  /** Only what one service has; neither the index nor history can be opened. */
  grantService(fn: PlatformFunction): void {
    this.#service.grantDerive(fn, 'SERVICE_KEY_ID');
    // The adapter knows the three families by their keys; these two it may not use.
    fn.addEnvironment('INDEX_KEY_ID', this.#index.keyId);
    fn.addEnvironment('BUCKET_KEY_ID', this.#bucket.keyId);
    fn.addEnvironment('IDENTITY_KEY_VERSION', String(this.#version));
  }

  /** The right to find persons and what one service has of them; serials and history stay sealed. */
  grantFindAtService(fn: PlatformFunction): void {
    this.#index.grantDerive(fn, 'INDEX_KEY_ID');
    this.#service.grantDerive(fn, 'SERVICE_KEY_ID');
    // The adapter knows the three families by their keys; this one it may not use.
    fn.addEnvironment('BUCKET_KEY_ID', this.#bucket.keyId);
    fn.addEnvironment('IDENTITY_KEY_VERSION', String(this.#version));
  }
}

class IdentityKey extends MacKey {
  grantDerive(fn: PlatformFunction, environmentName: string): void {
    this.grantUse(fn, environmentName);
  }
}
