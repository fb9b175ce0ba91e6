import { describe, expect, it } from '@jest/globals';
import { approveOnBehalf, listBehalf, requestOnBehalf } from '../../lambdas/people/behalf.ts';
import {
  approveOutcome,
  listCorrections,
  proposeOutcome,
  requestCorrection,
  type CorrectionPorts,
} from '../../lambdas/people/corrections.ts';
import { sweepDeletions } from '../../lambdas/people/erase-person.ts';
import { discloseTo } from '../../lambdas/people/disclosure.ts';
import { identifyPerson } from '../../lambdas/people/identify-person.ts';
import { putLink } from '../../lambdas/people/links.ts';
import { mergeSubjects } from '../../lambdas/people/operator-acts.ts';
import { findOwner, readStanding } from '../../lambdas/people/records.ts';
import {
  cancelDeletion,
  requestDeletion,
  suspendUse,
  useOfRecord,
  type RightsPorts,
} from '../../lambdas/people/rights.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { a, b, certificate, now, portsWith, retention } from './scene.ts';

/** Records beside those that tell services what happened: these expire by themselves. */
const keptIn = ({ records }: { readonly records: ReadonlyMap<string, { readonly pk: string }> }) =>
  [...records.values()].filter(({ pk }) => !/^[NQVW]#/.test(pk)).length;

const graceMs = 14 * 86_400_000;
type Ports = RightsPorts & CorrectionPorts & Parameters<typeof identifyPerson>[2];

const subjectOf = async (ports: Ports) => (await findOwner(ports, certificate(1)))?.value.subjectId;
const person = async (ports: Ports) => (await subjectOf(ports))!;

interface Operation {
  readonly name: string;
  readonly before?: (ports: Ports) => Promise<unknown>;
  readonly run: (ports: Ports) => Promise<unknown>;
}

const passOn = {
  outcome: 'passed-to-service',
  reason: 'The service answers it',
  operator: 'one',
} as const;

const askedToCorrect = async (ports: Ports) =>
  requestCorrection(
    ports,
    await person(ports),
    { about: 'user-number', serviceId: a.serviceId },
    'operator',
    'request',
  );

const operations: readonly Operation[] = [
  {
    name: 'a suspension',
    run: async (ports) => suspendUse(ports, await person(ports), 'person'),
  },
  {
    name: 'a request for deletion',
    run: async (ports) => requestDeletion(ports, await person(ports)),
  },
  {
    name: 'a cancellation',
    before: async (ports) => requestDeletion(ports, await person(ports)),
    // A repeated cancellation finds nothing to cancel.
    run: async (ports) => cancelDeletion(ports, await person(ports)).catch(() => undefined),
  },
  {
    name: 'the execution of a deletion',
    before: async (ports) => {
      await requestDeletion(ports, await person(ports));
      await requestOnBehalf(ports, await request(ports));
    },
    run: (ports) => sweepDeletions({ ...ports, now: now + graceMs, timeIsUp: () => false }),
  },
  {
    name: 'an approval',
    before: async (ports) => requestOnBehalf(ports, await request(ports)),
    run: async (ports) => {
      const [open] = await listBehalf(ports);
      const { subjectId } = await approveOnBehalf(ports, open!.value.requestId, 'two');
      await suspendUse(ports, subjectId, 'operator');
    },
  },
  { name: 'a request for correction', run: askedToCorrect },
  {
    name: 'an outcome proposed',
    before: askedToCorrect,
    run: (ports) => proposeOutcome(ports, 'request', passOn),
  },
  {
    name: 'an outcome approved',
    before: async (ports) => {
      await askedToCorrect(ports);
      await proposeOutcome(ports, 'request', passOn);
    },
    // A repeated approval finds the request decided.
    run: async (ports) => {
      const { corrections } = await listCorrections(ports, { limit: 10 });
      for (const { requestId } of corrections) await approveOutcome(ports, requestId, 'two');
    },
  },
];

const request = async (ports: Ports) => ({
  act: 'suspend' as const,
  subjectId: await person(ports),
  basis: 'guardian' as const,
  fileReference: 'F-1',
  requestedBy: 'one',
});

/** A person with two certificates, two services, a link, and a record merged into theirs. */
async function livedUntilThen() {
  const store = memoryIdentityStore();
  const ports: Ports & { store: typeof store } = {
    ...portsWith({ store }),
    store,
    deletionGraceMs: graceMs,
    retention,
  };
  const logIn = (serial: number, service = a) =>
    identifyPerson(certificate(serial), service, ports);
  const ppid = await logIn(1);
  await logIn(1, b);
  await logIn(5);
  await putLink(ports, a.serviceId, { ppid, userNumber: '1001', replace: false });
  const absorb = (await findOwner(ports, certificate(5)))!.value.subjectId;
  const keep = await person(ports);
  await mergeSubjects({ keep, absorb, operator: 'o', reason: 'r' }, ports);
  return ports;
}

/** What is seen afterwards, whatever random names stand behind it. */
async function visible(ports: Ports & { store: ReturnType<typeof memoryIdentityStore> }) {
  const subject = await subjectOf(ports);
  const standing = subject === undefined ? undefined : await readStanding(ports, subject);
  return {
    records: keptIn(ports.store),
    use: standing && useOfRecord(standing.value),
    behalf: (await listBehalf(ports)).map(({ value }) => value.approval),
    corrections: standing && (await discloseTo(ports, standing.value)).corrections,
    told: [...ports.store.records.values()].filter(({ pk }) => pk.startsWith('W#')).length,
  };
}

describe.each(operations)('$name', ({ before, run }) => {
  async function lived(killedAt: number, after: boolean) {
    const ports = await livedUntilThen();
    await before?.(ports);
    const write = ports.store.write.bind(ports.store);
    let left = killedAt;
    let killed = false;
    ports.store.write = async (changes) => {
      if (left-- > 0) return write(changes);
      killed = true;
      if (after) await write(changes);
      throw new Error('killed');
    };
    const logsIn = () =>
      identifyPerson(certificate(1), a, ports).then(
        () => 'logs in',
        ({ code }: { readonly code?: string }) => code,
      );
    try {
      await run(ports);
    } catch (error) {
      if (!killed) throw error;
    }
    ports.store.write = write;
    const half = killed ? await logsIn() : undefined;
    if (killed) await run(ports);
    return { killed, half, seen: await visible(ports) };
  }

  it.each([
    ['before', false],
    ['after', true],
  ])('is whole when it was killed %s any of its writes and repeated', async (_, after) => {
    const { seen } = await lived(Infinity, after);
    let kills = 0;
    for (; ; kills++) {
      const outcome = await lived(kills, after);
      if (!outcome.killed) break;
      // A killed deletion: the half-deleted person is refused, or new; see the next test.
      if (outcome.half !== 'logs in' || seen.records > 0) expect(outcome.seen).toEqual(seen);
    }
    expect(kills).toBeGreaterThan(0);
  });
});

it('who logs in while a deletion is half done is refused, or is new to everybody', async () => {
  for (let kills = 0; ; kills++) {
    const ports = await livedUntilThen();
    const old = {
      a: await identifyPerson(certificate(1), a, ports),
      b: await identifyPerson(certificate(1), b, ports),
    };
    await requestDeletion(ports, await person(ports));
    const write = ports.store.write.bind(ports.store);
    let left = kills;
    let killed = false;
    ports.store.write = async (changes) => {
      if (left-- > 0) return write(changes);
      killed = true;
      throw new Error('killed');
    };
    const due = { ...ports, now: now + graceMs, timeIsUp: () => false };
    await sweepDeletions(due).catch(() => undefined);
    ports.store.write = write;
    const logIn = (service: typeof a) =>
      identifyPerson(certificate(1), service, ports).catch(
        ({ code }: { readonly code: string }) => code,
      );
    const [atA, atB] = [await logIn(a), await logIn(b)];
    expect([atA, atB]).not.toContain(old.a);
    expect([atA, atB]).not.toContain(old.b);
    const refused = [atA, atB].filter((answer) => answer === 'subject-suspended').length;
    expect([0, 2]).toContain(refused);
    await sweepDeletions(due);
    // What is left is the new record alone: two services, one certificate, nothing of the old.
    expect(keptIn(ports.store)).toBe(refused === 2 ? 0 : 9);
    if (!killed) break;
  }
});
