import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class KeyVersionsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'key-versions', {
      ...props,
      description: 'Re-seals records under the current version of the identity keys',
      timeout: Duration.seconds(29),
    });
    const { identityKeys, identity, services } = props.data;
    identityKeys.grantFind(this);
    identity.grantActions(this, 'Scan', 'Query', 'GetItem', 'PutItem', 'DeleteItem');
    services.grantActions(this, 'Scan');
  }
}
