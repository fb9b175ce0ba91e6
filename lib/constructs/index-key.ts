import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { MacKey } from './mac-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/** Derives, once per cold start, the key under which certificates are found: a stolen table reveals no serial. */
export class IndexKey extends MacKey {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'IndexKey', { configuration, purpose: 'certificate index', alias: 'index' });
  }

  /** The right to find a person's record by a certificate. */
  grantFind(fn: PlatformFunction): void {
    fn.allow(['kms:GenerateMac'], this.keyArn);
    fn.addEnvironment('INDEX_KEY_ID', this.keyId);
  }
}
