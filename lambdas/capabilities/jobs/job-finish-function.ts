import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  oneCpu,
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

/** Concatenates the results of a bulk job; the final state, also after a failed step. */
export class JobFinishFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'job-finish', {
      ...props,
      description: 'Puts the results of a bulk job together',
      memorySize: oneCpu,
      timeout: Duration.minutes(15),
    });
    const { jobs, jobsBucket } = props.data;
    jobs.grantActions(this, 'GetItem', 'Query', 'UpdateItem');
    jobsBucket.grantObjects(this, 'uploads/*', 'DeleteObject');
    jobsBucket.grantObjects(this, 'chunks/*', 'GetObject', 'DeleteObject');
    // Reads the size of the results, and deletes those of a job cancelled in the meantime.
    jobsBucket.grantObjects(
      this,
      'results/*',
      'GetObject',
      'PutObject',
      'DeleteObject',
      'AbortMultipartUpload',
    );
    jobsBucket.grantList(this);
  }
}
