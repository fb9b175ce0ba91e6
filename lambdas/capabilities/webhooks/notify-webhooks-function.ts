import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

/** Tells services that events wait in their feeds; invoked by a state machine. */
export class NotifyWebhooksFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'notify-webhooks', {
      ...props,
      description: 'Tells services that events wait in their feeds',
      timeout: Duration.seconds(30),
      reachesServices: true,
    });
    const { services, identity, identityKeys, webhookKeys } = props.data;
    services.grantActions(this, 'GetItem', 'Query', 'UpdateItem');
    identity.grantActions(this, 'Query');
    identityKeys.grantService(this);
    webhookKeys.grantSign(this);
    this.addEnvironment('WEBHOOK_TARGETS', props.configuration.webhookTargets);
  }
}
