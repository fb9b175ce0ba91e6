import type { Definition, DistributedMapState, State } from './states-language.ts';

/** Implementations of the states with external effects. */
export interface StateHandlers {
  task(name: string, resource: string, input: unknown): Promise<unknown>;
  distributedMap(name: string, state: DistributedMapState, input: unknown): Promise<unknown>;
}

export interface Prepared {
  readonly definition: Definition;
  /** by state name */
  readonly tasks: Readonly<Record<string, (input: unknown) => Promise<unknown>>>;
}

/** The engine's default timeout for tasks is 60 s; Lambda's maximum is 15 minutes. */
const taskTimeoutSeconds = 900;
const mapTimeoutSeconds = 2_000_000;

/**
 * Makes a definition executable by the local engine: Task states get handlers; distributed Map
 * states, whose ItemReader and ItemBatcher the engine does not support, become Task states with a
 * handler.
 */
export function prepare(definition: Definition, handlers: StateHandlers): Prepared {
  const tasks: Record<string, (input: unknown) => Promise<unknown>> = {};
  const nested = (inner: Definition): Definition => {
    const prepared = prepare(inner, handlers);
    Object.assign(tasks, prepared.tasks);
    return prepared.definition;
  };
  const ready = ([name, state]: [string, State]): [string, State] => {
    if (state.Type === 'Task') {
      tasks[name] = (input) => handlers.task(name, state.Resource ?? '', input);
      return [name, { TimeoutSeconds: taskTimeoutSeconds, ...state }];
    }
    if (state.Type === 'Map' && isDistributed(state)) {
      const map = state as unknown as DistributedMapState;
      tasks[name] = (input) => handlers.distributedMap(name, map, input);
      return [name, standIn(state, map)];
    }
    return [
      name,
      {
        ...state,
        ...(state.Branches && { Branches: state.Branches.map(nested) }),
        ...(state.ItemProcessor && { ItemProcessor: nested(state.ItemProcessor) }),
        ...(state.Iterator && { Iterator: nested(state.Iterator) }),
      },
    ];
  };
  const States = Object.fromEntries(Object.entries(definition.States).map(ready));
  return { definition: { ...definition, States }, tasks };
}

const isDistributed = (state: State): boolean =>
  state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED' ||
  state['ItemReader'] !== undefined ||
  state['ItemBatcher'] !== undefined;

const kept = [
  'Comment',
  'InputPath',
  'ResultSelector',
  'ResultPath',
  'OutputPath',
  'Retry',
  'Catch',
  'Next',
  'End',
];

const standIn = (state: State, map: DistributedMapState): State => ({
  ...Object.fromEntries(Object.entries(state).filter(([field]) => kept.includes(field))),
  Type: 'Task',
  Resource: 'sandbox:distributed-map',
  Parameters: mapParameters(map),
  TimeoutSeconds: mapTimeoutSeconds,
});

/** Parameters of a Task state that replaces a distributed Map state. */
const mapParameters = (state: DistributedMapState): object => ({
  'input.$': '$',
  ...(state.ItemReader === undefined
    ? { 'items.$': state.ItemsPath ?? '$' }
    : { reader: state.ItemReader.Parameters ?? {} }),
  ...(state.ResultWriter === undefined ? {} : { writer: state.ResultWriter.Parameters ?? {} }),
  ...(state.ItemBatcher?.BatchInput === undefined
    ? {}
    : { batchInput: state.ItemBatcher.BatchInput }),
});
