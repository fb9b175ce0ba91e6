import type { Construct } from 'constructs';
import {
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

export class WatchListsFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'watch-lists', {
      ...props,
      description: 'Measures the age and state of every revocation list',
      memorySize: 256,
    });
    props.data.revocation.grantActions(this, 'Query');
  }
}
