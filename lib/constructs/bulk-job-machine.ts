import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  DistributedMap,
  JsonPath,
  LogLevel,
  S3JsonItemReader,
  StateMachine,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { JobsBucket } from './jobs-bucket.ts';
import type { PlatformFunction } from './platform-function.ts';

export interface BulkJobMachineProps {
  readonly configuration: StageConfiguration;
  readonly jobsBucket: JobsBucket;
  readonly plan: PlatformFunction;
  readonly chunk: PlatformFunction;
  readonly finish: PlatformFunction;
}

/** Chunks at once: each reads DynamoDB and holds the filters in its own memory. */
const concurrentChunks = 20;

/**
 * `{ jobId }` → plan writes a manifest of chunks to S3 → a distributed map runs each chunk, again
 * where a worker died → finish. Whatever fails ends in finish too, told by `failed`.
 */
export class BulkJobMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, props: BulkJobMachineProps) {
    super(scope, 'BulkJob');
    const { configuration } = props;
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
      maxConcurrency: concurrentChunks,
      toleratedFailureCount: 0,
      resultPath: JsonPath.DISCARD,
    });
    chunks.itemProcessor(
      this.#task('Chunk', props.chunk, { payload: TaskInput.fromJsonPathAt('$') }),
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

    this.machine = new StateMachine(this, 'Machine', {
      definitionBody: DefinitionBody.fromChainable(plan.next(chunks).next(finish)),
      timeout: Duration.hours(12),
      tracingEnabled: configuration.tracing,
      logs: {
        destination: new LogGroup(this, 'Log', {
          logGroupName: `/aws/vendedlogs/states/my-key-platform-${configuration.stage}-jobs`,
          retention: configuration.logRetentionDays,
          removalPolicy:
            configuration.stored === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        // Inputs and outputs are keys and counts, yet a chunk's error may quote its row.
        includeExecutionData: false,
      },
    });
  }

  #task(
    id: string,
    fn: PlatformFunction,
    io: {
      payload: TaskInput;
      resultSelector?: Record<string, unknown>;
      resultPath?: string;
    },
  ): LambdaInvoke {
    const task = new LambdaInvoke(this, id, {
      lambdaFunction: fn,
      retryOnServiceExceptions: false,
      ...io,
    });
    // A worker that died left nothing half-written: the same chunk runs again.
    task.addRetry({
      errors: ['States.TaskFailed'],
      interval: Duration.seconds(2),
      maxAttempts: 4,
      backoffRate: 2,
    });
    return task;
  }
}
