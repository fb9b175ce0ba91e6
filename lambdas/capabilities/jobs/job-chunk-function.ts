import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  oneCpu,
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

/** Checks one chunk of a bulk job; invoked by the distributed map. */
export class JobChunkFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'job-chunk', {
      ...props,
      description: 'Checks one chunk of a bulk job',
      concurrencyClass: 'jobs',
      // Attributes by OCSP.
      reachesJlis: true,
      memorySize: oneCpu,
      timeout: Duration.minutes(15),
    });
    const { jobs, jobsBucket, revocation, revocationBucket, identity, identityKeys } = props.data;
    jobs.grantActions(this, 'GetItem', 'PutItem');
    jobsBucket.grantObjects(this, 'uploads/*', 'GetObject');
    // Delete permission: removes files it wrote for a job deleted in the meantime.
    jobsBucket.grantObjects(this, 'chunks/*', 'GetObject', 'PutObject', 'DeleteObject');
    revocation.grantActions(this, 'BatchGetItem');
    revocationBucket.grantReadFilters(this);
    // Resolves the caller's own PPIDs to certificates; issues no PPIDs.
    identity.grantActions(this, 'GetItem', 'Query');
    identityKeys.grantFind(this);
  }
}
