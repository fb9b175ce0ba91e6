import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { codeMetric, logMetric } from '../constructs/code-metric.ts';
import { KeyWatch } from '../constructs/key-watch.ts';
import { MonthlyBudget } from '../constructs/monthly-budget.ts';
import { OperationsDashboard } from '../constructs/operations-dashboard.ts';
import { RunbookAlarm, type AlarmCondition } from '../constructs/runbook-alarm.ts';
import type { ApiStack } from './api.ts';
import { listsMeasuredEvery, type CrlIngestionStack } from './crl-ingestion.ts';
import type { DataStack } from './data.ts';
import type { JobsStack } from './jobs.ts';
import type { RightsStack } from './rights.ts';
import { deploymentLimits } from '../limits.ts';

export interface ObservabilityStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  /** From the trust profile: older lists prove nothing. */
  readonly crlMaxAge: Duration;
  readonly data: DataStack;
  readonly ingestion: CrlIngestionStack;
  readonly jobs: JobsStack;
  readonly rights: RightsStack;
  readonly api: ApiStack;
}

/** Alarms, each explained in the docs/runbook.md section of its name, and one dashboard. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props);
    const { configuration, crlMaxAge, data, ingestion, jobs, rights, api } = props;
    const { topic } = new AlarmTopic(this, configuration);
    const alarm = (name: string, condition: AlarmCondition) =>
      new RunbookAlarm(this, name, { ...condition, stage: configuration.stage, topic });
    const fiveMinutes = Duration.minutes(5);
    const sum = { statistic: Stats.SUM, period: fiveMinutes };
    const { machine } = jobs.bulkJob;
    const apiFunctions = [api.authorizer, ...api.functions.values()];

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
      what: 'The authorizer fails, and with it every protected route',
      metric: api.authorizer.metricErrors(sum),
      threshold: 0,
    });
    for (const [n, functions] of inGroups(
      apiFunctions,
      deploymentLimits.metricsOfOneAlarm,
    ).entries())
      alarm('functions-throttled', {
        what: 'Lambda refuses executions of API functions',
        part: n + 1,
        metric: total(functions.map((fn) => fn.metricThrottles(sum))),
        threshold: 0,
        periods: 2,
      });
    alarm('crl-ingestion-failed', {
      what: 'A revocation list could not be loaded',
      metric: ingestion.ingest.metricErrors(sum),
      threshold: 0,
    });
    alarm('crl-ingestion-slow', {
      what: 'An ingestion used more than 12 of its 15 minutes',
      metric: ingestion.ingest.metricDuration({ statistic: Stats.MAXIMUM, period: fiveMinutes }),
      threshold: Duration.minutes(12).toMilliseconds(),
    });
    alarm('crl-dead-letters', {
      what: 'An ingestion failed after all retries',
      metric: ingestion.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: fiveMinutes,
      }),
      threshold: 0,
    });
    // Measured by `watch-lists`, whether or not an ingestion runs.
    const lists = (metricName: string, statistic: string = Stats.MAXIMUM): IMetric =>
      new Metric({
        namespace: 'MyKeyPlatform',
        metricName,
        dimensionsMap: { Stage: configuration.stage },
        statistic,
        period: listsMeasuredEvery,
      });
    alarm('crl-lists-unmeasured', {
      what: 'The lists have not been measured for half an hour: the other list alarms have no data',
      metric: lists('OldestListAge', Stats.SAMPLE_COUNT),
      threshold: 1,
      below: true,
      periods: 2,
      silenceIsTrouble: true,
    });
    alarm('crl-ingestion-missed', {
      what: 'No ingestion has tried a source for 25 hours',
      metric: lists('MissedLists'),
      threshold: 0,
    });
    alarm('crl-list-refused', {
      what: 'The last list of a source was refused; the previous one is still in service',
      metric: lists('RefusedLists'),
      threshold: 0,
    });
    const oldAge = oldListAge(configuration.listAgeAlarmHours, crlMaxAge);
    alarm('crl-list-old', {
      what: `A list in service is older than ${oldAge.toHours({ integral: false })} hours`,
      metric: lists('OldestListAge'),
      threshold: oldAge.toSeconds(),
    });
    alarm('crl-list-not-serving', {
      what: 'A configured source has no usable list: the status of its certificates is unknown',
      metric: lists('ListsNotServing'),
      threshold: 0,
    });
    alarm('linkage-unavailable', {
      what: 'People with a new certificate cannot log in: the J-LIS linkage service does not answer',
      metric: codeMetric(this, api.functionOf('authentications'), {
        code: 'linkage-unavailable',
        stage: configuration.stage,
      }),
      threshold: 5,
      periods: 2,
    });
    alarm('revocation-unknown', {
      what: 'Logins fail because neither OCSP nor a list could answer',
      metric: codeMetric(this, api.functionOf('authentications'), {
        code: 'revocation-unknown',
        stage: configuration.stage,
      }),
      threshold: 5,
      periods: 2,
    });
    alarm('client-authentication-failures', {
      what: 'Many client assertions are refused: a service uses a wrong key, or someone is guessing',
      metric: codeMetric(this, api.functionOf('tokens'), {
        code: 'client-authentication-failed',
        stage: configuration.stage,
      }),
      threshold: 100,
    });
    alarm('dense-questioning', {
      what: 'A service checks dense ranges of serials in bulk or in a job: it may be enumerating them',
      metric: total(
        [api.functionOf('revocation-checks'), jobs.chunk].map((fn) =>
          logMetric(this, fn, {
            name: 'dense',
            field: '"dense":true',
            stage: configuration.stage,
          }),
        ),
      ),
      threshold: 0,
    });
    alarm('jobs-failed', {
      what: 'A bulk job failed',
      metric: total([machine.metricFailed(sum), machine.metricTimedOut(sum)]),
      threshold: 0,
    });
    alarm('deletions-failed', {
      what: 'Deletions that persons asked for could not be executed',
      metric: rights.sweep.metricErrors(sum),
      threshold: 0,
    });
    alarm('deletions-missed', {
      what: 'The nightly sweep of deletions has not run for a day',
      metric: rights.sweep.metricInvocations({ statistic: Stats.SUM, period: Duration.days(1) }),
      threshold: 1,
      below: true,
      silenceIsTrouble: true,
    });
    alarm('list-comparison-failed', {
      what: 'Services are not told of certificates that a new list revokes',
      metric: total(
        ['Failed', 'TimedOut', 'Aborted'].map((end) => {
          const { machine: comparing } = ingestion.comparison;
          return comparing.metric(`Executions${end}`, sum);
        }),
      ),
      threshold: 0,
    });
    alarm('webhooks-failing', {
      what: 'Notices to services fail, beyond single endpoints that do not answer',
      metric: total(
        ['Failed', 'TimedOut', 'Aborted'].map((end) =>
          ingestion.webhooks.machine.metric(`Executions${end}`, sum),
        ),
      ),
      threshold: 0,
    });
    alarm('announcements-undelivered', {
      what: 'What happened to persons does not reach the feeds of services',
      metric: ingestion.deliver.metricErrors(sum),
      threshold: 0,
      periods: 2,
    });
    const keys = new KeyWatch(this, {
      configuration,
      guarded: data.guardedKeys,
      all: [...data.guardedKeys, data.dataKey],
    });
    const waiting = (queue: Queue): IMetric =>
      queue.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: fiveMinutes,
      });
    alarm('key-changed', {
      what: 'A key was disabled, scheduled for deletion, or its policy changed',
      metric: waiting(keys.changed),
      threshold: 0,
    });
    alarm('key-used-by-stranger', {
      what: 'A principal other than the functions requested an identity key or token key',
      metric: waiting(keys.usedByStranger),
      threshold: 0,
    });
    alarm('kms-throttled', {
      what: 'KMS throttles calls: logins and tokens fail',
      metric: waiting(keys.throttled),
      threshold: 0,
    });
    alarm('account-concurrency', {
      what: "Lambda runs more than 80 % of the account's executions at once",
      metric: new MathExpression({
        expression: '100 * used / SERVICE_QUOTA(used)',
        usingMetrics: {
          used: new Metric({
            namespace: 'AWS/Usage',
            metricName: 'ResourceCount',
            dimensionsMap: {
              Service: 'Lambda',
              Type: 'Resource',
              Resource: 'ConcurrentExecutions',
              Class: 'None',
            },
            statistic: Stats.MAXIMUM,
            period: fiveMinutes,
          }),
        },
        period: fiveMinutes,
      }),
      threshold: 80,
      periods: 2,
    });
    alarm('events-dropped', {
      what: 'Lambda dropped an event of ingestion, measurement or deletion without running it',
      metric: total(
        [ingestion.ingest, ingestion.watch, ingestion.deliver, rights.sweep].map((fn) =>
          fn.metric('AsyncEventsDropped', sum),
        ),
      ),
      threshold: 0,
    });
    // A trial deployment has no calls for days.
    if (configuration.stage === 'production')
      alarm('no-traffic', {
        what: 'The API has received no call for an hour',
        metric: api.api.metricCount({ statistic: Stats.SUM, period: Duration.hours(1) }),
        threshold: 1,
        below: true,
        silenceIsTrouble: true,
      });
    new MonthlyBudget(this, configuration);
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

/**
 * The stage's allowed age without an alarm, limited so that a quarter of the maximum age remains
 * when it is raised.
 */
const oldListAge = (alarmHours: number, crlMaxAge: Duration): Duration =>
  Duration.seconds(
    Math.min(alarmHours * 3_600, Math.floor(crlMaxAge.toSeconds({ integral: false }) * 0.75)),
  );

/** Combines several metrics into one value: an alarm may use at most ten metrics. */

const inGroups = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
    all.slice(n * size, (n + 1) * size),
  );

const total = (metrics: readonly IMetric[]): MathExpression =>
  new MathExpression({
    // Missing data counts as 0; without FILL, one metric without data would leave the sum without
    // data.
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    period: Duration.minutes(5),
  });
