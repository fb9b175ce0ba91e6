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

/** A private bucket: encrypted with the data key, TLS only, with access logs. */
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
      // With exactOptionalPropertyTypes, CDK's own Bucket is not assignable to IBucket.
      serverAccessLogsBucket: accessLog as IBucket,
      serverAccessLogsPrefix: `${id}/`,
      removalPolicy: removalPolicyOf(configuration),
    });
  }

  /** Object keys are not known in advance, so permission is given for a prefix. */
  acknowledgeObjects(role: IConstruct, who: string, ...prefixes: readonly string[]): void {
    for (const prefix of prefixes)
      acknowledge(
        role,
        `IAM5[Resource::${this.#exportedArn}/${prefix}]`,
        `Object keys are not known in advance: ${who} works on those under ${prefix} of this one bucket.`,
      );
  }

  /** The name by which other stacks and cdk-nag findings refer to the bucket. */
  get #exportedArn(): string {
    const imported = this.stack.resolve(this.stack.exportValue(this.bucketArn)) as {
      readonly 'Fn::ImportValue': string;
    };
    return imported['Fn::ImportValue'];
  }

  /** Sends object events to EventBridge, where a rule selects a prefix. */
  protected sendEvents(): void {
    // `eventBridgeEnabled` would add a custom-resource function with broad permissions; the
    // property suffices.
    (this.node.defaultChild as CfnBucket).addPropertyOverride(
      'NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled',
      true,
    );
  }
}
