import type { ItemReader } from './read-items.ts';

/** The parts of an Amazon States Language definition that are read here. */
export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly ProcessorConfig?: { readonly Mode?: string };
}

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Branches?: readonly Definition[];
  readonly ItemProcessor?: Definition;
  readonly Iterator?: Definition;
  readonly [field: string]: unknown;
}

export interface DistributedMapState {
  readonly ItemReader?: ItemReader & { Parameters?: object };
  readonly ItemProcessor: Definition;
  readonly ItemSelector?: object;
  readonly ItemBatcher?: { MaxItemsPerBatch?: number; BatchInput?: object };
  readonly ItemsPath?: string;
  readonly MaxConcurrency?: number;
  readonly ToleratedFailurePercentage?: number;
  readonly ToleratedFailureCount?: number;
  readonly ResultWriter?: { Parameters?: object };
}

/** An error with the name that Retry and Catch match. */
export function statesError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
