import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { AccessLogBucket } from './access-log-bucket.ts';
import type { DataKey } from './data-key.ts';
import type { PlatformFunction } from './platform-function.ts';
import { StorageBucket } from './storage-bucket.ts';

/** Uploads, chunks and results of bulk jobs. They hold serials: a week, and no older versions. */
export class JobsBucket extends StorageBucket {
  constructor(
    scope: Construct,
    props: { configuration: StageConfiguration; dataKey: DataKey; accessLog: AccessLogBucket },
  ) {
    super(scope, 'JobsBucket', {
      ...props,
      versioned: false,
      lifecycleRules: [
        {
          id: 'Jobs',
          expiration: Duration.days(7),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
  }

  /** These object actions; a presigned URL needs its signer to hold the right that it passes on. */
  grantObjects(
    fn: PlatformFunction,
    ...actions: readonly ('GetObject' | 'PutObject' | 'DeleteObject' | 'AbortMultipartUpload')[]
  ): void {
    fn.allow(
      actions.map((action) => `s3:${action}`),
      this.arnForObjects('*'),
    );
    fn.addEnvironment('JOBS_BUCKET', this.bucketName);
    this.acknowledgeObjects(fn.role!, fn.capability, '*');
  }
}
