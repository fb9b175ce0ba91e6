/**
 * `npm run test:grants`: runs what the platform is for, step by step, and compares what the templates
 * grant with what was used. A grant that nothing uses stands in `unusedHere` with its reason, or fails.
 *
 * `-- --remove [--only TEXT] [--from N]`: then takes every used grant away by itself, one after the other, and
 * shows that a step which used it fails; `--from` goes on where a run was broken off. One sandbox; its policies change while it runs.
 */
import { parseArgs } from 'node:util';
import type { Grant } from '../../sandbox/cloud/iam/policy-document.ts';
import { startPlatform, type PlatformUnderTest } from '../e2e/platform-under-test.ts';
import { steps } from './steps.ts';
import { reasonFor } from './unused-here.ts';
import { useOfGrants, type UseOfGrants } from './use-of-grants.ts';

const { values } = parseArgs({
  options: {
    remove: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    from: { type: 'string', default: '1' },
  },
});
const startedAt = performance.now();
const platform = await startPlatform();
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
  const counts = { removed: 0, noticed: 0, explained: 0, survived: 0 };
  const chosen = grants.filter(({ id }) => usedBy.has(id) && id.includes(values.only));
  for (const [n, grant] of chosen.entries()) {
    if (n + 1 < Number(values.from)) continue;
    const failure = await without(platform, grant, usedBy.get(grant.id) ?? []);
    const reason = reasonFor(grant.id);
    const outcome =
      failure !== undefined ? 'noticed' : reason !== undefined ? 'explained' : 'survived';
    counts.removed += 1;
    counts[outcome] += 1;
    const at = `${n + 1}/${chosen.length}`.padEnd(8);
    console.log(`${at} ${outcome.padEnd(9)} ${grant.id}  ${failure ?? reason ?? ''}`);
  }
  const stillFailing = await failingNow(platform, steps);
  for (const failure of stillFailing) console.log(`with all grants: ${failure}`);
  console.log(JSON.stringify(counts));
  return counts.survived + stillFailing.length;
}

/** The first step that fails without the grant, of those that use it. */
async function without(
  { sandbox, ...rest }: PlatformUnderTest,
  { id }: Grant,
  users: readonly string[],
): Promise<string | undefined> {
  const { cloud } = sandbox;
  const { iam, functions } = cloud;
  try {
    for (const step of steps.filter(({ name }) => users.includes(name))) {
      // Functions remember keys, pages and filters: those that run already would not ask again.
      await Promise.all([...new Set(functions.values())].map((fn) => fn.kill()));
      iam.withhold([id]);
      const [failure] = await failingNow({ sandbox, ...rest }, [step]);
      if (failure !== undefined) return failure;
    }
    return undefined;
  } finally {
    iam.withhold([]);
    await cloud.settled();
  }
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
