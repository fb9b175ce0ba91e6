import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { oneCpu, PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class ReadingSessionsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'reading-sessions', {
      ...props,
      description: 'Reads cards at counters, and issues PPIDs for them',
      concurrencyClass: 'logins',
      reachesJlis: true,
      memorySize: oneCpu,
    });
    const { ppidKey, identityKeys, challengeKey, services, sessions, identity, revocation } =
      props.data;
    ppidKey.grantIssue(this);
    identityKeys.grantFind(this);
    challengeKey.grantChallenge(this);
    services.grantActions(this, 'GetItem');
    // Cards held without a PIN are counted by an update.
    sessions.grantActions(this, 'GetItem', 'PutItem', 'UpdateItem');
    // Replacing a chip deletes the index record of the old one.
    identity.grantActions(this, 'GetItem', 'PutItem', 'DeleteItem', 'ConditionCheckItem');
    revocation.grantActions(this, 'GetItem', 'BatchGetItem');
  }
}
