import { randomUUID } from 'node:crypto';
import { AccessDenied } from '../iam/access-denied.ts';
import type { RequireRights } from '../iam/authorize.ts';
import { InvocationError } from '../lambda/invocation-error.ts';
import type { LambdaFunction } from '../lambda/lambda-function.ts';
import type { S3Store } from '../s3/s3-store.ts';
import { type MapInput, runDistributedMap } from './distributed-map.ts';
import { limitInput, limitResult } from './data-limit.ts';
import { lambdaInvokeResult } from './lambda-invoke-result.ts';
import type { StateHandlers } from './prepare.ts';
import { type Definition, statesError } from './states-language.ts';
import { reasonOf, runMachine } from './run-machine.ts';

export interface Execution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: string;
  readonly startDate: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  stopDate?: number;
  output?: string;
  error?: string;
  cause?: string;
}

export interface MachineDefinition {
  readonly definition: Definition;
  readonly roleArn: string;
}

export interface ExecutionsDependencies {
  readonly definitions: ReadonlyMap<string, MachineDefinition>;
  /** What the role of a machine may do, for one execution. */
  readonly rightsOf: (roleArn: string, machineArn: string, execution: string) => RequireRights;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly store: S3Store;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** The state machines of the assembly and what they have run. */
export class Executions {
  readonly #dependencies: ExecutionsDependencies;
  readonly #executions = new Map<string, Execution>();
  readonly #stops = new Map<string, (error?: string, cause?: string) => void>();

  constructor(dependencies: ExecutionsDependencies) {
    this.#dependencies = dependencies;
  }

  find = (arn: string): Execution | undefined => this.#executions.get(arn);

  has = (stateMachineArn: string): boolean => this.#dependencies.definitions.has(stateMachineArn);

  list = (stateMachineArn: string): Execution[] =>
    [...this.#executions.values()].filter((each) => each.stateMachineArn === stateMachineArn);

  executionArn = (stateMachineArn: string, name: string): string =>
    `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

  start(stateMachineArn: string, input: string, name: string = randomUUID()): Execution {
    const definition = this.#dependencies.definitions.get(stateMachineArn);
    if (definition === undefined) throw new Error(`no state machine ${stateMachineArn}`);
    const execution: Execution = {
      executionArn: this.executionArn(stateMachineArn, name),
      stateMachineArn,
      name,
      input,
      startDate: this.#dependencies.now(),
      status: 'RUNNING',
    };
    this.#executions.set(execution.executionArn, execution);
    void this.#run(execution, definition);
    return execution;
  }

  stop(arn: string, error?: string, cause?: string): void {
    this.#stops.get(arn)?.(error, cause);
  }

  close(): void {
    for (const stop of this.#stops.values()) stop();
  }

  async #run(execution: Execution, machine: MachineDefinition): Promise<void> {
    const stopping = new AbortController();
    const { definition } = machine;
    const handlers = this.#handlers(execution, machine, stopping.signal);
    const run = runMachine(definition, handlers, JSON.parse(execution.input), {
      Execution: { Id: execution.executionArn, Name: execution.name },
      StateMachine: { Id: execution.stateMachineArn },
    });
    this.#stops.set(execution.executionArn, (error, cause) => {
      Object.assign(execution, { status: 'ABORTED', stopDate: this.#dependencies.now() });
      if (error !== undefined) execution.error = error;
      if (cause !== undefined) execution.cause = cause;
      stopping.abort();
      run.abort();
    });
    try {
      const output: unknown = await run.result;
      if (execution.status === 'RUNNING') {
        execution.status = 'SUCCEEDED';
        execution.output = JSON.stringify(output ?? null);
      }
    } catch (failure) {
      if (execution.status === 'RUNNING') this.#failed(execution, failure as Error);
    } finally {
      execution.stopDate ??= this.#dependencies.now();
      this.#stops.delete(execution.executionArn);
    }
  }

  #failed(execution: Execution, failure: Error): void {
    const reason = reasonOf(failure);
    execution.status = failure.name === 'ExecutionTimeoutError' ? 'TIMED_OUT' : 'FAILED';
    execution.error = reason.name;
    execution.cause = reason.message;
    this.#dependencies.log(`${execution.name}: ${reason.name}: ${reason.message}\n`);
  }

  #handlers(
    { stateMachineArn, name: execution }: Execution,
    { roleArn }: MachineDefinition,
    stopped: AbortSignal,
  ): StateHandlers {
    const { functions, store, rightsOf } = this.#dependencies;
    const require: RequireRights = (...needs) =>
      rightsOf(roleArn, stateMachineArn, execution)(...needs);
    const handlers: StateHandlers = {
      async task(name, resource, input) {
        limitInput(name, input);
        const result = await runTask({ functions, require }, resource, input);
        limitResult(name, result);
        return result;
      },
      async distributedMap(name, state, input) {
        limitInput(name, (input as MapInput).input);
        const run = { handlers, store, stopped, require, stateMachineArn };
        const result = await runDistributedMap(state, input as MapInput, run);
        limitResult(name, result);
        return result;
      },
    };
    return handlers;
  }
}

interface TaskDependencies {
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly require: RequireRights;
}

async function runTask(
  dependencies: TaskDependencies,
  resource: string,
  input: unknown,
): Promise<unknown> {
  if (resource.endsWith(':states:::lambda:invoke')) {
    const { FunctionName, Payload } = input as { FunctionName: string; Payload?: unknown };
    const payload = await invoke(dependencies, FunctionName, Payload ?? {});
    return lambdaInvokeResult(payload);
  }
  if (resource.includes(':lambda:')) return invoke(dependencies, resource, input);
  throw statesError('States.Runtime', `the sandbox does not carry out tasks of ${resource}`);
}

async function invoke(
  { functions, require }: TaskDependencies,
  name: string,
  payload: unknown,
): Promise<unknown> {
  const arn = name.replace(/(:function:[^:]+):.*$/, '$1');
  const fn = functions.get(arn);
  if (fn === undefined) throw statesError('Lambda.ResourceNotFoundException', `no function ${arn}`);
  try {
    require({ action: 'lambda:InvokeFunction', resource: arn });
    return JSON.parse(await fn.invoke(JSON.stringify(payload))) as unknown;
  } catch (cause) {
    if (cause instanceof AccessDenied)
      throw statesError('Lambda.AWSLambdaException', cause.message);
    if (!(cause instanceof InvocationError)) throw cause;
    const name = cause.kind === 'handler' ? cause.errorType : 'Lambda.Unknown';
    throw statesError(name, cause.message);
  }
}
