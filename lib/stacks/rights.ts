import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { RightsSweepFunction } from '../../lambdas/capabilities/rights/rights-sweep-function.ts';
import type { StageConfiguration } from '../config.ts';
import type { FunctionBundles } from '../constructs/function-bundles.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import type { PlatformNetwork } from '../constructs/platform-network.ts';
import type { DataStack } from './data.ts';

export interface RightsStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
  readonly network?: PlatformNetwork | undefined;
}

/** Executes what persons asked for and what is due: the nightly sweep of deletions. */
export class RightsStack extends Stack {
  readonly sweep: PlatformFunction;

  constructor(scope: Construct, id: string, props: RightsStackProps) {
    super(scope, id, props);
    this.sweep = new RightsSweepFunction(this, props);
    // A run that failed is made up for by the next: what is due stays due.
    this.sweep.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.hours(6) });
    new Rule(this, 'DeletionsSwept', {
      description: 'Executes the deletions that are due, at 03:00 in Japan',
      schedule: Schedule.expression('cron(0 18 * * ? *)'),
      targets: [new LambdaFunction(this.sweep, { event: RuleTargetInput.fromObject({}) })],
    });
  }
}
