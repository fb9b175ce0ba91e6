/**
 * `npm run test:grants`: takes every single grant of the templates away, one after the other, and shows
 * that something then fails. One sandbox; policies change while it runs. What survives is superfluous,
 * or stands in `unusedHere` with its reason. Takes about a quarter of an hour.
 */
import { startPlatform } from '../e2e/platform-under-test.ts';
import { reasonFor } from './unused-here.ts';
import { useOfGrants } from './use-of-grants.ts';
import { steps } from './steps.ts';

const only = process.argv[2];
const platform = await startPlatform();
const { iam, functions } = platform.sandbox.cloud;
const counts = { killed: 0, explained: 0, survived: 0 };
try {
  const { usedBy, grants } = await useOfGrants(platform, steps, (line) => console.log(line));
  const unused = grants.filter(({ id }) => !usedBy.has(id));
  console.log(`${grants.length} grants, ${unused.length} not used:`);
  for (const { id } of unused) console.log(`  ${id}`);
  for (const { id } of grants) {
    if (only !== undefined && !id.includes(only)) continue;
    const failure = await without(id, usedBy.get(id) ?? []);
    const reason = reasonFor(id);
    const outcome =
      failure !== undefined ? 'killed' : reason !== undefined ? 'explained' : 'survived';
    counts[outcome] += 1;
    console.log(`${outcome.padEnd(9)} ${id}  ${failure ?? reason ?? ''}`);
  }
} finally {
  await platform.sandbox.close();
}
console.log(JSON.stringify(counts));
process.exitCode = counts.survived === 0 ? 0 : 1;

/** Which step fails without the grant, of those that use it. Functions start anew: they remember keys. */
async function without(id: string, users: readonly string[]): Promise<string | undefined> {
  try {
    for (const step of steps.filter(({ name }) => users.includes(name))) {
      await Promise.all([...new Set(functions.values())].map((fn) => fn.kill()));
      iam.withhold([id]);
      try {
        await step.run(platform);
      } catch (cause) {
        return `${step.name}: ${(cause as Error).message.slice(0, 100)}`;
      }
    }
    return undefined;
  } finally {
    iam.withhold([]);
    await platform.sandbox.cloud.settled();
  }
}
