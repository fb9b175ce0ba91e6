import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { IngestCrlFunction } from '../../lambdas/capabilities/crl-ingestion/ingest-crl-function.ts';
import { CompareListsFunction } from '../../lambdas/capabilities/events/compare-lists-function.ts';
import { DeliverAnnouncementsFunction } from '../../lambdas/capabilities/events/deliver-announcements-function.ts';
import { NotifyWebhooksFunction } from '../../lambdas/capabilities/webhooks/notify-webhooks-function.ts';
import { WatchListsFunction } from '../../lambdas/capabilities/crl-ingestion/watch-lists-function.ts';
import type { CrlSource } from '../../lambdas/pki/trust-profile.ts';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { FunctionBundles } from '../constructs/function-bundles.ts';
import { ListComparisonMachine } from '../constructs/list-comparison-machine.ts';
import { OperatorPolicy } from '../constructs/operator-policy.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import type { PlatformNetwork } from '../constructs/platform-network.ts';
import { WebhookMachine } from '../constructs/webhook-machine.ts';
import type { DataStack } from './data.ts';

export interface CrlIngestionStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
  readonly network?: PlatformNetwork | undefined;
  /** Sources of the lists; those in S3 need a grant. */
  readonly crlSources: readonly CrlSource[];
}

/** Interval of the measurements, and the period of the alarms. */
export const listsMeasuredEvery = Duration.minutes(15);

/**
 * Loads revocation lists: daily from their sources, and immediately when a list is uploaded under
 * `drops/`. Measures all lists every 15 minutes, whether or not an ingestion runs.
 */
export class CrlIngestionStack extends Stack {
  readonly ingest: PlatformFunction;
  /** The function that reports the age of every list. */
  readonly watch: PlatformFunction;
  /** Finds the persons whose certificates a new list revokes. */
  readonly comparison: ListComparisonMachine;
  /** Brings announcements to the feeds of services. */
  readonly deliver: PlatformFunction;
  /** Tells services that events wait. */
  readonly notify: PlatformFunction;
  readonly webhooks: WebhookMachine;
  /** Events that failed after all retries. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: CrlIngestionStackProps) {
    super(scope, id, props);
    const { configuration, data } = props;
    this.ingest = new IngestCrlFunction(this, props);

    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(this.deadLetters, 'SQS3', 'This queue is the dead-letter queue.');
    // Of $LATEST, as are both rules and the operator's right: Lambda keeps this configuration for each
    // alias and version by itself, and an event that waits shall meet the code of today.
    this.ingest.configureAsyncInvoke({
      retryAttempts: 2,
      // Waiting for the single execution counts towards the event's age; a list from yesterday is
      // not worth loading later.
      maxEventAge: Duration.hours(6),
      onFailure: new SqsDestination(this.deadLetters),
    });

    new Rule(this, 'DailyLists', {
      description: 'Loads the lists of the day after J-LIS has issued them',
      schedule: Schedule.expression(configuration.ingestionSchedule),
      targets: [new LambdaFunction(this.ingest, { event: RuleTargetInput.fromObject({}) })],
    });
    new Rule(this, 'DroppedList', {
      description: 'A list uploaded to the bucket by hand or by another system',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [data.revocationBucket.bucketName] },
          object: { key: [{ prefix: 'drops/' }] },
        },
      },
      targets: [new LambdaFunction(this.ingest)],
    });

    new OperatorPolicy(this, {
      ingest: this.ingest,
      revocation: data.revocation,
      revocationBucket: data.revocationBucket,
    });

    this.comparison = new ListComparisonMachine(this, {
      configuration,
      bucket: data.revocationBucket,
      compare: new CompareListsFunction(this, props),
    });
    this.deliver = new DeliverAnnouncementsFunction(this, props);
    new Rule(this, 'AnnouncementsDelivered', {
      description: 'Brings announcements about persons to the feeds of services',
      schedule: Schedule.rate(Duration.minutes(15)),
      targets: [new LambdaFunction(this.deliver, { event: RuleTargetInput.fromObject({}) })],
    });

    this.notify = new NotifyWebhooksFunction(this, props);
    this.webhooks = new WebhookMachine(this, { configuration, notify: this.notify });

    this.watch = new WatchListsFunction(this, props);
    new Rule(this, 'ListsMeasured', {
      description: 'Measures the age of every list for the alarms',
      schedule: Schedule.rate(listsMeasuredEvery),
      targets: [new LambdaFunction(this.watch, { event: RuleTargetInput.fromObject({}) })],
    });
  }
}
