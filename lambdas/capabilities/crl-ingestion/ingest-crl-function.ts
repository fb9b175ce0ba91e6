import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  PlatformFunction,
  type DeploymentProps,
} from '../../../lib/constructs/platform-function.ts';
import type { DataStack } from '../../../lib/stacks/data.ts';
import type { CrlSource } from '../../pki/trust-profile.ts';

export interface IngestCrlProps extends DeploymentProps {
  readonly data: DataStack;
  /** Sources of the lists; those in S3 need a grant. */
  readonly crlSources: readonly CrlSource[];
}

export class IngestCrlFunction extends PlatformFunction {
  constructor(scope: Construct, props: IngestCrlProps) {
    super(scope, 'ingest-crl', {
      ...props,
      description: 'Fetches, verifies and switches to new revocation lists',
      reachesJlis: true,
      // Four lists of 20 million entries at once take 2 GB; every account allows 3,008 MiB, which
      // gives 1.7 vCPUs.
      memorySize: 3008,
      timeout: Duration.minutes(15),
      // A second event waits in Lambda's queue. Where nothing is reserved, two ingestions may run at
      // once: the pointer of a list never moves backwards (StoredListWriter.switchTo).
      concurrencyClass: 'single',
    });
    const { revocation, revocationBucket } = props.data;
    revocation.grantActions(this, 'GetItem', 'Query', 'PutItem', 'BatchWriteItem');
    revocationBucket.grantIngest(this);
    const objects = props.crlSources
      .map(({ url }) => new URL(url))
      .filter(({ protocol }) => protocol === 's3:')
      .map((url) => objectArn(Stack.of(this), url));
    if (objects.length > 0) this.allow(['s3:GetObject'], ...objects);
    const { crlSourceKeyArns } = props.configuration;
    if (crlSourceKeyArns.length > 0) this.allow(['kms:Decrypt'], ...crlSourceKeyArns);
  }
}

const objectArn = (stack: Stack, { hostname, pathname }: URL): string =>
  stack.formatArn({
    service: 's3',
    region: '',
    account: '',
    resource: hostname,
    resourceName: decodeURIComponent(pathname.slice(1)),
  });
