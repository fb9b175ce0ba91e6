import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { AccessLogBucket } from './access-log-bucket.ts';
import type { DataKey } from './data-key.ts';
import type { PlatformFunction } from './platform-function.ts';
import { StorageBucket } from './storage-bucket.ts';

/** Lists uploaded by hand (`drops/`) and membership filters of loaded lists (`filters/`). */
export class RevocationBucket extends StorageBucket {
  constructor(
    scope: Construct,
    props: { configuration: StageConfiguration; dataKey: DataKey; accessLog: AccessLogBucket },
  ) {
    super(scope, 'RevocationBucket', {
      ...props,
      versioned: true,
      lifecycleRules: [
        // A drop is evidence of what was loaded. A base list's filter is needed as long as its
        // delta lists are in use; without it, answers need more reads but are the same.
        { id: 'Drops', prefix: 'drops/', expiration: Duration.days(30) },
        // What a state machine has read is needed for a redrive only, within 14 days.
        { id: 'Differences', prefix: 'differences/', expiration: Duration.days(14) },
        { id: 'Filters', prefix: 'filters/', expiration: Duration.days(35) },
        {
          id: 'Leftovers',
          noncurrentVersionExpiration: Duration.days(7),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    this.sendEvents();
  }

  /** Reads drops, writes filters and comparisons. */
  grantIngest(fn: PlatformFunction): void {
    fn.allow(['s3:GetObject'], this.arnForObjects('drops/*'));
    fn.allow(
      ['s3:PutObject'],
      this.arnForObjects('filters/*'),
      this.arnForObjects('differences/*'),
    );
    this.#tell(fn, 'drops/*', 'filters/*', 'differences/*');
  }

  grantReadFilters(fn: PlatformFunction): void {
    fn.allow(['s3:GetObject'], this.arnForObjects('filters/*'));
    this.#tell(fn, 'filters/*');
  }

  #tell(fn: PlatformFunction, ...prefixes: readonly string[]): void {
    fn.addEnvironment('REVOCATION_BUCKET', this.bucketName);
    this.acknowledgeObjects(fn.role!, fn.capability, ...prefixes);
  }
}
