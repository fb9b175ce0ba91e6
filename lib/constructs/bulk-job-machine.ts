import { ArnFormat, Duration, Fn, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  DistributedMap,
  JitterType,
  JsonPath,
  LogLevel,
  S3JsonItemReader,
  StateMachine,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct, type IConstruct } from 'constructs';
import { jobLimits } from '../../lambdas/capabilities/jobs/limits.ts';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { JobsBucket } from './jobs-bucket.ts';
import type { PlatformFunction } from './platform-function.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { deploymentLimits } from '../limits.ts';

export interface BulkJobMachineProps {
  readonly configuration: StageConfiguration;
  readonly jobsBucket: JobsBucket;
  readonly plan: PlatformFunction;
  readonly chunk: PlatformFunction;
  readonly finish: PlatformFunction;
}

/** What Step Functions needs to write its log: AWS's list. */
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

/** What Step Functions needs to be traced: AWS's list; it asks X-Ray which executions to sample. */
const tracing = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

/**
 * `{ jobId }` → plan writes a manifest of chunks to S3 → a distributed map runs each chunk, again
 * where a worker died → finish. Whatever fails ends in finish too, told by `failed`.
 */
export class BulkJobMachine extends Construct {
  readonly machine: StateMachine;
  readonly #name: string;

  constructor(scope: Construct, props: BulkJobMachineProps) {
    super(scope, 'BulkJob');
    const { configuration } = props;
    // Its own role names it, so the name can't be left to CloudFormation.
    this.#name = `my-key-platform-${configuration.stage}-jobs`;
    const plan = this.#task('Plan', props.plan, {
      payload: TaskInput.fromObject({ jobId: JsonPath.stringAt('$.jobId') }),
      resultSelector: { 'manifestKey.$': '$.Payload.manifestKey' },
      resultPath: '$.plan',
    });
    const chunks = new DistributedMap(this, 'Chunks', {
      comment: 'One chunk of the upload each',
      itemReader: new S3JsonItemReader({
        bucket: props.jobsBucket as IBucket,
        key: JsonPath.stringAt('$.plan.manifestKey'),
      }),
      itemSelector: {
        'jobId.$': '$.jobId',
        'chunk.$': '$$.Map.Item.Value',
      },
      maxConcurrency: deploymentLimits.concurrentChunks,
      toleratedFailureCount: 0,
      resultPath: JsonPath.DISCARD,
    });
    chunks.itemProcessor(
      // A map collects what its children give, up to 256 KiB: at 1 KB each, that is 270 chunks.
      this.#task('Chunk', props.chunk, {
        payload: TaskInput.fromJsonPathAt('$'),
        outputPath: JsonPath.DISCARD,
      }),
    );
    const finish = this.#task('Finish', props.finish, {
      payload: TaskInput.fromObject({ jobId: JsonPath.stringAt('$.jobId') }),
      resultPath: JsonPath.DISCARD,
    });
    const fail = this.#task('FinishFailed', props.finish, {
      payload: TaskInput.fromObject({ jobId: JsonPath.stringAt('$.jobId'), failed: true }),
      resultPath: JsonPath.DISCARD,
    });
    plan.addCatch(fail, { resultPath: JsonPath.DISCARD });
    chunks.addCatch(fail, { resultPath: JsonPath.DISCARD });
    finish.addCatch(fail, { resultPath: JsonPath.DISCARD });

    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: this.#name,
      role: this.#role(props).withoutPolicyUpdates(),
      definitionBody: DefinitionBody.fromChainable(plan.next(chunks).next(finish)),
      timeout: Duration.millis(jobLimits.runMs),
      tracingEnabled: configuration.tracing,
      logs: {
        destination: new LogGroup(this, 'Log', {
          logGroupName: this.#logGroupName,
          retention: configuration.logRetentionDays,
          removalPolicy: removalPolicyOf(configuration),
        }),
        level: LogLevel.ALL,
        // Inputs and outputs are keys and counts, yet a chunk's error may quote its row.
        includeExecutionData: false,
      },
    });
    // Not attached to anything, as the role takes no updates; it would only be reviewed in vain.
    this.machine.node.tryRemoveChild('DistributedMapPolicy');
    if (!configuration.tracing)
      acknowledge(this.machine, 'SF2', `Stage ${configuration.stage} runs without tracing.`);
  }

  /** Exactly what the definition needs; CDK's own grants would add every version of the functions. */
  #role(props: BulkJobMachineProps): Role {
    const { configuration, jobsBucket, plan, chunk, finish } = props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: 'What the bulk job state machine may do',
    });
    const allow = (actions: string[], ...resources: string[]): void => {
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    };
    allow(['lambda:InvokeFunction'], plan.functionArn, chunk.functionArn, finish.functionArn);
    allow(['s3:GetObject'], jobsBucket.arnForObjects('chunks/*'));
    jobsBucket.acknowledgeObjects(role, 'the state machine', 'chunks/*');
    // A distributed map runs its chunks as executions of the machine itself.
    allow(['states:StartExecution'], this.#arn('stateMachine', this.#name));
    allow(['states:DescribeExecution', 'states:StopExecution'], this.#executions);
    this.#acknowledgeExecutions(role);
    allow(logDelivery, '*');
    if (configuration.tracing) allow(tracing, '*');
    acknowledge(
      role,
      'IAM5[Resource::*]',
      'Log delivery and X-Ray know no resources: AWS takes these actions only on *.',
    );
    return role;
  }

  /** The right to start a job's execution and to stop it. */
  grantRun(fn: PlatformFunction): void {
    fn.allow(['states:StartExecution'], this.machine.stateMachineArn);
    fn.allow(['states:StopExecution'], this.#executions);
    fn.addEnvironment('JOBS_STATE_MACHINE_ARN', this.machine.stateMachineArn);
    this.#acknowledgeExecutions(fn.role!);
  }

  /**
   * Log deliveries under this prefix share one statement of the account's log policy, which holds
   * 5,120 characters. The stack's own id makes the name anew for every stack that is created.
   */
  get #logGroupName(): string {
    const stackId = Fn.select(2, Fn.split('/', Stack.of(this).stackId));
    return `/aws/vendedlogs/states/${this.#name}-${stackId}`;
  }

  get #executions(): string {
    return this.#arn('execution', `${this.#name}:*`);
  }

  #arn(resource: string, resourceName: string): string {
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return Stack.of(this).formatArn({ service: 'states', resource, resourceName, arnFormat });
  }

  #acknowledgeExecutions(role: IConstruct): void {
    acknowledge(
      role,
      `IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${this.#name}:*]`,
      'Executions get their names when they start; only those of this machine.',
    );
  }

  #task(
    id: string,
    fn: PlatformFunction,
    io: {
      payload: TaskInput;
      resultSelector?: Record<string, unknown>;
      resultPath?: string;
      outputPath?: string;
    },
  ): LambdaInvoke {
    const task = new LambdaInvoke(this, id, {
      lambdaFunction: fn,
      retryOnServiceExceptions: false,
      ...io,
    });
    // Every task can be run again after it died at any point (lambdas/capabilities/jobs). Five attempts over about
    // half a minute outlast a throttled function or table; jitter keeps 20 chunks from coming back at once.
    task.addRetry({
      errors: ['States.TaskFailed'],
      interval: Duration.seconds(2),
      maxAttempts: 4,
      backoffRate: 2,
      jitterStrategy: JitterType.FULL,
    });
    return task;
  }
}
