import { RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
  type CfnBucket,
  type IBucket,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { AccessLogBucket } from './access-log-bucket.ts';
import type { DataKey } from './data-key.ts';
import type { PlatformFunction } from './platform-function.ts';

interface StorageBucketProps {
  readonly configuration: StageConfiguration;
  readonly dataKey: DataKey;
  readonly accessLog: AccessLogBucket;
  readonly versioned: boolean;
  readonly lifecycleRules: LifecycleRule[];
}

/** A private bucket: encrypted by the data key, TLS only, its reads and writes logged. */
export abstract class StorageBucket extends Bucket {
  constructor(scope: Construct, id: string, props: StorageBucketProps) {
    const { configuration, dataKey, accessLog, versioned, lifecycleRules } = props;
    super(scope, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey: dataKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned,
      lifecycleRules,
      // Under exactOptionalPropertyTypes CDK's own Bucket is no IBucket.
      serverAccessLogsBucket: accessLog as IBucket,
      serverAccessLogsPrefix: `${id}/`,
      removalPolicy:
        configuration.stored === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  /** Objects come and go, so a right to them is a right to a prefix. */
  protected acknowledgeObjects(fn: PlatformFunction, ...prefixes: readonly string[]): void {
    for (const prefix of prefixes)
      acknowledge(
        fn.role!,
        `IAM5[Resource::${this.arnInFindings}/${prefix}]`,
        `${fn.capability} works on whatever objects are under ${prefix} of this one bucket.`,
      );
  }

  /** How cdk-nag names the bucket when a function of another stack uses it. */
  get arnInFindings(): string {
    return `<${this.stack.getLogicalId(this.node.defaultChild as CfnBucket)}.Arn>`;
  }

  /** Object events go to EventBridge, where a rule picks its prefix. */
  protected sendEvents(): void {
    // `eventBridgeEnabled` would bring a function of CDK's own with wide rights; the property suffices.
    (this.node.defaultChild as CfnBucket).addPropertyOverride(
      'NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled',
      true,
    );
  }
}
