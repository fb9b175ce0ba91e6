import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import { addRetention } from '../../../lib/constructs/retention.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

export class RightsSweepFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'rights-sweep', {
      ...props,
      description: 'Executes deletions that are due, and deletes records whose period is over',
      timeout: Duration.minutes(15),
      concurrencyClass: 'single',
    });
    addRetention(this, props.configuration);
    props.data.identityKeys.grantFind(this);
    props.data.identity.grantActions(this, 'GetItem', 'Query', 'PutItem', 'DeleteItem');
  }
}
