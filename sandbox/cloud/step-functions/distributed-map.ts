import { randomUUID } from 'node:crypto';
import { StateMachine } from 'aws-local-stepfunctions';
import type { S3Store } from '../s3/s3-store.ts';
import type { RequireRights } from '../iam/authorize.ts';
import { objectArn } from '../iam/needs.ts';
import { type ItemReader, readItems } from './read-items.ts';
import { limitInput } from './data-limit.ts';
import type { StateHandlers } from './prepare.ts';
import { type DistributedMapState, statesError } from './states-language.ts';
import { reasonOf, runMachine } from './run-machine.ts';

/** Input of the map's substitute task: the state's input and its evaluated parameters. */
export interface MapInput {
  readonly input: unknown;
  readonly items?: unknown;
  readonly reader?: { Bucket?: string; Key?: string; Prefix?: string };
  readonly writer?: { Bucket?: string; Prefix?: string };
  readonly batchInput?: unknown;
}

/** Context of a map's child executions, and the signal that stops them. */
export interface MapRun {
  readonly handlers: StateHandlers;
  readonly store: S3Store;
  readonly stopped: AbortSignal;
  readonly require: RequireRights;
  readonly stateMachineArn: string;
}

/**
 * Runs a distributed map: items from S3 or the input, batches, one child execution each within
 * MaxConcurrency, tolerated failures, and results to S3 if configured, in the order of the items.
 */
export async function runDistributedMap(
  state: DistributedMapState,
  { input, items, reader, writer, batchInput }: MapInput,
  run: MapRun,
): Promise<unknown> {
  const { handlers, store, stopped, require } = run;
  requireChildren(run);
  if (state.ItemReader !== undefined) requireItems(state.ItemReader, reader ?? {}, require);
  const found =
    state.ItemReader === undefined
      ? (items as unknown[])
      : await readItems(store, state.ItemReader, reader ?? {});
  const child = childOf(state, handlers);
  const selected = await Promise.all(found.map((item, index) => select(state, input, item, index)));
  const batches = batched(selected, state.ItemBatcher?.MaxItemsPerBatch, batchInput);
  const outcomes: Outcome[] = [];
  let next = 0;
  let failures = 0;
  const tolerated = Math.max(
    state.ToleratedFailureCount ?? 0,
    Math.floor((batches.length * (state.ToleratedFailurePercentage ?? 0)) / 100),
  );
  const worker = async (): Promise<void> => {
    while (next < batches.length && failures <= tolerated && !stopped.aborted) {
      const index = next++;
      const outcome = await child(batches[index], stopped);
      outcomes[index] = outcome;
      if ('error' in outcome) failures += 1;
    }
  };
  const width = Math.min(state.MaxConcurrency || 40, batches.length);
  await Promise.all(Array.from({ length: width }, worker));
  if (failures > tolerated) {
    const first = outcomes.find((outcome) => outcome !== undefined && 'error' in outcome);
    throw statesError(
      'States.ExceedToleratedFailureThreshold',
      `${failures} of ${batches.length} child executions failed: ${first?.error ?? ''}`,
    );
  }
  if (writer !== undefined) {
    const { Bucket = '', Prefix = '' } = writer;
    require({ action: 's3:PutObject', resource: objectArn(Bucket, `${Prefix}/manifest.json`) });
    return writeResults(store, writer, outcomes);
  }
  return outcomes.filter((outcome) => !('error' in outcome)).map(({ output }) => output);
}

/**
 * A distributed map starts, follows and stops its children as executions of the same state machine
 * (Step Functions developer guide, "IAM policies for using Distributed Map states").
 */
function requireChildren({ require, stateMachineArn }: MapRun): void {
  const executions = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:child`;
  require({ action: 'states:StartExecution', resource: stateMachineArn }, {
    action: 'states:DescribeExecution',
    resource: executions,
  }, { action: 'states:StopExecution', resource: executions });
}

function requireItems(
  { Resource }: ItemReader,
  { Bucket = '', Key = '' }: { Bucket?: string; Key?: string },
  require: RequireRights,
): void {
  try {
    if (Resource.endsWith('listObjectsV2'))
      require({ action: 's3:ListBucket', resource: `arn:aws:s3:::${Bucket}` });
    else require({ action: 's3:GetObject', resource: objectArn(Bucket, Key) });
  } catch (cause) {
    throw statesError('States.ItemReaderFailed', (cause as Error).message);
  }
}

interface Outcome {
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: string;
}

function childOf(state: DistributedMapState, handlers: StateHandlers) {
  return async (input: unknown, stopped: AbortSignal): Promise<Outcome> => {
    let abort: (() => void) | undefined;
    try {
      limitInput('child execution', input);
      const run = runMachine(state.ItemProcessor, handlers, input);
      abort = run.abort;
      stopped.addEventListener('abort', abort, { once: true });
      return { input, output: await run.result };
    } catch (cause) {
      const { name, message } = reasonOf(cause);
      return { input, error: `${name}: ${message}` };
    } finally {
      if (abort !== undefined) stopped.removeEventListener('abort', abort);
    }
  };
}

/** ItemSelector is a payload template over the state's input and `$$.Map.Item`. */
async function select(
  { ItemSelector }: DistributedMapState,
  input: unknown,
  item: unknown,
  index: number,
): Promise<unknown> {
  if (ItemSelector === undefined) return item;
  const pass = { Type: 'Pass', Parameters: ItemSelector, End: true };
  const machine = new StateMachine({ StartAt: 'Select', States: { Select: pass } } as never, {
    validationOptions: { noValidate: true },
  });
  return machine.run(input as never, {
    context: { Map: { Item: { Index: index, Value: item } } },
  }).result;
}

function batched(items: readonly unknown[], size: number | undefined, batchInput: unknown) {
  if (size === undefined) return [...items];
  const batches: unknown[] = [];
  for (let at = 0; at < items.length; at += size)
    batches.push({
      Items: items.slice(at, at + size),
      ...(batchInput === undefined ? {} : { BatchInput: batchInput }),
    });
  return batches;
}

async function writeResults(
  store: S3Store,
  { Bucket = '', Prefix = '' }: { Bucket?: string; Prefix?: string },
  outcomes: readonly Outcome[],
): Promise<object> {
  const run = randomUUID();
  const folder = `${Prefix === '' ? '' : `${Prefix.replace(/\/$/, '')}/`}${run}`;
  const put = async (name: string, value: unknown) => {
    const content = Buffer.from(JSON.stringify(value));
    const bytes = (async function* () {
      yield content;
    })();
    await store.put(Bucket, `${folder}/${name}`, bytes, { 'content-type': 'application/json' });
    return { Key: `${folder}/${name}`, Size: content.length };
  };
  const row = (outcome: Outcome) => ({
    Input: JSON.stringify(outcome.input),
    ...('error' in outcome
      ? { Status: 'FAILED', Cause: outcome.error }
      : { Status: 'SUCCEEDED', Output: JSON.stringify(outcome.output) }),
  });
  const succeeded = outcomes.filter((outcome) => !('error' in outcome)).map(row);
  const failed = outcomes.filter((outcome) => 'error' in outcome).map(row);
  const ResultFiles = {
    SUCCEEDED: succeeded.length > 0 ? [await put('SUCCEEDED_0.json', succeeded)] : [],
    FAILED: failed.length > 0 ? [await put('FAILED_0.json', failed)] : [],
    PENDING: [],
  };
  const { Key } = await put('manifest.json', { DestinationBucket: Bucket, ResultFiles });
  return { MapRunArn: `map-run:${run}`, ResultWriterDetails: { Bucket, Key } };
}
