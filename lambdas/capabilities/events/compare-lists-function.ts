import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  oneCpu,
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

/** Compares a part of a new list with the former one; invoked by the distributed map. */
export class CompareListsFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'compare-lists', {
      ...props,
      description: 'Finds the persons whose certificates a new list revokes',
      memorySize: oneCpu,
      timeout: Duration.minutes(15),
    });
    const { identity, identityKeys, revocation } = props.data;
    revocation.grantActions(this, 'BatchGetItem');
    identity.grantActions(this, 'BatchGetItem', 'GetItem', 'Query', 'PutItem');
    identityKeys.grantFind(this);
  }
}
