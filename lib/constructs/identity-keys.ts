import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { MacKey } from './mac-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/**
 * The three families of keys under which persons are filed and sealed (`docs/identifiers.md`). From
 * each, functions derive many keys, one MAC a key: who steals one derived key opens one service or one
 * bucket of persons, and every further one is a call that KMS records.
 */
export class IdentityKeys {
  readonly #index: IdentityKey;
  readonly #service: IdentityKey;
  readonly #bucket: IdentityKey;
  readonly #version: number;

  constructor(scope: Construct, configuration: StageConfiguration) {
    const key = (id: string, purpose: string, alias: string) =>
      new IdentityKey(scope, id, { configuration, purpose, alias });
    this.#index = key('IndexKey', 'finds a person by a certificate', 'index');
    this.#service = key('ServiceKey', 'seals what one service has of its persons', 'service');
    this.#bucket = key('BucketKey', 'seals serials and history of persons', 'bucket');
    this.#version = configuration.identityKeyVersion;
  }

  /** The right to find persons and to open what is kept of them. */
  grantFind(fn: PlatformFunction): void {
    this.#index.grantDerive(fn, 'INDEX_KEY_ID');
    this.#service.grantDerive(fn, 'SERVICE_KEY_ID');
    this.#bucket.grantDerive(fn, 'BUCKET_KEY_ID');
    fn.addEnvironment('IDENTITY_KEY_VERSION', String(this.#version));
  }
}

class IdentityKey extends MacKey {
  grantDerive(fn: PlatformFunction, environmentName: string): void {
    this.grantUse(fn, environmentName);
  }
}
