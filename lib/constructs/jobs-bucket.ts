import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { AccessLogBucket } from './access-log-bucket.ts';
import type { DataKey } from './data-key.ts';
import type { PlatformFunction } from './platform-function.ts';
import { StorageBucket } from './storage-bucket.ts';

/**
 * Uploads, chunks and results of bulk jobs. They contain serial numbers: no versioning, results
 * kept for a week like their job, everything else for a day.
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

  /** Permission for these actions on objects with one prefix. */
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

  /**
   * Creates presigned uploads and downloads, which have the permissions of their signer, and
   * deletes files.
   */
  grantOffer(fn: PlatformFunction): void {
    this.grantObjects(fn, 'uploads/*', 'PutObject', 'GetObject', 'DeleteObject');
    this.grantObjects(fn, 'results/*', 'GetObject', 'DeleteObject');
    this.grantObjects(fn, 'chunks/*', 'DeleteObject');
    this.grantList(fn);
  }

  /**
   * Lists all files of a job. ListBucket also makes S3 answer 404, not 403, for a missing object.
   */
  grantList(fn: PlatformFunction): void {
    fn.allow(['s3:ListBucket'], this.bucketArn);
  }
}

type JobsPrefix = 'uploads/*' | 'chunks/*' | 'results/*';
type ObjectAction = 'GetObject' | 'PutObject' | 'DeleteObject' | 'AbortMultipartUpload';
