import { Duration, Stack, Validations, type CfnElement } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  type ILambdaDeploymentConfig,
} from 'aws-cdk-lib/aws-codedeploy';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, type IFunction, type IVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { CanaryPace } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import type { PlatformFunction } from './platform-function.ts';

/** The alias by which API Gateway calls every function. */
export const liveAlias = 'live';

/**
 * The alias `live` of each function that answers requests. A deployment publishes a version and moves
 * the alias to it: at once, or by CodeDeploy at the pace of the setting `canary`, which moves it back
 * where the new version fails. Role and environment are the function's own; metrics of the function
 * count what its alias is asked.
 */
export class LiveAliases extends Construct {
  readonly #canary: Canary | undefined;
  readonly #aliases = new Map<PlatformFunction, Alias>();

  constructor(scope: Construct, { canary }: Pick<StageConfiguration, 'canary'>) {
    super(scope, 'Live');
    this.#canary = canary && new Canary(this, canary);
  }

  /** The alias of the function, made when it is first asked for. */
  of(fn: PlatformFunction): IFunction {
    const known = this.#aliases.get(fn);
    if (known !== undefined) return known as IFunction;
    const version = fn.currentVersion as IVersion;
    const alias = new Alias(fn, 'Live', { aliasName: liveAlias, version });
    this.#aliases.set(fn, alias);
    this.#canary?.move(fn, alias);
    return alias as IFunction;
  }

  get all(): readonly Alias[] {
    return [...this.#aliases.values()];
  }
}

/** CodeDeploy's predefined configurations by the values of the setting. */
const configurations: Readonly<Record<CanaryPace, ILambdaDeploymentConfig>> = {
  '10percent-5minutes': LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  '10percent-10minutes': LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
  '10percent-15minutes': LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  '10percent-30minutes': LambdaDeploymentConfig.CANARY_10PERCENT_30MINUTES,
  '10percent-every-1minute': LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
  '10percent-every-2minutes': LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_2MINUTES,
  '10percent-every-3minutes': LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_3MINUTES,
  '10percent-every-10minutes': LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_10MINUTES,
};

/** Moves aliases step by step, and back where the new version fails. */
class Canary extends Construct {
  readonly #pace: CanaryPace;
  readonly #application: LambdaApplication;
  readonly #role: Role;

  constructor(scope: Construct, pace: CanaryPace) {
    super(scope, 'Canary');
    this.#pace = pace;
    this.#application = new LambdaApplication(this, 'Application');
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      description: 'What CodeDeploy may do to move the aliases of this stack',
    });
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }),
    );
    acknowledge(
      this.#role,
      'IAM5[Resource::*]',
      "CodeDeploy reads the state of alarms, nothing else; AWS's own policy for its role allows it on * as well.",
    );
  }

  move(fn: PlatformFunction, alias: Alias): void {
    const id = fn.node.id;
    // What AWSCodeDeployRoleForLambdaLimited allows on every function, on this one.
    this.#role.addToPolicy(
      new PolicyStatement({
        actions: [
          'lambda:GetAlias',
          'lambda:UpdateAlias',
          'lambda:GetProvisionedConcurrencyConfig',
        ],
        resources: [fn.functionArn, `${fn.functionArn}:*`],
      }),
    );
    acknowledgeVersions(this.#role, fn, 'An alias moves between versions, numbered as published.');
    new LambdaDeploymentGroup(this, id, {
      application: this.#application,
      alias,
      deploymentConfig: configurations[this.#pace],
      alarms: [this.#alarm(fn)],
      // CDK would attach AWS's managed policy, which is about every function of the account.
      role: this.#role.withoutPolicyUpdates(),
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
  }

  /** Errors of the new version alone: what the version before did wrong holds nothing back. */
  #alarm(fn: PlatformFunction): Alarm {
    const alarm = new Alarm(this, `${fn.node.id}Errors`, {
      alarmDescription: `The new version of ${fn.capability} fails: CodeDeploy goes back to the one before. docs/runbook.md: A canary that failed`,
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensionsMap: {
          FunctionName: fn.functionName,
          Resource: `${fn.functionName}:${liveAlias}`,
          ExecutedVersion: fn.currentVersion.version,
        },
        statistic: 'Sum',
        period: Duration.minutes(1),
      }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    Validations.of(alarm).acknowledge({
      id: 'NIST.800.53.R5-CloudWatchAlarmAction',
      reason:
        'CodeDeploy reads this alarm while it moves an alias, and tells the deployer; api-server-errors tells the operators.',
    });
    return alarm;
  }
}

/** Accepts a right on every version of one function, which get their numbers when they are published. */
export function acknowledgeVersions(role: Role, fn: PlatformFunction, reason: string): void {
  const logicalId = Stack.of(fn).getLogicalId(fn.node.defaultChild as CfnElement);
  acknowledge(role, `IAM5[Resource::<${logicalId}.Arn>:*]`, reason);
}
