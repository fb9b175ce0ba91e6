import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { AccessLogBucket } from './access-log-bucket.ts';
import type { DataKey } from './data-key.ts';
import type { PlatformFunction } from './platform-function.ts';
import { StorageBucket } from './storage-bucket.ts';

/**
 * Uploads, chunks and results of bulk jobs. They hold serials: no older versions, results for the week
 * that a job is kept, all else for a day.
 */
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
          id: 'Results',
          prefix: 'results/',
          expiration: Duration.days(7),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        { id: 'Uploads', prefix: 'uploads/', expiration: Duration.days(1) },
        { id: 'Chunks', prefix: 'chunks/', expiration: Duration.days(1) },
      ],
    });
  }

  /** These actions on the objects under one prefix. */
  grantObjects(
    fn: PlatformFunction,
    prefix: JobsPrefix,
    ...actions: readonly ObjectAction[]
  ): void {
    fn.allow(
      actions.map((action) => `s3:${action}`),
      this.arnForObjects(prefix),
    );
    fn.addEnvironment('JOBS_BUCKET', this.bucketName);
    this.acknowledgeObjects(fn.role!, fn.capability, prefix);
  }

  /** Hands out presigned uploads and downloads, which carry the rights of their signer, and clears up. */
  grantOffer(fn: PlatformFunction): void {
    this.grantObjects(fn, 'uploads/*', 'PutObject', 'GetObject', 'DeleteObject');
    this.grantObjects(fn, 'results/*', 'GetObject', 'DeleteObject');
    this.grantObjects(fn, 'chunks/*', 'DeleteObject');
    this.grantList(fn);
  }

  /** Finds all that a job left. S3 also says 404 for a missing object only to who may list. */
  grantList(fn: PlatformFunction): void {
    fn.allow(['s3:ListBucket'], this.bucketArn);
  }
}

type JobsPrefix = 'uploads/*' | 'chunks/*' | 'results/*';
type ObjectAction = 'GetObject' | 'PutObject' | 'DeleteObject' | 'AbortMultipartUpload';
