import { describe, expect, it } from '@jest/globals';
import { runPkitsCase } from './pkits-case.ts';
import { readPkitsCases, whereToGetIt } from './pkits-source.ts';

const cases = readPkitsCases();
/** The suite has 249 cases; without its file they count as skipped, never as passed. */
const suiteSize = 249;

describe('NIST PKITS', () => {
  if (cases === undefined) {
    console.warn(
      `../shared/vectors/pkits.json was not found: its cases are skipped; ${whereToGetIt}`,
    );
    const skipped = it['skip'];
    for (let n = 1; n <= suiteSize; n++) skipped(`case ${n}`, () => undefined);
    return;
  }
  it('has all cases', () => expect(cases).toHaveLength(suiteSize));
  const repeated = new Map<string, number>();
  for (const one of cases) {
    const count = (repeated.get(one.number) ?? 0) + 1;
    repeated.set(one.number, count);
    const variant = count > 1 ? ` (inputs ${count})` : '';
    const verb = one.shouldValidate ? 'accepts' : 'refuses';
    it(`${verb} ${one.number} ${one.title}${variant}`, async () => {
      const outcome = await runPkitsCase(one);
      expect(outcome.valid).toBe(one.shouldValidate);
      if (one.shouldValidate) {
        expect(outcome.userConstrainedPolicySet).toEqual([...one.userConstrainedPolicySet].sort());
      }
    });
  }

  it('refuses 4.1.5 with a forged signature under the key that inherits its parameters', async () => {
    const one = cases.find(({ number }) => number === '4.1.5')!;
    const leaf = Buffer.from(one.certs.at(-1)!, 'base64');
    leaf[leaf.length - 1]! ^= 1;
    const certs = [...one.certs.slice(0, -1), leaf.toString('base64')];
    expect(await runPkitsCase({ ...one, certs })).toMatchObject({ valid: false });
  });
});
