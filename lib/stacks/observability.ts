import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { codeMetric } from '../constructs/code-metric.ts';
import { OperationsDashboard } from '../constructs/operations-dashboard.ts';
import { RunbookAlarm, type AlarmCondition } from '../constructs/runbook-alarm.ts';
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

/** Alarms, each explained under its name in docs/runbook.md, and one dashboard. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props);
    const { configuration, data, ingestion, jobs, api } = props;
    const { topic } = new AlarmTopic(this, configuration);
    const alarm = (name: string, condition: AlarmCondition) =>
      new RunbookAlarm(this, name, { ...condition, stage: configuration.stage, topic });
    const fiveMinutes = Duration.minutes(5);
    const sum = { statistic: Stats.SUM, period: fiveMinutes };
    const { machine } = jobs.bulkJob;
    const apiFunctions = [api.authorizer, ...Object.values(api.functions)];

    alarm('api-server-errors', {
      what: 'More than 1 % of the requests end in a 5xx',
      metric: api.api.metricServerError({ statistic: Stats.AVERAGE, period: fiveMinutes }),
      threshold: 0.01,
      periods: 2,
    });
    alarm('api-slow', {
      what: 'One request in a hundred takes more than 5 s',
      metric: api.api.metricLatency({ statistic: Stats.p(99), period: fiveMinutes }),
      threshold: 5_000,
      periods: 3,
    });
    alarm('authorizer-failing', {
      what: 'The authorizer fails, so every protected route does',
      metric: api.authorizer.metricErrors(sum),
      threshold: 0,
    });
    alarm('functions-throttled', {
      what: 'Lambda refuses executions of API functions',
      metric: total(apiFunctions.map((fn) => fn.metricThrottles(sum))),
      threshold: 0,
      periods: 2,
    });
    alarm('crl-ingestion-failed', {
      what: 'A revocation list could not be loaded',
      metric: ingestion.ingest.metricErrors(sum),
      threshold: 0,
    });
    alarm('crl-ingestion-missed', {
      what: 'No ingestion has run for a day',
      metric: ingestion.ingest.metricInvocations({
        statistic: Stats.SUM,
        period: Duration.hours(24),
      }),
      threshold: 1,
      below: true,
      silenceIsTrouble: true,
    });
    alarm('crl-ingestion-slow', {
      what: 'An ingestion used more than 12 of its 15 minutes',
      metric: ingestion.ingest.metricDuration({ statistic: Stats.MAXIMUM, period: fiveMinutes }),
      threshold: Duration.minutes(12).toMilliseconds(),
    });
    alarm('crl-dead-letters', {
      what: 'An ingestion was given up after its retries',
      metric: ingestion.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: fiveMinutes,
      }),
      threshold: 0,
    });
    const lists = (metricName: string): IMetric =>
      new Metric({
        namespace: 'MyKeyPlatform',
        metricName,
        dimensionsMap: { Stage: configuration.stage },
        statistic: Stats.MAXIMUM,
        // An ingestion tells the state of the lists once a day.
        period: Duration.days(1),
      });
    alarm('crl-list-refused', {
      what: 'A list was fetched and refused; the one before it still serves',
      metric: lists('RefusedLists'),
      threshold: 0,
    });
    alarm('crl-list-old', {
      what: `A list that serves is older than ${configuration.listAgeAlarmHours} hours`,
      metric: lists('OldestListAge'),
      threshold: Duration.hours(configuration.listAgeAlarmHours).toSeconds(),
    });
    alarm('crl-list-not-serving', {
      what: 'A configured source has no list that may answer: unknown for its certificates',
      metric: lists('ListsNotServing'),
      threshold: 0,
    });
    alarm('linkage-unavailable', {
      what: 'People whose certificate is new here cannot log in: J-LIS linkage does not answer',
      metric: codeMetric(this, api.functions.authentications, {
        code: 'linkage-unavailable',
        stage: configuration.stage,
      }),
      threshold: 5,
      periods: 2,
    });
    alarm('revocation-unknown', {
      what: 'Logins fail because neither OCSP nor a list could answer',
      metric: codeMetric(this, api.functions.authentications, {
        code: 'revocation-unknown',
        stage: configuration.stage,
      }),
      threshold: 5,
      periods: 2,
    });
    alarm('client-authentication-failures', {
      what: 'Many client assertions are refused: a service with a wrong key, or somebody guessing',
      metric: codeMetric(this, api.functions.oauth, {
        code: 'client-authentication-failed',
        stage: configuration.stage,
      }),
      threshold: 100,
    });
    alarm('jobs-failed', {
      what: 'A bulk job failed',
      metric: total([machine.metricFailed(sum), machine.metricTimedOut(sum)]),
      threshold: 0,
    });
    const tables = [data.services, data.sessions, data.identity, data.revocation, data.jobs];
    alarm('tables-throttled', {
      what: 'DynamoDB refuses reads or writes of a table',
      metric: total(
        tables.flatMap((table) =>
          ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) => table.metric(name, sum)),
        ),
      ),
      threshold: 0,
      periods: 2,
    });
    new OperationsDashboard(this, {
      stage: configuration.stage,
      apiFunctions,
      api: api.api,
      ingest: ingestion.ingest,
      jobs: machine,
    });
  }
}

/** One number from several: an alarm may look at ten metrics. */
const total = (metrics: readonly IMetric[]): MathExpression =>
  new MathExpression({
    expression: metrics.map((_, index) => `m${index}`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    period: Duration.minutes(5),
  });
