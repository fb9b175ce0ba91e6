import { type Duration, Fn, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  type IChainable,
  LogLevel,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import { removalPolicyOf } from './removal-policy.ts';

/** Permissions that AWS documents for Step Functions logging. */
const logDelivery = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];

/** Permissions that AWS documents for Step Functions tracing, including X-Ray sampling rules. */
const tracing = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

export interface LoggedStateMachineProps {
  readonly configuration: StageConfiguration;
  readonly name: string;
  readonly role: IRole;
  readonly definition: IChainable;
  readonly timeout: Duration;
}

/**
 * A state machine `Machine` below `scope`, which logs every event without inputs and outputs (a task's
 * error may quote a row) and traces where the stage does. Its role must be able to (`allowLogs`).
 */
export function loggedStateMachine(
  scope: Construct,
  { configuration, name, role, definition, timeout }: LoggedStateMachineProps,
): StateMachine {
  // Log groups with this prefix share one statement in the account's log resource policy, which is
  // limited to 5,120 characters. The stack's id makes the name unique for each new stack.
  const stackId = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  const machine = new StateMachine(scope, 'Machine', {
    stateMachineName: name,
    role,
    definitionBody: DefinitionBody.fromChainable(definition),
    timeout,
    tracingEnabled: configuration.tracing,
    logs: {
      destination: new LogGroup(scope, 'Log', {
        logGroupName: `/aws/vendedlogs/states/${name}-${stackId}`,
        retention: configuration.logRetentionDays,
        removalPolicy: removalPolicyOf(configuration),
      }),
      level: LogLevel.ALL,
      includeExecutionData: false,
    },
  });
  if (!configuration.tracing)
    acknowledge(machine, 'SF2', `Stage ${configuration.stage} runs without tracing.`);
  return machine;
}

/** What the role of such a state machine needs for its log and its traces. */
export function allowLogs(role: Role, configuration: StageConfiguration): void {
  for (const actions of configuration.tracing ? [logDelivery, tracing] : [logDelivery])
    role.addToPolicy(new PolicyStatement({ actions, resources: ['*'] }));
  acknowledge(
    role,
    'IAM5[Resource::*]',
    'Step Functions delivers its log, and X-Ray takes traces, by actions that AWS documents on * alone.',
  );
}
