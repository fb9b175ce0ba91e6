import { Duration } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import { removalPolicyOf } from './removal-policy.ts';

/**
 * Server access logs of the other buckets. S3 delivers them only to a bucket with SSE-S3
 * encryption.
 */
export class AccessLogBucket extends Bucket {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'AccessLogBucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      lifecycleRules: [
        { id: 'AsLongAsLogs', expiration: Duration.days(configuration.logRetentionDays) },
      ],
      removalPolicy: removalPolicyOf(configuration),
    });
    acknowledge(this, 'S1', 'This is the bucket that receives the access logs of the others.');
  }
}
