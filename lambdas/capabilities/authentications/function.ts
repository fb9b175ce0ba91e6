import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { oneCpu, PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class AuthenticationsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'authentications', {
      ...props,
      description: 'Authenticates a card and issues PPIDs',
      concurrencyClass: 'logins',
      reachesJlis: true,
      memorySize: oneCpu,
    });
    const { ppidKey, identityKeys, challengeKey, sessions, identity, revocation } = props.data;
    ppidKey.grantIssue(this);
    identityKeys.grantFind(this);
    challengeKey.grantChallenge(this);
    // Marking a challenge as used is a PutItem, which the idempotency grant already includes.
    sessions.grantIdempotency(this);
    identity.grantActions(this, 'GetItem', 'PutItem', 'ConditionCheckItem');
    revocation.grantActions(this, 'GetItem', 'BatchGetItem');
  }
}
