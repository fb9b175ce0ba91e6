import type { Grant } from '../../sandbox/cloud/iam/policy-document.ts';
import type { PlatformUnderTest } from '../e2e/platform-under-test.ts';
import type { Step } from './step.ts';

export interface UseOfGrants {
  /** All that the templates grant. */
  readonly grants: readonly Grant[];
  /** Id of a grant → names of the steps that used it. */
  readonly usedBy: ReadonlyMap<string, readonly string[]>;
  /** Name of a step → how long it took, in milliseconds. */
  readonly tookMs: ReadonlyMap<string, number>;
}

/** Runs every step and sees which grants let its requests through. @throws where a step fails */
export async function useOfGrants(
  { sandbox, ...platform }: PlatformUnderTest,
  steps: readonly Step[],
  tell: (line: string) => void = () => {},
): Promise<UseOfGrants> {
  const { iam } = sandbox.cloud;
  const usedBy = new Map<string, string[]>();
  const tookMs = new Map<string, number>();
  // Functions remember keys: those that run already would not ask for them again.
  await Promise.all([...new Set(sandbox.cloud.functions.values())].map((fn) => fn.kill()));
  for (const step of steps) {
    iam.forgetUsed();
    const startedAt = performance.now();
    await step.run({ sandbox, ...platform }).catch((cause: unknown) => {
      throw new Error(`${step.name}: ${(cause as Error).message}`, { cause });
    });
    await sandbox.cloud.settled();
    for (const id of iam.used) usedBy.set(id, [...(usedBy.get(id) ?? []), step.name]);
    const took = Math.round(performance.now() - startedAt);
    tookMs.set(step.name, took);
    tell(`${step.name}: ${iam.used.size} grants, ${took} ms`);
  }
  return { grants: iam.grants(), usedBy, tookMs };
}
