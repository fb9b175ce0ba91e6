import { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { denyUndoing } from './guarded-key.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { makeReplica } from './replica-key.ts';

/**
 * The key that encrypts tables and buckets at rest. Serial numbers are restricted data, so the
 * operator can disable it. It is usable only through DynamoDB, S3 and SQS by principals with access
 * to the table or bucket: functions get no KMS permission for it, so their KMS permissions name
 * signing and MAC keys only.
 */
export class DataKey extends Key {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'DataKey', {
      alias: `my-key-platform/${configuration.stage}/data`,
      description: 'My Key Platform: tables and buckets at rest',
      enableKeyRotation: true,
      multiRegion: true,
      removalPolicy: removalPolicyOf(configuration),
    });
    denyUndoing(this, configuration, { grantsOfServices: true });
    const primaryArn = configuration.keys.primaryArns['data'];
    if (primaryArn !== undefined) makeReplica(this, primaryArn);
    const { account, region, urlSuffix } = Stack.of(this);
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ThroughStorageOnly',
        principals: [new AnyPrincipal()],
        actions: [
          'kms:Decrypt',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:ReEncrypt*',
          'kms:DescribeKey',
        ],
        resources: ['*'],
        conditions: {
          StringEquals: {
            'kms:CallerAccount': account,
            'kms:ViaService': ['dynamodb', 's3'].map((name) => `${name}.${region}.${urlSuffix}`),
          },
        },
      }),
    );
  }
}
