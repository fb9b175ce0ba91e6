import { parseArgs } from 'node:util';
import { startPlatform, type PlatformUnderTest } from '../e2e/platform-under-test.ts';
import { Progress } from './progress.ts';
import { removeEach } from './remove-grants.ts';
import { steps } from './steps.ts';
import { reasonFor } from './unused-here.ts';
import { useOfGrants, type UseOfGrants } from './use-of-grants.ts';

const help = `npm run test:grants [-- --remove [--only TEXT]… [--from N] [--to N] [--progress FILE]]

Runs what the platform is for, step by step, in one sandbox, and compares what the templates grant
with what was used. A grant that nothing uses stands in test/grants/unused-here.ts with its reason, or
the run fails.

--remove         then takes every used grant away by itself and fails unless a step notices: an action
                 that this grant alone would have allowed is refused, the step fails, and it passes
                 again with all grants
--only TEXT      only grants whose line contains one of these texts
--from N --to N  only the N-th to the N-th of the chosen grants
--progress FILE  goes on where an earlier run on the same commit was broken off: the steps are not
                 run through again; grants that it noticed or explained are not tried again, and
                 count in the summary

The last line sums up: grants, used, tried, noticed, explained, survived, unsound (the step fails with
all grants too), left (used and not tried yet).
`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    remove: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [''] },
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: 'Infinity' },
    progress: { type: 'string' },
  },
});
if (values.help) console.log(help);
else await run();

async function run(): Promise<void> {
  const startedAt = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1000);
  // Every step registers a service, and each takes an API key of the pool.
  const platform = await startPlatform(undefined, values.remove ? { clientKeys: '2500' } : {});
  try {
    const progress = new Progress(values.progress);
    const use = await walk(platform, progress);
    let faults = compare(use);
    console.log(`every step once: ${seconds()} s`);
    if (values.remove) {
      const all = use.grants.filter(
        ({ id }) => use.usedBy.has(id) && values.only.some((text) => id.includes(text)),
      );
      const part = all.slice(Number(values.from) - 1, Number(values.to));
      const ids = part.map(({ id }) => id).filter((id) => !progress.isDone(id));
      let tried = 0;
      const onRemoval: Parameters<typeof removeEach>[0]['onRemoval'] = (removal) => {
        progress.add(removal);
        const at = `${(tried += 1)}/${ids.length}`.padEnd(8);
        console.log(`${at} ${removal.outcome.padEnd(9)} ${removal.id}  ${removal.told}`);
      };
      await removeEach({ platform, steps, use, reasonFor, onRemoval }, ids);
      const summary = progress.summary();
      const used = use.usedBy.size;
      const left = used - summary.tried;
      console.log(JSON.stringify({ grants: use.grants.length, used, ...summary, left }));
      faults += summary.survived + summary.unsound;
    }
    console.log(`${seconds()} s`);
    process.exitCode = faults === 0 ? 0 : 1;
  } finally {
    await platform.sandbox.close();
  }
}

async function walk(platform: PlatformUnderTest, progress: Progress): Promise<UseOfGrants> {
  const { walk: known } = progress;
  if (known === undefined) {
    const use = await useOfGrants(platform, steps, (line) => console.log(line));
    progress.keepWalk(use);
    return use;
  }
  // The lists that other steps look into.
  await steps[0]!.run(platform);
  return { ...known, grants: platform.sandbox.cloud.iam.grants() };
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
