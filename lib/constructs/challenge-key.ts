import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { MacKey } from './mac-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/**
 * The key from which the issuing and the verifying function derive the challenge MAC key, so that
 * verification reads no table.
 */
export class ChallengeKey extends MacKey {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'ChallengeKey', {
      configuration,
      purpose: 'authenticates challenges',
      alias: 'challenge',
    });
  }

  grantChallenge(fn: PlatformFunction): void {
    this.grantUse(fn, 'CHALLENGE_KEY_ID');
  }
}
