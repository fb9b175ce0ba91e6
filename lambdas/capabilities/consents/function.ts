import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class ConsentsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'consents', { ...props, description: 'Records consents and notices of persons' });
    const { identityKeys, identity } = props.data;
    identityKeys.grantFindAtService(this);
    identity.grantActions(this, 'GetItem', 'PutItem');
  }
}
