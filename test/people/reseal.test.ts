import { describe, expect, it } from '@jest/globals';
import { mergeSubjects } from '../../lambdas/people/operator-acts.ts';
import { enrolChip, findEnrolledChip } from '../../lambdas/people/chips.ts';
import { findCertificatesByPpid } from '../../lambdas/people/find-certificates.ts';
import { personOfPpid } from '../../lambdas/people/find-person.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { reseal } from '../../lambdas/people/reseal.ts';
import { versionOf } from '../../lambdas/people/seal.ts';
import { labelledKeys } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, linkageOf, portsWith } from './scene.ts';

const serials = [1, 2, 3, 4];
const services = [a, b];

async function populated() {
  const store = memoryIdentityStore();
  const linkage = linkageOf({ 2: 1, 4: { beside: 3 } });
  const at = (version: number) => portsWith({ store, linkage, keys: labelledKeys(version) });
  const logInAll = async (version: number) => {
    const ppids: string[] = [];
    for (const service of services) {
      for (const serial of serials) {
        ppids.push(await identifyPerson(certificate(serial), service, at(version)));
      }
    }
    return ppids;
  };
  const walk = (version: number) =>
    reseal(undefined, { ...at(version), store, timeIsUp: () => false });
  const versions = () =>
    new Set(
      [...store.records.values()].flatMap(({ pk, sk, sealed, owner }) => [
        versionOf(sealed),
        ...(owner ? [versionOf(owner)] : []),
        ...[pk, sk].flatMap((name) => /^[CEHKP]#(\d+)#/.exec(name)?.[1] ?? []).map(Number),
      ]),
    );
  return { store, at, logInAll, walk, versions };
}

describe('a new version of the keys', () => {
  it('finds every person before, during and after the scan, with the same PPIDs', async () => {
    const { store, at, logInAll, walk, versions } = await populated();
    const before = await logInAll(1);
    const persons = [before[0]!, before[2]!].map(
      async (ppid) => (await personOfPpid(at(1), 'svc_a', ppid))!.value.subjectId,
    );
    const [keep, absorb] = (await Promise.all(persons)) as [string, string];
    await mergeSubjects({ keep, absorb, operator: 'op', reason: 'r' }, at(1));
    const merged = await logInAll(1);
    expect(await logInAll(2)).toEqual(merged);
    const chip = { certificate: certificate(2), publicKey: Buffer.from('key') };
    await enrolChip(at(1), 'svc_a', merged[1]!, chip);
    const records = store.records.size;
    const walked = await walk(2);
    expect(walked.subjects).toBe(2);
    expect(versions()).toEqual(new Set([2]));
    expect(store.records.size).toBe(records);
    expect(await logInAll(2)).toEqual(merged);
    expect(await logInAll(3)).toEqual(merged);
    const find = findCertificatesByPpid(at(2));
    expect(await find('svc_a', before[0]!)).toEqual(
      await findCertificatesByPpid(at(3))('svc_a', before[0]!),
    );
    expect(await findEnrolledChip(at(3), 'svc_a', certificate(2))).toMatchObject({
      publicKey: chip.publicKey,
    });
    await expect(enrolChip(at(2), 'svc_a', merged[0]!, chip)).resolves.toBeUndefined();
    expect((await walk(2)).records).toBe(0);
  });

  it('is refused nothing when the walk dies anywhere: it is walked again', async () => {
    const { store, logInAll, walk, versions } = await populated();
    const before = await logInAll(1);
    const write = store.write.bind(store);
    for (let survives = 0; ; survives++) {
      let left = survives;
      store.write = async (changes) => {
        if (left-- === 0) throw new Error('killed');
        return write(changes);
      };
      const died = await walk(2).then(
        () => false,
        () => true,
      );
      store.write = write;
      expect(await logInAll(2)).toEqual(before);
      if (!died) break;
    }
    expect(versions()).toEqual(new Set([2]));
  });
});
