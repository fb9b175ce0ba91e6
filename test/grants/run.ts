/**
 * `npm run test:grants`: runs what the platform is for, step by step, and compares what the templates
 * grant with what was used. A grant that nothing uses stands in `unusedHere` with its reason, or fails.
 *
 * `-- --remove [--only TEXT]… [--from N]`: then takes every used grant away by itself, one after the other, and
 * shows that a step which used it fails; `--from` goes on where a run was broken off. One sandbox; its policies change while it runs.
 */
import { parseArgs } from 'node:util';
import type { Grant } from '../../sandbox/cloud/iam/policy-document.ts';
import { startPlatform, type PlatformUnderTest } from '../e2e/platform-under-test.ts';
import type { Step } from './step.ts';
import { steps } from './steps.ts';
import { reasonFor } from './unused-here.ts';
import { useOfGrants, type UseOfGrants } from './use-of-grants.ts';

const { values } = parseArgs({
  options: {
    remove: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [''] },
    from: { type: 'string', default: '1' },
  },
});
const startedAt = performance.now();
// Every step registers a service, and each takes an API key of the pool.
const platform = await startPlatform(undefined, values.remove ? { clientKeys: '2500' } : {});
try {
  const use = await useOfGrants(platform, steps, (line) => console.log(line));
  const faults = compare(use) + (values.remove ? await removeEach(platform, use) : 0);
  console.log(`${Math.round((performance.now() - startedAt) / 1000)} s`);
  process.exitCode = faults === 0 ? 0 : 1;
} finally {
  await platform.sandbox.close();
}

/** Tells what no step used. @returns how many of them have no reason */
function compare({ grants, usedBy }: UseOfGrants): number {
  const unused = grants.filter(({ id }) => !usedBy.has(id));
  for (const { id } of unused) console.log(`unused    ${id}  ${reasonFor(id) ?? 'WITHOUT REASON'}`);
  const unexplained = unused.filter(({ id }) => reasonFor(id) === undefined).length;
  const used = grants.length - unused.length;
  console.log(
    JSON.stringify({
      grants: grants.length,
      used,
      explained: unused.length - unexplained,
      unexplained,
    }),
  );
  return unexplained;
}

/** @returns how many could be taken away unnoticed and without a reason */
async function removeEach(
  platform: PlatformUnderTest,
  { grants, usedBy }: UseOfGrants,
): Promise<number> {
  const counts = { removed: 0, noticed: 0, explained: 0, survived: 0, unsound: 0 };
  const chosen = grants.filter(
    ({ id }) => usedBy.has(id) && values.only.some((text) => id.includes(text)),
  );
  for (const [n, grant] of chosen.entries()) {
    if (n + 1 < Number(values.from)) continue;
    const failure = await without(platform, grant, stepsFor(grant, usedBy));
    const reason = reasonFor(grant.id);
    const outcome = outcomeOf(failure, reason);
    counts.removed += 1;
    counts[outcome] += 1;
    const at = `${n + 1}/${chosen.length}`.padEnd(8);
    console.log(`${at} ${outcome.padEnd(9)} ${grant.id}  ${failure?.message ?? reason ?? ''}`);
  }
  const stillFailing = await failingNow(platform, steps);
  for (const failure of stillFailing) console.log(`with all grants: ${failure}`);
  console.log(JSON.stringify(counts));
  return counts.survived + counts.unsound + stillFailing.length;
}

/**
 * The steps that used the grant, then those that used others of the same role: a warm function asks
 * once for a key that it needs in many steps.
 */
function stepsFor({ id }: Grant, usedBy: UseOfGrants['usedBy']): readonly string[] {
  const role = /^Allow \w+Role: /.exec(id)?.[0];
  const ofRole = [...usedBy].filter(([other]) => role !== undefined && other.startsWith(role));
  return [...new Set([...(usedBy.get(id) ?? []), ...ofRole.flatMap(([, names]) => names)])];
}

interface Failure {
  readonly message: string;
  /** The step fails with all grants too: its failure says nothing. */
  readonly unsound: boolean;
}

function outcomeOf(failure: Failure | undefined, reason: string | undefined) {
  if (failure !== undefined) return failure.unsound ? 'unsound' : 'noticed';
  return reason !== undefined ? 'explained' : 'survived';
}

/** The first step that fails without the grant and not with it. @param users names, in their order */
async function without(
  platform: PlatformUnderTest,
  { id }: Grant,
  users: readonly string[],
): Promise<Failure | undefined> {
  const { cloud } = platform.sandbox;
  const { iam, functions } = cloud;
  const failureOf = async (
    step: Step,
    withheld: readonly string[],
  ): Promise<string | undefined> => {
    // Functions remember keys, pages and filters: those that run already would not ask again.
    await Promise.all([...new Set(functions.values())].map((fn) => fn.kill()));
    iam.withhold(withheld);
    const [failure] = await failingNow(platform, [step]);
    iam.withhold([]);
    await cloud.settled();
    return failure;
  };
  let unsound: Failure | undefined;
  for (const name of users) {
    const step = steps.find((one) => one.name === name)!;
    const message = await failureOf(step, [id]);
    if (message === undefined) continue;
    // Twice: what fails by chance says nothing about the grant.
    const anyway = (await failureOf(step, [])) && (await failureOf(step, []));
    if (anyway === undefined) return { message, unsound: false };
    unsound = { message: anyway, unsound: true };
  }
  return unsound;
}

async function failingNow(
  platform: PlatformUnderTest,
  some: typeof steps,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const step of some)
    await step.run(platform).catch((cause: unknown) => {
      failures.push(`${step.name}: ${(cause as Error).message.slice(0, 100)}`);
    });
  return failures;
}
