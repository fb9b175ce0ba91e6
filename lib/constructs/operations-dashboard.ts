import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Dashboard, GraphWidget, Stats, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { PlatformFunction } from './platform-function.ts';

export interface OperationsDashboardProps {
  readonly stage: string;
  readonly api: RestApi;
  readonly apiFunctions: readonly PlatformFunction[];
  readonly ingest: PlatformFunction;
  readonly jobs: StateMachine;
}

/** The operator's overview: requests, functions, lists, jobs. */
export class OperationsDashboard extends Dashboard {
  constructor(scope: Construct, props: OperationsDashboardProps) {
    const { stage, api, apiFunctions, ingest, jobs } = props;
    const p99 = { statistic: Stats.p(99) };
    super(scope, 'Dashboard', {
      dashboardName: `my-key-platform-${stage}`,
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          graph(
            'Requests and errors',
            [api.metricCount()],
            [api.metricClientError(), api.metricServerError()],
          ),
          graph('Latency p50, p99 (ms)', [
            api.metricLatency({ statistic: Stats.p(50) }),
            api.metricLatency(p99),
          ]),
        ],
        [
          graph(
            'Function errors',
            apiFunctions.map((fn) => fn.metricErrors({ label: fn.capability })),
          ),
          graph(
            'Function duration p99 (ms)',
            apiFunctions.map((fn) => fn.metricDuration({ label: fn.capability, ...p99 })),
          ),
        ],
        [
          graph('Ingestion', [ingest.metricDuration()], [ingest.metricErrors()]),
          graph('Jobs', [jobs.metricStarted(), jobs.metricSucceeded(), jobs.metricFailed()]),
        ],
      ],
    });
  }
}

const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, left, right, width: 12, height: 6 });
