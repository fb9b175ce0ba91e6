import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, type CfnRule, type EventPattern } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';

/** What CloudTrail calls a change of a key that takes it, or its protection, away. */
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
 * Events of the platform's keys, found in CloudTrail (which the account must have switched on for
 * management events, KMS among them) and kept as evidence until somebody has read them.
 */
export class KeyWatch extends Construct {
  /** A key was disabled, scheduled for deletion, or its policy changed. */
  readonly changed: Queue;
  /** A key was asked for by a role that is none of the platform's functions, granted or refused. */
  readonly usedByStranger: Queue;
  /** KMS refused calls because there were too many. */
  readonly throttled: Queue;

  constructor(
    scope: Construct,
    props: {
      readonly configuration: StageConfiguration;
      /** Keys whose use is a right of few. */
      readonly guarded: readonly IKey[];
      /** Keys whose end would be felt. */
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
      // Tables are encrypted by grants that DynamoDB asks for as they are made.
      userIdentity: { type: [{ 'anything-but': 'AWSService' }] },
    });
    this.usedByStranger = this.#collect('UsedByStranger', 'A key was asked for by a stranger', {
      eventName: uses,
      // A call that the key's policy refused may tell its key only as it was asked for.
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
    });
    this.throttled = this.#collect('Throttled', 'KMS refused calls that were too many', {
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
    acknowledge(queue, 'SQS3', 'It keeps evidence for a person; nobody consumes it by machine.');
    const rule = new Rule(this, `${id}Rule`, {
      description,
      eventPattern: {
        source: ['aws.kms'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: { eventSource: ['kms.amazonaws.com'], ...detail },
      },
      targets: [new SqsQueue(queue)],
    });
    // KMS's cryptographic calls count as read-only, which EventBridge else leaves out.
    (rule.node.defaultChild as CfnRule).state = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
    return queue;
  }
}
