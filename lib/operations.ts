import type { OperationContract } from '../lambdas/platform/http/operation-contract.ts';
import type { Scope } from '../lambdas/platform/http/scope.ts';
import { importFromCapabilities } from './capability-folders.ts';

/** An operation with its place in the whole API. */
export interface Operation extends OperationContract {
  /** The folder that contains it and the function that serves it. */
  readonly capability: string;
}

/**
 * Every operation of the API, collected from the `contract.ts` of each capability folder. Routes,
 * OpenAPI document, documentation pages and tests are generated from this; functions import only
 * their own contracts.
 */
export const operations: readonly Operation[] = assemble(
  await importFromCapabilities('contract.ts'),
);

/** Every scope that a contract requires, by name. */
export const scopes: readonly Scope[] = scopesOf(operations);

/** @throws Error if no contract has this id */
export function operationOf(id: string): Operation {
  const found = operations.find((operation) => operation.id === id);
  if (found === undefined) throw new Error(`no contract has the id ${id}`);
  return found;
}

function assemble(
  modules: Awaited<ReturnType<typeof importFromCapabilities>>,
): readonly Operation[] {
  const all = modules.flatMap(({ capability, exports }) =>
    Object.values(exports)
      .filter(isContract)
      .map((contract) => ({ ...contract, capability })),
  );
  refuseDuplicates(all, ({ id }) => id);
  refuseDuplicates(all, ({ method, path }) => `${method} ${path}`);
  return all;
}

/** Contracts export operations, schemas and scopes; only an operation has a method and a path. */
function isContract(value: unknown): value is OperationContract {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['id', 'method', 'path', 'scope', 'responses'].every((name) => Object.hasOwn(value, name))
  );
}

function refuseDuplicates(all: readonly Operation[], keyOf: (operation: Operation) => string) {
  for (const [key, same] of Map.groupBy(all, keyOf)) {
    if (same.length > 1)
      throw new Error(`${key} is declared by ${same.map(({ capability }) => capability).join()}`);
  }
}

function scopesOf(all: readonly Operation[]): readonly Scope[] {
  const byName = new Map<string, Scope>();
  for (const { id, scope, widerWith } of all)
    for (const asked of [scope, widerWith]) {
      if (asked === undefined || asked === 'public') continue;
      const known = byName.get(asked.name) ?? asked;
      if (known !== asked) throw new Error(`${id} declares the scope ${asked.name} a second time`);
      byName.set(asked.name, asked);
    }
  return [...byName.values()];
}
