import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  oneCpu,
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';

/** Divides an upload into chunks: the first state of a bulk job. */
export class JobPlanFunction extends PlatformFunction {
  constructor(scope: Construct, props: DeploymentProps & { readonly data: DataStack }) {
    super(scope, 'job-plan', {
      ...props,
      description: 'Divides an upload into chunks',
      memorySize: oneCpu,
      timeout: Duration.minutes(15),
    });
    const { jobs, jobsBucket, revocation, sessions } = props.data;
    const { checkedIdentifiersPerDay } = props.configuration;
    this.addEnvironment('CHECKED_IDENTIFIERS_PER_DAY', String(checkedIdentifiersPerDay));
    sessions.grantActions(this, 'PutItem', 'UpdateItem');
    jobs.grantActions(this, 'GetItem', 'UpdateItem');
    jobsBucket.grantObjects(this, 'uploads/*', 'GetObject');
    jobsBucket.grantObjects(this, 'chunks/*', 'PutObject');
    revocation.grantActions(this, 'GetItem', 'Query');
  }
}
