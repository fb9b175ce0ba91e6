import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ErrorCode } from '../../lambdas/errors.ts';
import type { PlatformFunction } from './platform-function.ts';

/** Number of a function's requests that ended with a given code, counted from its audit log. */
export const codeMetric = (
  scope: Construct,
  fn: PlatformFunction,
  { code, stage }: { readonly code: ErrorCode; readonly stage: string },
): Metric => logMetric(scope, fn, { name: code, field: `"code":"${code}"`, stage });

/**
 * Number of a function's requests whose audit line contains a field literally, such as
 * `"dense":true`.
 */
export function logMetric(
  scope: Construct,
  fn: PlatformFunction,
  { name, field, stage }: { readonly name: string; readonly field: string; readonly stage: string },
): Metric {
  const metricNamespace = `MyKeyPlatform/${stage}`;
  const metricName = `${fn.capability}/${name}`;
  new MetricFilter(scope, `${fn.capability}-${name}`, {
    logGroup: fn.logGroup,
    // Lambda writes time and request id before the JSON, so the filter matches text.
    filterPattern: FilterPattern.literal(`"${field.replaceAll('"', String.raw`\"`)}"`),
    metricNamespace,
    metricName,
    metricValue: '1',
    defaultValue: 0,
  });
  return new Metric({
    namespace: metricNamespace,
    metricName,
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  });
}
