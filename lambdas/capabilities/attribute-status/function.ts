import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class AttributeStatusFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'attribute-status', {
      ...props,
      description: 'Tells whether the attributes of a person changed',
      reachesJlis: true,
    });
    const { identityKeys, identity, revocation } = props.data;
    identityKeys.grantFind(this);
    identity.grantActions(this, 'GetItem', 'Query', 'PutItem');
    revocation.grantActions(this, 'GetItem', 'BatchGetItem');
  }
}
