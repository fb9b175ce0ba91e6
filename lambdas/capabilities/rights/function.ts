import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { addRetention } from '../../../lib/constructs/retention.ts';
import { oneCpu, PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class RightsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'rights', {
      ...props,
      description:
        'Discloses, corrects, suspends and deletes what is held about a person, at their request',
      reachesJlis: true,
      memorySize: oneCpu,
    });
    const { identityKeys, challengeKey, services, sessions, identity, revocation } = props.data;
    identityKeys.grantFind(this);
    challengeKey.grantChallenge(this);
    services.grantActions(this, 'GetItem');
    sessions.grantActions(this, 'PutItem');
    identity.grantActions(this, 'GetItem', 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem');
    revocation.grantActions(this, 'GetItem', 'BatchGetItem');
    this.addEnvironment('DELETION_GRACE_DAYS', String(props.configuration.deletionGraceDays));
    addRetention(this, props.configuration);
  }
}
