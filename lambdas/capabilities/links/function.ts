import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';
import { addRetention } from '../../../lib/constructs/retention.ts';

export class LinksFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'links', { ...props, description: 'Links persons to user numbers' });
    addRetention(this, props.configuration);
    const { identityKeys, identity } = props.data;
    identityKeys.grantFindAtService(this);
    identity.grantActions(this, 'GetItem', 'Query', 'PutItem', 'DeleteItem');
  }
}
