import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class ChallengesFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'challenges', {
      ...props,
      description: 'Creates challenges',
      concurrencyClass: 'logins',
    });
    props.data.challengeKey.grantChallenge(this);
  }
}
