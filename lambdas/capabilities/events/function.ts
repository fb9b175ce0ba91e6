import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class EventsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'events', { ...props, description: 'Reads the feeds of services' });
    const { identityKeys, identity } = props.data;
    identityKeys.grantFindAtService(this);
    // A reader gives waiting events their numbers: one transaction of puts and deletions.
    identity.grantActions(this, 'GetItem', 'Query', 'PutItem', 'DeleteItem');
  }
}
