import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  MathExpression,
  Stats,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import type { ApiStack } from './api.ts';
import type { CrlIngestionStack } from './crl-ingestion.ts';
import type { DataStack } from './data.ts';
import type { JobsStack } from './jobs.ts';

export interface ObservabilityStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly data: DataStack;
  readonly ingestion: CrlIngestionStack;
  readonly jobs: JobsStack;
  readonly api: ApiStack;
}

interface AlarmCondition {
  readonly what: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Above the threshold unless told. */
  readonly below?: true;
  /** Periods in a row; 1 unless told. */
  readonly periods?: number;
  /** Silence counts as trouble. */
  readonly silenceIsTrouble?: true;
}

/** Alarms, each explained under its name in docs/runbook.md, and one dashboard. */
export class ObservabilityStack extends Stack {
  readonly #topic: AlarmTopic;
  readonly #stage: string;

  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props);
    const { configuration, data, ingestion, jobs, api } = props;
    this.#topic = new AlarmTopic(this, configuration);
    this.#stage = configuration.stage;
    const fiveMinutes = Duration.minutes(5);
    const sum = { statistic: Stats.SUM, period: fiveMinutes };
    const apiFunctions = [api.authorizer, ...Object.values(api.functions)];

    this.#alarm('api-server-errors', {
      what: 'More than 1 % of the requests end in a 5xx',
      metric: api.api.metricServerError({ statistic: Stats.AVERAGE, period: fiveMinutes }),
      threshold: 0.01,
      periods: 2,
    });
    this.#alarm('api-slow', {
      what: 'One request in a hundred takes more than 5 s',
      metric: api.api.metricLatency({ statistic: Stats.p(99), period: fiveMinutes }),
      threshold: 5_000,
      periods: 3,
    });
    this.#alarm('authorizer-failing', {
      what: 'The authorizer fails, so every protected route does',
      metric: api.authorizer.metricErrors(sum),
      threshold: 0,
    });
    this.#alarm('functions-throttled', {
      what: 'Lambda refuses executions of API functions',
      metric: total(apiFunctions, (fn) => fn.metricThrottles(sum)),
      threshold: 0,
      periods: 2,
    });
    this.#alarm('crl-ingestion-failed', {
      what: 'A revocation list could not be loaded',
      metric: ingestion.ingest.metricErrors(sum),
      threshold: 0,
    });
    this.#alarm('crl-ingestion-missed', {
      what: 'No ingestion has run for a day',
      metric: ingestion.ingest.metricInvocations({
        statistic: Stats.SUM,
        period: Duration.hours(24),
      }),
      threshold: 1,
      below: true,
      silenceIsTrouble: true,
    });
    this.#alarm('crl-ingestion-slow', {
      what: 'An ingestion used more than 12 of its 15 minutes',
      metric: ingestion.ingest.metricDuration({ statistic: Stats.MAXIMUM, period: fiveMinutes }),
      threshold: Duration.minutes(12).toMilliseconds(),
    });
    this.#alarm('crl-dead-letters', {
      what: 'An ingestion was given up after its retries',
      metric: ingestion.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: fiveMinutes,
      }),
      threshold: 0,
    });
    this.#alarm('jobs-failed', {
      what: 'A bulk job failed',
      metric: new MathExpression({
        expression: 'failed + timedOut',
        usingMetrics: {
          failed: jobs.bulkJob.machine.metricFailed(sum),
          timedOut: jobs.bulkJob.machine.metricTimedOut(sum),
        },
        period: fiveMinutes,
      }),
      threshold: 0,
    });
    const tables = [data.services, data.sessions, data.identity, data.revocation, data.jobs];
    this.#alarm('tables-throttled', {
      what: 'DynamoDB refuses requests of a table',
      metric: new MathExpression({
        expression: tables.map((_, index) => `table${index}`).join(' + '),
        usingMetrics: Object.fromEntries(
          tables.map((table, index) => [`table${index}`, table.metric('ThrottledRequests', sum)]),
        ),
        period: fiveMinutes,
      }),
      threshold: 0,
      periods: 2,
    });
    this.#dashboard(props, apiFunctions);
  }

  #alarm(name: string, condition: AlarmCondition): void {
    const alarm = new Alarm(this, name, {
      alarmName: `my-key-platform-${this.#stage}-${name}`,
      alarmDescription: `${condition.what}. docs/runbook.md: ${name}`,
      metric: condition.metric,
      threshold: condition.threshold,
      comparisonOperator: condition.below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: condition.periods ?? 1,
      treatMissingData: condition.silenceIsTrouble
        ? TreatMissingData.BREACHING
        : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic.topic));
    alarm.addOkAction(new SnsAction(this.#topic.topic));
  }

  #dashboard(
    { api, ingestion, jobs }: ObservabilityStackProps,
    apiFunctions: readonly PlatformFunction[],
  ): void {
    new Dashboard(this, 'Dashboard', {
      dashboardName: `my-key-platform-${this.#stage}`,
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          graph(
            'Requests and errors',
            [api.api.metricCount()],
            [api.api.metricClientError(), api.api.metricServerError()],
          ),
          graph('Latency p50, p99 (ms)', [
            api.api.metricLatency({ statistic: Stats.p(50) }),
            api.api.metricLatency({ statistic: Stats.p(99) }),
          ]),
        ],
        [
          graph(
            'Function errors',
            apiFunctions.map((fn) => fn.metricErrors({ label: fn.capability })),
          ),
          graph(
            'Function duration p99 (ms)',
            apiFunctions.map((fn) =>
              fn.metricDuration({ label: fn.capability, statistic: Stats.p(99) }),
            ),
          ),
        ],
        [
          graph(
            'Ingestion',
            [ingestion.ingest.metricDuration()],
            [ingestion.ingest.metricErrors()],
          ),
          graph('Jobs', [
            jobs.bulkJob.machine.metricStarted(),
            jobs.bulkJob.machine.metricSucceeded(),
            jobs.bulkJob.machine.metricFailed(),
          ]),
        ],
      ],
    });
  }
}

const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, left, right, width: 12, height: 6 });

/** One number over several functions: an alarm may look at ten metrics. */
const total = (
  functions: readonly PlatformFunction[],
  metric: (fn: PlatformFunction) => IMetric,
): MathExpression =>
  new MathExpression({
    expression: functions.map((_, index) => `f${index}`).join(' + '),
    usingMetrics: Object.fromEntries(functions.map((fn, index) => [`f${index}`, metric(fn)])),
    period: Duration.minutes(5),
  });
