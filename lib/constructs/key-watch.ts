import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, type CfnRule, type EventPattern } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';

/** CloudTrail event names of changes that disable or delete a key or weaken its protection. */
const changes = [
  'DisableKey',
  'ScheduleKeyDeletion',
  'PutKeyPolicy',
  'CreateGrant',
  'DeleteImportedKeyMaterial',
  'UpdatePrimaryRegion',
  'DisableKeyRotation',
];

const uses = ['GenerateMac', 'VerifyMac', 'Sign'];

/**
 * CloudTrail events of the platform's keys (the account must have a trail of management events
 * including KMS), kept as evidence until an operator has read them.
 */
export class KeyWatch extends Construct {
  /** A key was disabled, scheduled for deletion, or its policy changed. */
  readonly changed: Queue;
  /**
   * A role other than the platform's functions requested use of a key, whether allowed or denied.
   */
  readonly usedByStranger: Queue;
  /** KMS throttled calls. */
  readonly throttled: Queue;

  constructor(
    scope: Construct,
    props: {
      readonly configuration: StageConfiguration;
      /** Keys whose use is restricted to few functions. */
      readonly guarded: readonly IKey[];
      /** Keys whose deletion would lose data or interrupt service. */
      readonly all: readonly IKey[];
    },
  ) {
    super(scope, 'KeyWatch');
    const { configuration, guarded, all } = props;
    const { partition, account } = Stack.of(this);
    const functions = `arn:${partition}:iam::${account}:role/my-key-platform/${configuration.stage}/`;
    this.changed = this.#collect('Changed', 'A key was changed', {
      eventName: changes,
      resources: { ARN: all.map(({ keyArn }) => keyArn) },
      // DynamoDB encrypts tables through KMS grants that it requests when they are created.
      userIdentity: { type: [{ 'anything-but': 'AWSService' }] },
    });
    this.usedByStranger = this.#collect(
      'UsedByStranger',
      'A principal outside the platform requested use of a key',
      {
        eventName: uses,
        // CloudTrail may record a denied call's key only in the form in which it was requested.
        $or: [
          { resources: { ARN: guarded.map(({ keyArn }) => keyArn) } },
          {
            requestParameters: {
              keyId: guarded.flatMap(({ keyArn, keyId }) => [keyArn, keyId]),
            },
          },
        ],
        userIdentity: {
          sessionContext: {
            sessionIssuer: { arn: [{ 'anything-but': { prefix: functions } }, { exists: false }] },
          },
        },
      },
    );
    this.throttled = this.#collect('Throttled', 'KMS throttled calls', {
      eventName: [...uses, 'GetPublicKey', 'Decrypt', 'GenerateDataKey'],
      errorCode: ['ThrottlingException'],
      userIdentity: { sessionContext: { sessionIssuer: { arn: [{ prefix: functions }] } } },
    });
  }

  #collect(id: string, description: string, detail: NonNullable<EventPattern['detail']>): Queue {
    const queue = new Queue(this, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(
      queue,
      'SQS3',
      'It keeps evidence for operators to read; no consumer processes it.',
    );
    const rule = new Rule(this, `${id}Rule`, {
      description,
      eventPattern: {
        source: ['aws.kms'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: { eventSource: ['kms.amazonaws.com'], ...detail },
      },
      targets: [new SqsQueue(queue)],
    });
    // KMS's cryptographic calls are read-only events, which EventBridge omits by default.
    (rule.node.defaultChild as CfnRule).state = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
    return queue;
  }
}
