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
  /** One sentence for the person on call. */
  readonly what: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** True if values below the threshold raise the alarm; otherwise above. */
  readonly below?: true;
  /** Number of consecutive periods; 1 by default. */
  readonly periods?: number;
  /** Index from 1 if one condition needs several alarms; they share a runbook section. */
  readonly part?: number;
  /** Missing data raises the alarm. */
  readonly silenceIsTrouble?: true;
}

/** An alarm named after its section in docs/runbook.md. */
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
