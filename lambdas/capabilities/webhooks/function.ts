import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class WebhooksFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'webhooks', { ...props, description: 'Registers endpoints for notices' });
    const { services, webhookKeys } = props.data;
    services.grantActions(this, 'GetItem', 'PutItem', 'DeleteItem');
    webhookKeys.grantPublish(this);
    this.addEnvironment('WEBHOOK_TARGETS', props.configuration.webhookTargets);
  }
}
