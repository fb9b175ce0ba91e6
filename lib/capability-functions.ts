import type { Construct } from 'constructs';
import { importFromCapabilities } from './capability-folders.ts';
import type { BulkJobMachine } from './constructs/bulk-job-machine.ts';
import { PlatformFunction, type DeploymentProps } from './constructs/platform-function.ts';
import { operations } from './operations.ts';
import type { DataStack } from './stacks/data.ts';

/** The resources that a capability's function construct may grant itself access to. */
export interface CapabilityFunctionProps extends DeploymentProps {
  readonly data: DataStack;
  readonly bulkJob: BulkJobMachine;
}

type FunctionConstruct = new (scope: Construct, props: CapabilityFunctionProps) => PlatformFunction;

/** The construct in `function.ts` of every capability that has routes, by capability name. */
export const capabilityFunctions: ReadonlyMap<string, FunctionConstruct> = await findConstructs();

async function findConstructs(): Promise<ReadonlyMap<string, FunctionConstruct>> {
  const modules = await importFromCapabilities('function.ts');
  const constructs = new Map<string, FunctionConstruct>();
  for (const capability of new Set(operations.map((operation) => operation.capability))) {
    const found = modules.find((module) => module.capability === capability);
    const classes = Object.values(found?.exports ?? {}).filter(isFunctionConstruct);
    if (classes.length !== 1)
      throw new Error(
        `lambdas/capabilities/${capability}/function.ts must export one class that extends PlatformFunction`,
      );
    constructs.set(capability, classes[0]!);
  }
  return constructs;
}

function isFunctionConstruct(value: unknown): value is FunctionConstruct {
  return typeof value === 'function' && value.prototype instanceof PlatformFunction;
}
