import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { JobChunkFunction } from '../../lambdas/capabilities/jobs/job-chunk-function.ts';
import { JobFinishFunction } from '../../lambdas/capabilities/jobs/job-finish-function.ts';
import { JobPlanFunction } from '../../lambdas/capabilities/jobs/job-plan-function.ts';
import type { StageConfiguration } from '../config.ts';
import { BulkJobMachine } from '../constructs/bulk-job-machine.ts';
import type { FunctionBundles } from '../constructs/function-bundles.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import type { PlatformNetwork } from '../constructs/platform-network.ts';
import type { DataStack } from './data.ts';

export interface JobsStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
  readonly network?: PlatformNetwork | undefined;
}

/** Bulk revocation jobs: plan the chunks, check each, concatenate the results. */
export class JobsStack extends Stack {
  readonly bulkJob: BulkJobMachine;
  readonly plan: PlatformFunction;
  readonly chunk: PlatformFunction;
  readonly finish: PlatformFunction;

  constructor(scope: Construct, id: string, props: JobsStackProps) {
    super(scope, id, props);
    const { configuration, data } = props;
    this.plan = new JobPlanFunction(this, props);
    this.chunk = new JobChunkFunction(this, props);
    this.finish = new JobFinishFunction(this, props);
    this.bulkJob = new BulkJobMachine(this, {
      configuration,
      jobsBucket: data.jobsBucket,
      plan: this.plan,
      chunk: this.chunk,
      finish: this.finish,
    });
  }
}
