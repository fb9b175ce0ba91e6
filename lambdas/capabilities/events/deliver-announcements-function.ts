import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

/** Brings announcements about persons to the feeds of the services that know them. */
export class DeliverAnnouncementsFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'deliver-announcements', {
      ...props,
      description: 'Brings announcements about persons to the feeds of services',
      timeout: Duration.minutes(15),
    });
    const { identity, identityKeys } = props.data;
    identity.grantActions(this, 'GetItem', 'Query', 'PutItem', 'DeleteItem');
    identityKeys.grantFind(this);
  }
}
