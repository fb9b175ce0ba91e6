import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

export class RightsSweepFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'rights-sweep', {
      ...props,
      description: 'Executes the deletions that persons asked for, when they are due',
      timeout: Duration.minutes(15),
      concurrencyClass: 'single',
    });
    props.data.identityKeys.grantFind(this);
    props.data.identity.grantActions(this, 'GetItem', 'Query', 'PutItem', 'DeleteItem');
  }
}
