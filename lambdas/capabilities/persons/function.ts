import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class PersonsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'persons', {
      ...props,
      description: 'Reports and decides which records are one person',
    });
    const { identityKeys, identity, sessions } = props.data;
    identityKeys.grantFind(this);
    identity.grantActions(this, 'GetItem', 'Query', 'PutItem', 'DeleteItem');
    sessions.grantIdempotency(this);
  }
}
