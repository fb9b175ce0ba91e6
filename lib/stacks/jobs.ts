import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { BulkJobMachine } from '../constructs/bulk-job-machine.ts';
import type { FunctionBundles } from '../constructs/function-bundles.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import type { DataStack } from './data.ts';

export interface JobsStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
}

/** Bulk revocation jobs: plan the chunks, check each, put the result together. */
export class JobsStack extends Stack {
  readonly bulkJob: BulkJobMachine;
  readonly plan: PlatformFunction;
  readonly chunk: PlatformFunction;
  readonly finish: PlatformFunction;

  constructor(scope: Construct, id: string, props: JobsStackProps) {
    super(scope, id, props);
    const { configuration, bundles, data } = props;
    const define = (capability: string, description: string) =>
      new PlatformFunction(this, capability, {
        configuration,
        bundles,
        description,
        memorySize: 1769,
        timeout: Duration.minutes(15),
      });

    this.plan = define('job-plan', 'Cuts an upload into chunks');
    data.jobs.grantActions(this.plan, 'GetItem', 'UpdateItem');
    data.jobsBucket.grantObjects(this.plan, 'uploads/*', 'GetObject');
    data.jobsBucket.grantObjects(this.plan, 'chunks/*', 'PutObject');
    data.revocation.grantActions(this.plan, 'GetItem');

    this.chunk = define('job-chunk', 'Checks one chunk of a bulk job');
    data.jobs.grantActions(this.chunk, 'GetItem', 'PutItem');
    data.jobsBucket.grantObjects(this.chunk, 'uploads/*', 'GetObject');
    data.jobsBucket.grantObjects(this.chunk, 'chunks/*', 'GetObject', 'PutObject');
    data.revocation.grantActions(this.chunk, 'BatchGetItem');
    data.revocationBucket.grantReadFilters(this.chunk);
    // By PPID: from the caller's own PPIDs to their certificates. It issues none.
    data.identity.grantActions(this.chunk, 'GetItem', 'Query');
    data.identityKeys.grantFind(this.chunk);

    this.finish = define('job-finish', 'Puts the results of a bulk job together');
    data.jobs.grantActions(this.finish, 'GetItem', 'Query', 'UpdateItem');
    data.jobsBucket.grantObjects(this.finish, 'uploads/*', 'DeleteObject');
    data.jobsBucket.grantObjects(this.finish, 'chunks/*', 'GetObject', 'DeleteObject');
    data.jobsBucket.grantObjects(this.finish, 'results/*', 'PutObject', 'AbortMultipartUpload');

    this.bulkJob = new BulkJobMachine(this, {
      configuration,
      jobsBucket: data.jobsBucket,
      plan: this.plan,
      chunk: this.chunk,
      finish: this.finish,
    });
  }
}
