import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';

/**
 * Warns of the account's monthly cost before it is exceeded. Its section in docs/runbook.md:
 * monthly-cost.
 */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'Budget');
    const { monthlyBudgetUsd, alarms, stage } = configuration;
    if (monthlyBudgetUsd === undefined) return;
    const recipient =
      alarms.email === undefined
        ? { subscriptionType: 'SNS', address: alarms.topicArn }
        : { subscriptionType: 'EMAIL', address: alarms.email };
    if (recipient.address === undefined) return;
    const notice = (notificationType: string, threshold: number) => ({
      notification: {
        notificationType,
        threshold,
        thresholdType: 'PERCENTAGE',
        comparisonOperator: 'GREATER_THAN',
      },
      subscribers: [{ ...recipient, address: recipient.address! }],
    });
    new CfnBudget(this, 'Month', {
      budget: {
        budgetName: `my-key-platform-${stage}-monthly-cost`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyBudgetUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: [notice('ACTUAL', 80), notice('FORECASTED', 100)],
    });
  }
}
