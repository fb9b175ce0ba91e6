import {
  array,
  asyncModelRun,
  boolean,
  commands,
  constantFrom,
  integer,
  nat,
  record,
  type Arbitrary,
  type AsyncCommand,
} from 'fast-check';
import type { Certificate } from './environment.ts';
import { services } from './environment.ts';
import { Life } from './life.ts';
import type { Kill } from './platform.ts';
import { ppidAt, signingCards, type Operation } from './reference-model.ts';

const calls = [
  'log-in',
  'log-in',
  'log-in',
  'log-in',
  'suspend',
  'resume',
  'delete',
  'cancel-deletion',
  'sweep',
  'deliver',
  'merge',
  'split',
  'link',
  'link',
  'unlink',
  'await-number',
  'complete-link',
  'issue-id',
  'revoke-id',
  'status',
  'correct',
  'correct',
  'propose',
  'propose',
  'approve',
] as const;

const abouts = ['user-number', 'consent', 'record-of-two-persons', 'other'] as const;
const outcomes = ['corrected', 'refused', 'passed-to-service'] as const;

/** What is done; the numbers choose among what there is by then. */
interface Wish {
  readonly does: (typeof calls)[number];
  readonly who: number;
  readonly other: number;
  readonly service: number;
  readonly flag: boolean;
}

const wish: Arbitrary<Wish> = record({
  does: constantFrom(...calls),
  who: nat(9_999),
  other: nat(9_999),
  service: nat(services.length - 1),
  flag: boolean(),
});

const kill: Arbitrary<Kill> = record({ left: nat(5), after: boolean() });

/** The operation that a wish means now; undefined: there is nobody whom it could concern. */
function meant({ does, who, other, service, flag }: Wish, life: Life): Operation | undefined {
  const { certificates } = life.jlis;
  const chosen = certificates[who % certificates.length]!.serial;
  const serial = flag ? life.jlis.newest(chosen) : chosen;
  const filed = [...life.model.filed.keys()];
  const holder = filed[who % filed.length];
  const { serviceId } = services[service]!;
  const number = String(other % 3);
  if (does === 'log-in') return { does, serial, service };
  if (does === 'sweep' || does === 'deliver') return { does };
  if (does === 'await-number') return { does, service, number };
  if (does === 'propose' || does === 'approve') {
    const requests = [...life.model.requests.keys()];
    const request = requests[who % requests.length];
    if (request === undefined) return undefined;
    const operator = flag ? 'key-1' : 'key-2';
    if (does === 'approve') return { does, request, operator };
    return { does, request, operator, outcome: outcomes[other % outcomes.length]! };
  }
  if (holder === undefined) return undefined;
  if (does === 'correct') {
    const request = `request-${(life.asked += 1)}`;
    return { does, serial: holder, about: abouts[other % abouts.length]!, service, request };
  }
  if (does === 'suspend' || does === 'resume')
    return { does, serial: holder, by: flag ? 'person' : 'operator' };
  if (does === 'merge') return { does, keep: holder, absorb: filed[other % filed.length]! };
  const isOfSerial =
    does === 'delete' ||
    does === 'cancel-deletion' ||
    does === 'split' ||
    does === 'issue-id' ||
    does === 'revoke-id';
  if (isOfSerial) return { does, serial: holder };
  const person = life.model.filed.get(holder)!;
  const ppid = ppidAt(person, serviceId);
  if (ppid === undefined) return undefined;
  if (does === 'link') return { does, ppid, service, number, replace: flag };
  if (does === 'unlink') return { does, ppid, service };
  if (does === 'complete-link') return { does, ppid, service, number };
  // With two cards, which of them is asked first is the platform's own choice.
  if (signingCards(life.model, person, life.jlis).length > 1) return undefined;
  return { does, ppid, service, confirmed: flag };
}

type Step = AsyncCommand<Life, Life>;

const step = (name: string, run: (life: Life) => Promise<void> | void): Step => ({
  check: () => true,
  run: async (_, life) => run(life),
  toString: () => name,
});

const called = wish.map((one) =>
  step(JSON.stringify(one), async (life) => {
    const operation = meant(one, life);
    if (operation !== undefined) await life.call(operation);
  }),
);

const killed = record({ one: wish, at: kill }).map(({ one, at }) =>
  step(`killed at ${JSON.stringify(at)} ${JSON.stringify(one)}`, async (life) => {
    const operation = meant(one, life);
    if (operation !== undefined) await life.call(operation, { ...at });
  }),
);

/** Steps of the event loop come from a seed, so that a failing order can be repeated. */
const together = record({
  wishes: array(wish, { minLength: 2, maxLength: 3 }),
  seed: nat(0x7fff_ffff),
}).map(({ wishes, seed }) =>
  step(`together ${seed} ${JSON.stringify(wishes)}`, async (life) => {
    const operations = wishes
      .map((one) => meant(one, life))
      .filter((one) => one !== undefined)
      // What these four do is several transactions, and a status asks for the order of cards.
      .filter(({ does }) => !['deliver', 'tell-of-list', 'approve', 'status'].includes(does));
    if (operations.length === 0) return;
    let state = seed;
    await life.together(operations, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 16) % 9;
    });
  }),
);

const cardOf = (life: Life, who: number): Certificate =>
  life.jlis.certificates[who % life.jlis.certificates.length]!;

const changes = {
  issue: (life: Life, who: number) => void life.jlis.issue(life.now, who % 5 !== 0),
  renew: (life: Life, who: number) => life.jlis.succeed(cardOf(life, who), life.now, true),
  'renew, told late': (life: Life, who: number) =>
    life.jlis.succeed(cardOf(life, who), life.now, false),
  phone: (life: Life, who: number) =>
    void life.jlis.issue(life.now, false, {
      serial: cardOf(life, who).serial,
      relation: 'beside',
    }),
  'move or rename': (life: Life, who: number) =>
    life.jlis.changeAttributes(cardOf(life, who), life.now),
  'lose and replace': (life: Life, who: number) => {
    life.jlis.lose(cardOf(life, who), life.now);
    life.jlis.succeed(cardOf(life, who), life.now, true);
  },
  'outage or its end': (life: Life) => void (life.jlis.outage = !life.jlis.outage),
  'all is told': (life: Life) => life.jlis.tellAll(),
} as const;

const outside = record({
  what: constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])),
  who: nat(9_999),
}).map(({ what, who }) => step(`${what} ${who}`, (life) => changes[what](life, who)));

const time = record({ days: integer({ min: 1, max: 90 }), away: boolean(), keys: nat(19) }).map(
  ({ days, away, keys }) =>
    step(
      `${days} days${away ? ', readers away' : ''}${keys === 0 ? ', new keys' : ''}`,
      async (life) => {
        await life.wait(days, away && days < 60);
        if (keys === 0)
          await life.newKeyVersion(days % 2 === 0 ? { left: days % 7, after: true } : undefined);
      },
    ),
);

const lists = record({ at: kill, dies: boolean() }).map(({ at, dies }) =>
  step('new lists', (life) => life.publish(dies ? { ...at } : undefined)),
);

/** Services ask between the move and the list that names it, and again afterwards. */
const asked = nat(9_999).map((who) =>
  step(`moves and is asked about ${who}`, async (life) => {
    const { model, jlis } = life;
    const filed = [...model.filed.values()];
    const person = filed[who % filed.length];
    if (person === undefined) return;
    const [card, ...others] = signingCards(model, person, jlis);
    if (card === undefined || others.length > 0) return;
    const ask = async (): Promise<void> => {
      for (const [service, { serviceId }] of services.entries()) {
        const ppid = ppidAt(person, serviceId);
        if (ppid !== undefined)
          await life.call({ does: 'status', ppid, service, confirmed: false });
      }
    };
    await life.publish();
    await ask();
    jlis.changeAttributes(card, life.now);
    await ask();
    await life.publish();
    await ask();
  }),
);

/** Years of a platform and its people. */
export const years = (maxCommands: number): Arbitrary<Iterable<Step>> =>
  commands(
    [
      called,
      called,
      called,
      called,
      called,
      outside,
      outside,
      killed,
      together,
      time,
      lists,
      asked,
    ],
    {
      maxCommands,
      size: 'max',
    },
  );

/** @returns what was lived through */
export async function liveThrough(
  steps: Iterable<Step>,
  people: number,
): Promise<{ readonly persons: number; readonly operations: number }> {
  const life = new Life();
  await life.begin(people);
  await asyncModelRun(() => ({ model: life, real: life }), steps);
  await life.settle();
  return { persons: life.jlis.persons, operations: life.operations };
}
