import type { PlatformUnderTest } from '../e2e/platform-under-test.ts';
import { functionsThatUse } from './functions-that-use.ts';
import type { Step } from './step.ts';
import type { UseOfGrants } from './use-of-grants.ts';

/**
 * What became of a removal: a step failed for it; nothing failed, with a reason in the list or
 * without; or the step fails with all grants too, which says nothing.
 */
export type Outcome = 'noticed' | 'explained' | 'survived' | 'unsound';

export interface Removal {
  readonly id: string;
  readonly outcome: Outcome;
  /** The step that failed with its message, or the reason of the list. */
  readonly told: string;
}

interface Noticed {
  readonly id: string;
  readonly told: string;
}

/** After so many failures of a step it runs with all grants: what fails by itself is seen soon. */
const failuresPerControl = 8;

interface RemovalDependencies {
  readonly platform: PlatformUnderTest;
  readonly steps: readonly Step[];
  readonly use: UseOfGrants;
  readonly reasonFor: (id: string) => string | undefined;
  readonly onRemoval: (removal: Removal) => void;
}

/**
 * Takes these grants away one by one. A removal is noticed when, while the grant is away, an action
 * that it alone would have allowed is refused and the step fails; and when the same step passes soon
 * after with all grants.
 * @param ids of grants that some step used
 */
export async function removeEach(
  dependencies: RemovalDependencies,
  ids: readonly string[],
): Promise<void> {
  const { use, onRemoval } = dependencies;
  const first = new Map<string, string[]>();
  for (const id of ids) {
    const [name] = usersOf(id, use);
    first.set(name!, [...(first.get(name!) ?? []), id]);
  }
  const quickestFirst = [...first].toSorted(([a], [b]) => use.tookMs.get(a)! - use.tookMs.get(b)!);
  for (const [name, together] of quickestFirst) {
    const noticed: Noticed[] = [];
    const settle = async (): Promise<void> => {
      const some = noticed.splice(0);
      if (some.length === 0) return;
      const failure = await controlled(dependencies, name);
      for (const { id, told } of some)
        onRemoval(
          failure === undefined
            ? { id, outcome: 'noticed', told }
            : await removeByItself(dependencies, id),
        );
    };
    for (const id of together) {
      const told = await failureWithout(dependencies, id, name);
      if (told === undefined) onRemoval(await removeByItself(dependencies, id));
      else noticed.push({ id, told });
      if (noticed.length === failuresPerControl) await settle();
    }
    await settle();
  }
}

/** Tries every step that could use the grant, each with its own control. */
async function removeByItself(dependencies: RemovalDependencies, id: string): Promise<Removal> {
  let unsound: string | undefined;
  for (const name of usersOf(id, dependencies.use)) {
    const told = await failureWithout(dependencies, id, name);
    if (told === undefined) continue;
    const anyway = await controlled(dependencies, name);
    if (anyway === undefined) return { id, outcome: 'noticed', told };
    unsound = anyway;
  }
  if (unsound !== undefined) return { id, outcome: 'unsound', told: unsound };
  const reason = dependencies.reasonFor(id);
  return { id, outcome: reason === undefined ? 'survived' : 'explained', told: reason ?? '' };
}

/**
 * Names of the steps that used the grant, then of those that used others of the same role: a warm
 * function asks once for a key that it needs in many steps. The quickest first.
 */
function usersOf(id: string, { usedBy, tookMs }: UseOfGrants): readonly string[] {
  const quickest = (names: readonly string[]): string[] =>
    names.toSorted((a, b) => tookMs.get(a)! - tookMs.get(b)!);
  const role = /^Allow \w+Role: /.exec(id)?.[0];
  const ofRole = [...usedBy].filter(([other]) => role !== undefined && other.startsWith(role));
  return [
    ...new Set([
      ...quickest(usedBy.get(id) ?? []),
      ...quickest(ofRole.flatMap(([, names]) => names)),
    ]),
  ];
}

/**
 * How a step fails without the grant. Undefined where it passes, and where it fails although nothing
 * was refused for lack of the grant: that failure has another cause.
 */
async function failureWithout(
  { platform, steps }: RemovalDependencies,
  id: string,
  name: string,
): Promise<string | undefined> {
  const { cloud } = platform.sandbox;
  const users = functionsThatUse(cloud, id);
  // Functions remember keys, pages and filters: those that run already would not ask again.
  const forget = (): Promise<unknown> => Promise.all(users.map((fn) => fn.kill()));
  await forget();
  cloud.iam.withhold([id]);
  const failure = await failureOf(platform, stepNamed(steps, name));
  const missed = cloud.iam.missed.has(id);
  cloud.iam.withhold([]);
  await cloud.settled();
  await forget();
  return missed ? failure : undefined;
}

/** How a step fails with all grants, twice: once may be chance. */
async function controlled(
  { platform, steps }: RemovalDependencies,
  name: string,
): Promise<string | undefined> {
  const step = stepNamed(steps, name);
  const failure = await failureOf(platform, step);
  await platform.sandbox.cloud.settled();
  return failure && (await failureOf(platform, step));
}

const stepNamed = (steps: readonly Step[], name: string): Step =>
  steps.find((step) => step.name === name)!;

const failureOf = (platform: PlatformUnderTest, step: Step): Promise<string | undefined> =>
  step.run(platform).then(
    () => undefined,
    (cause: unknown) => `${step.name}: ${(cause as Error).message.slice(0, 100)}`,
  );
