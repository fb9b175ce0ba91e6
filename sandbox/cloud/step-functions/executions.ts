import { randomUUID } from 'node:crypto';
import { AccessDenied } from '../iam/access-denied.ts';
import type { RequireRights } from '../iam/authorize.ts';
import { InvocationError } from '../lambda/invocation-error.ts';
import type { LambdaFunction } from '../lambda/lambda-function.ts';
import type { S3Store } from '../s3/s3-store.ts';
import { KeptExecutions } from './kept-executions.ts';
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
  /** Functions that its definition named when it began. */
  readonly functions?: readonly string[];
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
  /** Permissions of a machine's role, for one execution. */
  readonly rightsOf: (roleArn: string, machineArn: string, execution: string) => RequireRights;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly store: S3Store;
  /** Directory that keeps executions over a restart; in memory only if undefined. */
  readonly folder?: string | undefined;
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** Receives every task's input and result, which Step Functions keeps in an execution's history. */
  readonly keepTask?: (stateMachineArn: string, task: object) => void;
}

/** The state machines of the assembly and their executions. */
export class Executions {
  readonly #dependencies: ExecutionsDependencies;
  readonly #kept: KeptExecutions | undefined;
  readonly #executions = new Map<string, Execution>();
  readonly #stops = new Map<string, (error?: string, cause?: string) => void>();
  #closing = false;

  constructor(dependencies: ExecutionsDependencies) {
    this.#dependencies = dependencies;
    if (dependencies.folder === undefined) return;
    this.#kept = new KeptExecutions(dependencies.folder);
    for (const execution of this.#kept.read(dependencies.now()))
      this.#executions.set(execution.executionArn, execution);
  }

  /**
   * Resumes executions that were running when the sandbox ended, from the first state: tasks of a
   * state machine must tolerate repetition. Step Functions keeps the definition that an execution
   * began with, and Lambda the versions that it names. The sandbox has only the code of the present
   * assembly: it runs that, and says so in its log.
   */
  resume(): void {
    for (const execution of this.#executions.values()) {
      if (execution.status !== 'RUNNING' || this.#stops.has(execution.executionArn)) continue;
      const definition = this.#dependencies.definitions.get(execution.stateMachineArn);
      if (definition === undefined)
        this.#failed(execution, statesError('States.Runtime', 'its state machine is gone'));
      else void this.#run(execution, definition);
      this.#dependencies.log(`${execution.name}: resumed after a restart\n`);
      const present = new Set(definition && functionsOf(definition.definition));
      for (const arn of execution.functions ?? [])
        if (!present.has(arn))
          this.#dependencies.log(
            `${execution.name}: began on ${arn}, which is not here: goes on with the code of this assembly\n`,
          );
    }
  }

  /** ARNs of those that have not ended. */
  get running(): readonly string[] {
    return [...this.#stops.keys()];
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
      functions: functionsOf(definition.definition),
      status: 'RUNNING',
    };
    this.#kept?.write(execution);
    this.#executions.set(execution.executionArn, execution);
    void this.#run(execution, definition);
    return execution;
  }

  stop(arn: string, error?: string, cause?: string): void {
    this.#stops.get(arn)?.(error, cause);
  }

  /** Stops running executions and keeps their state as running: the next start resumes them. */
  close(): void {
    this.#closing = true;
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
      this.#keepEnd(execution);
    }
  }

  /**
   * If the end cannot be stored (full disk), the next start finds the execution running and ends it
   * again.
   */
  #keepEnd(execution: Execution): void {
    if (this.#closing) return;
    try {
      this.#kept?.write(execution);
    } catch (cause) {
      this.#dependencies.log(
        `${execution.name}: its end is not kept: ${(cause as Error).message}\n`,
      );
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
    const { functions, store, rightsOf, keepTask } = this.#dependencies;
    const require: RequireRights = (...needs) =>
      rightsOf(roleArn, stateMachineArn, execution)(...needs);
    const handlers: StateHandlers = {
      async task(name, resource, input) {
        limitInput(name, input);
        const result = await runTask({ functions, require }, resource, input);
        keepTask?.(stateMachineArn, { execution, name, input, result });
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

/** ARNs of the Lambda functions that a definition names anywhere, in nested states too. */
const functionsOf = (definition: Definition): string[] => [
  ...new Set(JSON.stringify(definition).match(/arn:aws:lambda:[^"]+:function:[^"]+/g) ?? []),
];

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
    const { payload, version } = await invoke(dependencies, FunctionName, Payload ?? {});
    return lambdaInvokeResult(payload, version);
  }
  if (resource.includes(':lambda:')) return (await invoke(dependencies, resource, input)).payload;
  throw statesError('States.Runtime', `the sandbox does not carry out tasks of ${resource}`);
}

async function invoke(
  { functions, require }: TaskDependencies,
  arn: string,
  payload: unknown,
): Promise<{ readonly payload: unknown; readonly version: string }> {
  const fn = functions.get(arn);
  if (fn === undefined) throw statesError('Lambda.ResourceNotFoundException', `no function ${arn}`);
  try {
    require({ action: 'lambda:InvokeFunction', resource: arn });
    const answer = JSON.parse(await fn.invoke(JSON.stringify(payload))) as unknown;
    return { payload: answer, version: fn.settings.version };
  } catch (cause) {
    if (cause instanceof AccessDenied)
      throw statesError('Lambda.AWSLambdaException', cause.message);
    if (!(cause instanceof InvocationError)) throw cause;
    const name = cause.kind === 'handler' ? cause.errorType : 'Lambda.Unknown';
    throw statesError(name, cause.message);
  }
}
