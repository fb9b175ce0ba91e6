import { StateMachine } from 'aws-local-stepfunctions';
import { DataLimitExceeded, limitResult } from './data-limit.ts';
import { type StateHandlers, prepare } from './prepare.ts';
import type { Definition } from './states-language.ts';

export interface MachineRun {
  readonly result: Promise<unknown>;
  readonly abort: () => void;
}

/** Runs a definition with the local engine, within Step Functions' data limit for every state. */
export function runMachine(
  definition: Definition,
  handlers: StateHandlers,
  input: unknown,
  context: object = {},
): MachineRun {
  const { definition: runnable, tasks } = prepare(definition, handlers);
  const machine = new StateMachine(runnable as never, { validationOptions: { noValidate: true } });
  const run = machine.run(input as never, {
    overrides: { taskResourceLocalHandlers: tasks as never },
    context: context as never,
  });
  run.result.catch(() => {});
  const result = limitOutputs(run.eventLogs).then(
    () => run.result,
    (exceeded: unknown) => {
      run.abort();
      throw exceeded;
    },
  );
  return { result, abort: () => run.abort() };
}

type EventLogs = ReturnType<StateMachine['run']>['eventLogs'];

/** The engine passes outputs on itself and emits an event for each. Ends when the run has ended. */
async function limitOutputs(events: EventLogs): Promise<void> {
  for await (const event of events)
    if (event.type === 'StateExited') limitResult(event.state.name, event.state.output);
}

/** The error that ended a run: the engine stores the state's own error in `cause`. */
export const reasonOf = (failure: unknown): Error => {
  if (failure instanceof DataLimitExceeded) return failure;
  const { cause } = failure as Error;
  return cause instanceof Error ? cause : (failure as Error);
};
