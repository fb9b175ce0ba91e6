import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  DistributedMap,
  JitterType,
  JsonPath,
  S3JsonItemReader,
  type StateMachine,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct, type IConstruct } from 'constructs';
import { jobLimits } from '../../lambdas/capabilities/jobs/limits.ts';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { JobsBucket } from './jobs-bucket.ts';
import { acknowledgeVersions } from './live-aliases.ts';
import { allowLogs, loggedStateMachine } from './logged-state-machine.ts';
import type { PlatformFunction } from './platform-function.ts';
import { deploymentLimits } from '../limits.ts';

export interface BulkJobMachineProps {
  readonly configuration: StageConfiguration;
  readonly jobsBucket: JobsBucket;
  readonly plan: PlatformFunction;
  readonly chunk: PlatformFunction;
  readonly finish: PlatformFunction;
}

/**
 * `{ jobId }` → plan writes a manifest of chunks to S3 → a distributed map checks each chunk, with
 * retries → finish. Any failure also ends in finish, with `failed`.
 *
 * An execution keeps the definition that it began with (Step Functions developer guide, "Updating a
 * state machine"), and the definition names versions of the functions: a job ends on the code that it
 * began with, however often the platform is deployed meanwhile.
 */
export class BulkJobMachine extends Construct {
  readonly machine: StateMachine;
  readonly #name: string;

  constructor(scope: Construct, props: BulkJobMachineProps) {
    super(scope, 'BulkJob');
    const { configuration } = props;
    for (const fn of [props.plan, props.chunk, props.finish])
      // Not what a failed deployment published: Lambda publishes the same code once only.
      fn.currentVersion.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    // Its own role refers to it by name, so CloudFormation cannot choose the name.
    this.#name = `my-key-platform-${configuration.stage}-jobs`;
    const plan = this.#task('Plan', props.plan, {
      payload: TaskInput.fromObject({ jobId: JsonPath.stringAt('$.jobId') }),
      resultSelector: { 'manifestKey.$': '$.Payload.manifestKey' },
      resultPath: '$.plan',
    });
    const chunks = new DistributedMap(this, 'Chunks', {
      comment: 'Each execution checks one chunk of the upload',
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
      // A map collects the outputs of its child executions, at most 256 KiB in total: 270 chunks at
      // 1 KB each.
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

    this.machine = loggedStateMachine(this, {
      configuration,
      name: this.#name,
      role: this.#role(props).withoutPolicyUpdates(),
      definition: plan.next(chunks).next(finish),
      timeout: Duration.millis(jobLimits.runMs),
    });
    // Not attached, because the role is immutable; CDK would otherwise create an unused policy to
    // review.
    this.machine.node.tryRemoveChild('DistributedMapPolicy');
  }

  /** Exactly what definitions need, those too that a running execution began with. */
  #role(props: BulkJobMachineProps): Role {
    const { configuration, jobsBucket, plan, chunk, finish } = props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: 'What the bulk job state machine may do',
    });
    const allow = (actions: string[], ...resources: string[]): void => {
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    };
    for (const fn of [plan, chunk, finish]) {
      allow(['lambda:InvokeFunction'], `${fn.functionArn}:*`);
      acknowledgeVersions(
        role,
        fn,
        'An execution that runs calls the version that it began with, which the template no longer names.',
      );
    }
    allow(['s3:GetObject'], jobsBucket.arnForObjects('chunks/*'));
    jobsBucket.acknowledgeObjects(role, 'the state machine', 'chunks/*');
    // A distributed map starts its chunks as executions of the same state machine.
    allow(['states:StartExecution'], this.#arn('stateMachine', this.#name));
    allow(['states:DescribeExecution', 'states:StopExecution'], this.#executions);
    this.#acknowledgeExecutions(role);
    allowLogs(role, configuration);
    return role;
  }

  /** Permission to start and stop a job's execution. */
  grantRun(fn: PlatformFunction): void {
    fn.allow(['states:StartExecution'], this.machine.stateMachineArn);
    fn.allow(['states:StopExecution'], this.#executions);
    fn.addEnvironment('JOBS_STATE_MACHINE_ARN', this.machine.stateMachineArn);
    this.#acknowledgeExecutions(fn.role!);
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
      'Execution names are set at start; limited to executions of this state machine.',
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
      lambdaFunction: fn.currentVersion as IFunction,
      retryOnServiceExceptions: false,
      ...io,
    });
    // Every task is idempotent and may be retried after any failure (lambdas/capabilities/jobs).
    // Five attempts over about half a minute outlast throttling of a function or table; jitter
    // prevents 20 chunks from retrying at once.
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
