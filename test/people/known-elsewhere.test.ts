import { expect, it } from '@jest/globals';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import type { IdentityStore } from '../../lambdas/people/identity-store.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, linkageOf, portsWith } from './scene.ts';

/** A platform that writes down every call of a port, in order. */
function observed() {
  const steps: string[] = [];
  const store = memoryIdentityStore();
  const noted: IdentityStore = {
    read: (key) => {
      steps.push(`read ${key.sk.slice(0, 1)}`);
      return store.read(key);
    },
    list: (...asked) => {
      steps.push(`list ${asked[1]}`);
      return store.list(...asked);
    },
    write: (changes) => {
      steps.push('write');
      return store.write(changes);
    },
  };
  const linkage = linkageOf({});
  const ports = portsWith({
    store: { ...store, ...noted },
    linkage: {
      ...linkage,
      predecessorOf: (...asked) => {
        steps.push('linkage');
        return linkage.predecessorOf(...asked);
      },
    },
  });
  const counted = {
    ...ports,
    ppidMac: (...asked: Parameters<typeof ports.ppidMac>) => {
      steps.push('ppid MAC');
      return ports.ppidMac(...asked);
    },
  };
  return {
    stepsOf: async (act: (known: typeof counted) => Promise<unknown>) => {
      steps.length = 0;
      await act(counted);
      return [...steps];
    },
  };
}

it('takes the same steps for a person who is new everywhere and one whom another service knows', async () => {
  const { stepsOf } = observed();
  const newEverywhere = await stepsOf((ports) => identifyPerson(certificate(1), a, ports));
  const knownElsewhere = await stepsOf((ports) => identifyPerson(certificate(1), b, ports));
  expect(knownElsewhere).toEqual(newEverywhere);
  expect(newEverywhere).toContain('linkage');
  expect(newEverywhere.filter((step) => step === 'write')).toHaveLength(1);
});
