import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class TerminalsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'terminals', {
      ...props,
      description: 'Registers, pairs and revokes the terminals of counters',
    });
    props.data.services.grantActions(this, 'GetItem', 'PutItem', 'Query', 'DeleteItem');
  }
}
