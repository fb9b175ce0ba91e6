import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openClientKey } from '../../../sandbox/client-key-file.ts';
import type { Scenario } from '../scenario.ts';
import {
  codeOf,
  isForNow,
  type Inhabitant,
  type Reply,
  type Service,
  type Stage,
} from '../stage.ts';

const people = 6;
const pauseMs = 4_000;

interface OpenRequest {
  readonly requestId: string;
  readonly proposal?: object;
}

/**
 * Persons ask for correction, one operator proposes and another approves, while the tables stand still
 * in between. Each request that was acknowledged is decided once, and its service is told once.
 */
export const correctionFaults: readonly Scenario[] = [
  {
    name: 'corrections-tables-paused',
    kind: 'fault',
    about: 'DynamoDB Local stands still twice while corrections are asked for and decided',
    async run(stage) {
      const service = stage.services[0]!;
      const operators = [stage.operator, secondOperator(stage)] as const;
      const askers: Inhabitant[] = [];
      for (let n = 0; n < people; n++) askers.push(await stage.newcomer());
      for (const person of askers) await stage.logIn(service, person);
      const acknowledged = await whileTablesPause(stage, () =>
        Promise.all(askers.map((person) => ask(stage, service, person))),
      );
      const open = await listOpen(stage, operators[0]);
      const lost = acknowledged.filter((id) => !open.some(({ requestId }) => requestId === id));
      for (const _ of lost) stage.model.complain('lost', 'a request that was acknowledged');
      await whileTablesPause(stage, () =>
        Promise.all(open.map(({ requestId }) => decide(stage, operators, requestId))),
      );
      const left = await listOpen(stage, operators[0]);
      for (const _ of left) stage.model.complain('lost', 'a decision that was acknowledged');
      await judgeEvents(stage, service, askers, open.length);
      return { note: `${open.length} requests of ${people} persons` };
    },
  },
];

/** The key of a second person, beside the first one's. */
function secondOperator(stage: Stage): Service {
  const { clientId, keyFile } = stage.sandbox.known.operator;
  const second = join(dirname(keyFile), 'operator-2.jwk');
  const client = { clientId, ...openClientKey(second) };
  return { name: 'second operator', serviceId: 'operator', client };
}

async function whileTablesPause<T>(stage: Stage, act: () => Promise<T>): Promise<T> {
  const pid = stage.sandbox.emulator();
  const acting = act();
  acting.catch(() => {});
  await delay(200);
  process.kill(pid, 'SIGSTOP');
  try {
    await delay(pauseMs);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  return acting;
}

/** Asks with a new challenge each time, as the guide says after an answer that did not come. */
async function ask(stage: Stage, service: Service, { card }: Inhabitant): Promise<string> {
  const reply = await stage.persist(async () => {
    const made = await stage.call(service, 'POST', '/v1/rights/challenges', { act: 'correct' });
    const challenge = made.body['challenge'];
    if (typeof challenge !== 'string') return made;
    const signed = await stage.jlis<{ signature: string }>(`cards/${card.cardId}/sign`, {
      pin: '1234',
      text: challenge,
    });
    return stage.call(service, 'POST', '/v1/rights/corrections', {
      challenge,
      certificate: card['user-authentication'].certificate,
      signature: signed.signature,
      about: 'user-number',
      serviceId: service.serviceId,
    });
  });
  if (reply.status === 201) stage.model.counts.answers += 1;
  else stage.model.complain(isForNow(reply) ? 'lost' : 'wrong', `an asking: ${codeOf(reply)}`);
  return String(reply.body['requestId']);
}

async function listOpen(stage: Stage, operator: Service): Promise<readonly OpenRequest[]> {
  const all: OpenRequest[] = [];
  for (let cursor: unknown; ;) {
    const json = typeof cursor === 'string' ? { cursor } : {};
    const { body } = await stage.persist(() =>
      stage.call(operator, 'POST', '/v1/rights/corrections/list', json),
    );
    all.push(...((body['corrections'] ?? []) as readonly OpenRequest[]));
    cursor = body['next'];
    if (typeof cursor !== 'string') return all;
  }
}

async function decide(
  stage: Stage,
  [first, second]: readonly [Service, Service],
  requestId: string,
): Promise<void> {
  const outcome = { requestId, outcome: 'passed-to-service', reason: 'the service decides' };
  const proposed = await stage.persist(() =>
    stage.call(first, 'POST', '/v1/rights/corrections/proposals', outcome),
  );
  judge(stage, 'a proposal', proposed, proposed.status === 200);
  const own = await stage.persist(() =>
    stage.call(first, 'POST', '/v1/rights/corrections/approvals', { requestId }),
  );
  judge(stage, 'an own approval', own, codeOf(own) === 'second-operator-needed');
  const approved = await stage.persist(() =>
    stage.call(second, 'POST', '/v1/rights/corrections/approvals', { requestId }),
  );
  // It was done, and the answer was lost.
  const isDone = codeOf(approved) === 'rights-request-not-found';
  judge(stage, 'an approval', approved, approved.status === 200 || isDone);
}

function judge(stage: Stage, what: string, reply: Reply, isRight: boolean): void {
  if (isRight) stage.model.counts.answers += 1;
  else stage.model.complain(isForNow(reply) ? 'lost' : 'wrong', `${what}: ${codeOf(reply)}`);
}

/** What is written in an hour is in the feed in the next. */
async function judgeEvents(
  stage: Stage,
  service: Service,
  askers: readonly Inhabitant[],
  decided: number,
): Promise<void> {
  await stage.moveClock({ by: 'PT1H' });
  const told: string[] = [];
  for (let after: unknown; ;) {
    const query = typeof after === 'string' ? `?after=${encodeURIComponent(after)}` : '';
    const { body } = await stage.persist(() => stage.call(service, 'GET', `/v1/events${query}`));
    for (const { type, data } of (body['events'] ?? []) as readonly {
      readonly type: string;
      readonly data: { readonly ppid: string };
    }[])
      if (type === 'person.correction-requested') told.push(data.ppid);
    after = body['next'];
    if (body['more'] !== true) break;
  }
  const theirs = new Set(
    askers.map(({ card }) => stage.model.ppidOf(service.serviceId, card.cardId)),
  );
  const mine = told.filter((ppid) => theirs.has(ppid));
  for (let n = mine.length; n < decided; n++) stage.model.complain('lost', 'an event');
  for (let n = decided; n < mine.length; n++) stage.model.complain('doubled', 'an event');
}
