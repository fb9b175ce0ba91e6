import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { MacKey } from './mac-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/** Makes challenges genuine without a read: who makes them and who checks them derive one key from it. */
export class ChallengeKey extends MacKey {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'ChallengeKey', {
      configuration,
      purpose: 'makes challenges genuine',
      alias: 'challenge',
    });
  }

  grantChallenge(fn: PlatformFunction): void {
    this.grantUse(fn, 'CHALLENGE_KEY_ID');
  }
}
