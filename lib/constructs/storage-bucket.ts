import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
  type CfnBucket,
  type IBucket,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { AccessLogBucket } from './access-log-bucket.ts';
import type { DataKey } from './data-key.ts';
import { removalPolicyOf } from './removal-policy.ts';

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
      removalPolicy: removalPolicyOf(configuration),
    });
  }

  /** Objects come and go, so a right to them is a right to a prefix. */
  acknowledgeObjects(role: IConstruct, who: string, ...prefixes: readonly string[]): void {
    for (const prefix of prefixes)
      acknowledge(
        role,
        `IAM5[Resource::${this.#exportedArn}/${prefix}]`,
        `Objects come and go: ${who} works on those under ${prefix} of this one bucket.`,
      );
  }

  /** The name under which other stacks, and findings about them, know the bucket. */
  get #exportedArn(): string {
    const imported = this.stack.resolve(this.stack.exportValue(this.bucketArn)) as {
      readonly 'Fn::ImportValue': string;
    };
    return imported['Fn::ImportValue'];
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
