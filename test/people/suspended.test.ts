import { describe, expect, it } from '@jest/globals';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { mergeSubjects } from '../../lambdas/people/operator-acts.ts';
import {
  findOwner,
  readStanding,
  resealed,
  type RecordPorts,
} from '../../lambdas/people/records.ts';
import { a, b, certificate, linkageOf, portsWith } from './scene.ts';

/** A person who has logged in at service a with certificate 1, then asked that use be suspended. */
async function suspendedPerson() {
  const here = portsWith({ linkage: linkageOf({ 2: 1 }) });
  await identifyPerson(certificate(1), a, here);
  const standing = (await readStanding(here, await subjectOf(1, here)))!;
  const index = await here.keys.index(here.keys.versions[0]);
  const record = resealed(standing.record, index, { ...standing.value, suspended: true });
  expect(await here.store.write([{ change: 'replace', record, was: standing.token }])).toBe(true);
  return here;
}

async function subjectOf(serial: number, here: RecordPorts): Promise<string> {
  return (await findOwner(here, certificate(serial)))!.value.subjectId;
}

describe('a person whose use is suspended', () => {
  it.each([
    ['the service that knows the person', 1, a],
    ['a service that does not know the person', 1, b],
    ['a renewed card, never seen here', 2, a],
  ])('is refused at %s', async (_, serial, service) => {
    const here = await suspendedPerson();
    await expect(identifyPerson(certificate(serial), service, here)).rejects.toMatchObject({
      code: 'subject-suspended',
    });
  });

  it('is not confused with another person', async () => {
    const here = await suspendedPerson();
    await expect(identifyPerson(certificate(3), a, here)).resolves.toMatch(/^[a-z2-7]{32}$/);
  });

  it.each([
    ['absorbed', 3, 1],
    ['kept', 1, 3],
  ])('stays suspended as the %s one of two that an operator merges', async (_, keep, absorb) => {
    const here = await suspendedPerson();
    await identifyPerson(certificate(3), a, here);
    const [kept, absorbed] = [await subjectOf(keep, here), await subjectOf(absorb, here)];
    const act = { operator: 'op_1', reason: 'two records, one person' };
    await mergeSubjects({ keep: kept, absorb: absorbed, ...act }, here);
    for (const serial of [1, 3]) {
      for (const service of [a, b]) {
        await expect(identifyPerson(certificate(serial), service, here)).rejects.toMatchObject({
          code: 'subject-suspended',
        });
      }
    }
  });
});
