import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { LambdaFunction } from '../../../sandbox/cloud/lambda/lambda-function.ts';
import type { S3Store } from '../../../sandbox/cloud/s3/s3-store.ts';
import { type Execution, Executions } from '../../../sandbox/cloud/step-functions/executions.ts';

const arn = 'arn:aws:lambda:ap-northeast-1:000000000000:function:work';
const quota = 262_144;
/** JSON text of that many bytes, quotes included. */
const textOf = (bytes: number): string => 'x'.repeat(bytes - 2);

/** Runs one state machine whose function answers with `result`. */
async function run(definition: object, input: unknown, result: unknown): Promise<Execution> {
  const work = {
    settings: { version: '$LATEST' },
    invoke: async () => JSON.stringify(result),
  } as unknown as LambdaFunction;
  const executions = new Executions({
    definitions: new Map([
      ['arn:m:stateMachine:m', { definition: definition as never, roleArn: 'arn:role' }],
    ]),
    rightsOf: () => () => {},
    functions: new Map([[arn, work]]),
    store: {} as S3Store,
    now: Date.now,
    log: () => {},
  });
  const execution = executions.start('arn:m:stateMachine:m', JSON.stringify(input));
  while (execution.status === 'RUNNING') await delay(1);
  return execution;
}

const task = (more: object = {}) => ({ Type: 'Task', Resource: arn, End: true, ...more });
const alone = (state: object, more: object = {}) => ({
  StartAt: 'Work',
  States: { Work: state, ...more },
});
const invoke = (more: object = {}) =>
  task({
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: arn, 'Payload.$': '$' },
    ...more,
  });
const map = (child: object, more: object = {}) =>
  alone({
    Type: 'Map',
    End: true,
    ItemProcessor: { ...alone(child), ProcessorConfig: { Mode: 'DISTRIBUTED' } },
    ...more,
  });

describe('a state machine, at most 256 KiB from state to state', () => {
  it('takes a result of the quota, and fails above it', async () => {
    expect(await run(alone(task()), {}, textOf(quota))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run(alone(task()), {}, textOf(quota + 1))).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause:
        "The state/task 'Work' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });

  it('counts bytes, not characters', async () => {
    expect(await run(alone(task()), {}, '鍵'.repeat(quota / 3))).toMatchObject({
      error: 'States.DataLimitExceeded',
    });
  });

  it('neither retries nor catches it by States.ALL or States.TaskFailed', async () => {
    const guarded = task({
      Retry: [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 2, IntervalSeconds: 1 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
    });
    const definition = alone(guarded, { Caught: { Type: 'Pass', End: true } });
    expect(await run(definition, {}, textOf(quota + 1))).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });

  it('fails where a state without a task hands on too much', async () => {
    const doubled = { Type: 'Pass', Parameters: { 'a.$': '$', 'b.$': '$' }, End: true };
    expect(await run(alone(doubled), textOf(quota / 2 - 100), null)).toMatchObject({
      status: 'SUCCEEDED',
    });
    expect(await run(alone(doubled), textOf(quota / 2), null)).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });
});

describe('a distributed map', () => {
  const items = Array.from({ length: 300 }, (_, index) => ({ index }));

  it('adds up what its children give, each with the HTTP answer around its payload', async () => {
    expect(await run(map(invoke()), items.slice(0, 200), null)).toMatchObject({
      status: 'SUCCEEDED',
    });
    // ResultPath null leaves the sum out of the state's output, not out of the limit.
    expect(await run(map(invoke(), { ResultPath: null }), items, null)).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });

  it('collects nothing from children that discard their output', async () => {
    expect(
      await run(map(invoke({ OutputPath: null }), { ResultPath: null }), items, null),
    ).toMatchObject({ status: 'SUCCEEDED' });
  });
});
