import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class ServicesFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'services', {
      ...props,
      description: 'Registers services and manages their status and keys',
    });
    const { services, sessions } = props.data;
    services.grantActions(this, 'GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem', 'Scan');
    sessions.grantIdempotency(this);
    this.addEnvironment('CLIENT_USAGE_KEYS', String(props.configuration.clients.keys));
  }
}
