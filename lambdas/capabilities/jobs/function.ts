import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class JobsFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'jobs', {
      ...props,
      description: 'Creates, starts, reports and cancels bulk jobs',
    });
    const { jobs, sessions, jobsBucket } = props.data;
    jobs.grantActions(this, 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem');
    sessions.grantIdempotency(this);
    jobsBucket.grantOffer(this);
    props.bulkJob.grantRun(this);
  }
}
