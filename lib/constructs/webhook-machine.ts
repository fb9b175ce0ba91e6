import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  JitterType,
  JsonPath,
  Map,
  type StateMachine,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { deploymentLimits } from '../limits.ts';
import { allowLogs, loggedStateMachine } from './logged-state-machine.ts';
import type { PlatformFunction } from './platform-function.ts';

/**
 * Every hour, after the events of the hour before can be read: plan the endpoints → notify each,
 * with retries and back-off → record those that acknowledged none.
 */
export class WebhookMachine extends Construct {
  readonly machine: StateMachine;

  constructor(
    scope: Construct,
    {
      configuration,
      notify,
    }: { readonly configuration: StageConfiguration; readonly notify: PlatformFunction },
  ) {
    super(scope, 'Webhooks');
    const task = (id: string, payload: Record<string, unknown>): LambdaInvoke =>
      new LambdaInvoke(this, id, {
        lambdaFunction: notify,
        payload: TaskInput.fromObject(payload),
        retryOnServiceExceptions: false,
        ...(id === 'Plan'
          ? { resultSelector: { 'serviceIds.$': '$.Payload.serviceIds' } }
          : { resultPath: JsonPath.DISCARD }),
      });
    const serviceId = JsonPath.stringAt('$.serviceId');
    const one = task('Notify', { action: 'notify', serviceId });
    // Tries after about 0, 0.5, 2, 6.5 and 20 minutes; the next hour begins anew.
    one.addRetry({
      errors: ['States.TaskFailed'],
      interval: Duration.seconds(30),
      maxAttempts: 4,
      backoffRate: 3,
      jitterStrategy: JitterType.FULL,
    });
    one.addCatch(task('GiveUp', { action: 'give-up', serviceId }), {
      resultPath: JsonPath.DISCARD,
    });
    const each = new Map(this, 'Endpoints', {
      itemsPath: '$.serviceIds',
      itemSelector: { serviceId: JsonPath.stringAt('$$.Map.Item.Value') },
      maxConcurrency: deploymentLimits.concurrentNotices,
      resultPath: JsonPath.DISCARD,
    });
    each.itemProcessor(one);
    this.machine = loggedStateMachine(this, {
      configuration,
      name: `my-key-platform-${configuration.stage}-webhooks`,
      role: this.#role(configuration, notify).withoutPolicyUpdates(),
      definition: task('Plan', { action: 'plan' }).next(each),
      timeout: Duration.minutes(55),
    });
    new Rule(this, 'Hourly', {
      description: 'Tells services that events wait in their feeds',
      schedule: Schedule.expression('cron(5 * * * ? *)'),
      targets: [new SfnStateMachine(this.machine)],
    });
  }

  #role(configuration: StageConfiguration, notify: PlatformFunction): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: 'What the state machine that notifies services may do',
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [notify.functionArn],
      }),
    );
    allowLogs(role, configuration);
    return role;
  }
}
