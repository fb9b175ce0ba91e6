import {
  Alarm,
  ComparisonOperator,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface AlarmCondition {
  /** One sentence for the person who is woken. */
  readonly what: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Trouble is below the threshold; else above it. */
  readonly below?: true;
  /** Periods in a row; 1 unless told. */
  readonly periods?: number;
  /** Where one condition takes several alarms: from 1; they share a section. */
  readonly part?: number;
  /** Silence counts as trouble. */
  readonly silenceIsTrouble?: true;
}

/** An alarm whose name is that of its section in docs/runbook.md. */
export class RunbookAlarm extends Alarm {
  constructor(
    scope: Construct,
    name: string,
    props: AlarmCondition & { readonly stage: string; readonly topic: ITopic },
  ) {
    const { what, metric, threshold, below, periods, part, silenceIsTrouble, stage, topic } = props;
    const id = part === undefined || part === 1 ? name : `${name}.${part}`;
    super(scope, id, {
      alarmName: `my-key-platform-${stage}-${id}`,
      alarmDescription: `${what}. docs/runbook.md: ${name}`,
      metric,
      threshold,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods ?? 1,
      treatMissingData: silenceIsTrouble
        ? TreatMissingData.BREACHING
        : TreatMissingData.NOT_BREACHING,
    });
    this.addAlarmAction(new SnsAction(topic));
    this.addOkAction(new SnsAction(topic));
  }
}
