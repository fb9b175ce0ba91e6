import { describe, expect, it } from '@jest/globals';
import { isCodedError } from '../../lambdas/errors.ts';
import { currentCards, heldByPerson } from '../../lambdas/people/find-certificates.ts';
import { personOfPpid, registrationOfPerson } from '../../lambdas/people/find-person.ts';
import { identifyPerson, type PersonPorts } from '../../lambdas/people/identify-person.ts';
import { keepRegistration } from '../../lambdas/people/keep-registration.ts';
import { actsOn, mergeSubjects, splitSubject } from '../../lambdas/people/operator-acts.ts';
import { keepSignatureAnswer } from '../../lambdas/people/signature-certificate.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, linkageOf, portsWith } from './scene.ts';

const because = { operator: 'op_1', reason: 'r' };
const logIn = (ports: PersonPorts, serial: number, service = a) =>
  identifyPerson(certificate(serial), service, ports);

const person = async (ports: PersonPorts, serial: number) =>
  (await personOfPpid(ports, a.serviceId, await logIn(ports, serial)))!.value;

interface Operation {
  readonly name: string;
  readonly before: (ports: PersonPorts) => Promise<unknown>;
  readonly run: (ports: PersonPorts) => Promise<unknown>;
}

const operations: readonly Operation[] = [
  {
    name: 'the first login of a person',
    before: async () => undefined,
    run: (ports) => logIn(ports, 1),
  },
  {
    name: 'the first login with a renewed card that skips one',
    before: (ports) => logIn(ports, 1),
    run: (ports) => logIn(ports, 3),
  },
  {
    name: 'the first login with a phone',
    before: (ports) => logIn(ports, 1),
    run: (ports) => logIn(ports, 4),
  },
  {
    name: 'the first login at a second service',
    before: (ports) => logIn(ports, 1),
    run: (ports) => logIn(ports, 1, b),
  },
  {
    name: 'a merge',
    before: (ports) => Promise.all([logIn(ports, 1), logIn(ports, 9)]),
    run: async (ports) => {
      const [keep, absorb] = [await person(ports, 1), await person(ports, 9)];
      await mergeSubjects({ keep: keep.subjectId, absorb: absorb.subjectId, ...because }, ports);
    },
  },
  {
    name: 'a split',
    before: async (ports) => {
      await logIn(ports, 1);
      await logIn(ports, 4);
    },
    run: async (ports) => {
      const one = await person(ports, 1);
      const held = await heldByPerson(ports, one);
      const phone = held.filter(({ value }) => value.certificate.serial.endsWith('4'));
      await splitSubject(
        { person: one.subjectId, held: phone.map(({ key }) => key.sk), ...because },
        ports,
      );
    },
  },
  {
    name: 'keeping a baseline',
    before: (ports) => logIn(ports, 1),
    run: async (ports) => {
      const one = await person(ports, 1);
      const known = (await registrationOfPerson(ports, a.serviceId, one))!;
      const baseline = {
        certificate: { issuerKeyId: 'c'.repeat(64), serial: '05' },
        confirmedAt: 5,
      };
      await keepRegistration(ports, known, { ...known.value, baseline });
    },
  },
  {
    name: 'keeping what the linkage service says of the signature certificate',
    before: (ports) => logIn(ports, 1),
    run: async (ports) => {
      const [card] = await currentCards(ports, await person(ports, 1));
      await keepSignatureAnswer(card!, { reference: certificate(7, 'c') }, ports);
    },
  },
];

/** All that anybody can see of the people, whatever random names stand behind it. */
async function visible(ports: PersonPorts) {
  const seen = [];
  for (const serial of [1, 3, 4, 9]) {
    const one = await person(ports, serial);
    const held = await heldByPerson(ports, one);
    seen.push({
      held: held.map(({ value }) => JSON.stringify({ ...value, subjectId: '' })).toSorted(),
      acts: (await actsOn(ports, one)).map(({ kind, services }) => [kind, services]),
      baseline: (await registrationOfPerson(ports, a.serviceId, one))!.value.baseline,
      sameAs: await Promise.all(
        [1, 3, 4, 9].map(async (other) => (await person(ports, other)).subjectId === one.subjectId),
      ),
    });
  }
  return seen;
}

describe.each(operations)('$name', ({ before, run }) => {
  const linkage = linkageOf({ 2: 1, 3: 2, 4: { beside: 1 } });

  async function lived(killedAt: number | undefined, after: boolean) {
    const store = memoryIdentityStore();
    const write = store.write.bind(store);
    const ports = portsWith({ linkage, store });
    await before(ports);
    let left = killedAt ?? Infinity;
    let killed = false;
    store.write = async (changes) => {
      if (left-- > 0) return write(changes);
      killed = true;
      if (after) await write(changes);
      throw new Error('killed');
    };
    await run(ports).catch((error: unknown) => {
      if (!killed) throw error;
    });
    store.write = write;
    if (killed) {
      await run(ports).catch((error: unknown) => {
        // What an operator did is done; to do it again is impossible.
        if (!isCodedError(error) || error.code !== 'identity-act-impossible') throw error;
      });
    }
    return { killed, seen: await visible(ports) };
  }

  it.each([
    ['before', false],
    ['after', true],
  ])('is whole when it was killed %s any of its writes and repeated', async (_, after) => {
    const { seen } = await lived(undefined, after);
    let kills = 0;
    for (; ; kills++) {
      const outcome = await lived(kills, after);
      if (!outcome.killed) break;
      expect(outcome.seen).toEqual(seen);
    }
    expect(kills).toBeGreaterThan(0);
  });
});
