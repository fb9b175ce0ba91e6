import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Scenario } from '../scenario.ts';
import { codeOf, isForNow, type Reply, type Service, type Stage } from '../stage.ts';

/** `services`: how many of them the fifty first logins of one person go to. */
const firstLogins = (name: string, services: number): Scenario => ({
  name,
  kind: 'race',
  about: `50 first logins of one person at the same moment, at ${services} service${services > 1 ? 's' : ''}`,
  async run(stage) {
    const person = await stage.newcomer();
    const asked = Array.from({ length: 50 }, (_, n) => stage.services[n % services]!);
    const bodies = await Promise.all(asked.map((service) => stage.signed(service, person)));
    await Promise.all(
      asked.map(async (service, n) => {
        const headers = { 'idempotency-key': randomUUID() };
        const post = () => stage.call(service, 'POST', '/v1/authentications', bodies[n], headers);
        stage.judgeLogin(service, person, await stage.persist(post));
      }),
    );
    const ppids = new Set(
      stage.services
        .slice(0, services)
        .map(({ serviceId }) => stage.model.ppidOf(serviceId, person.card.cardId)),
    );
    if (ppids.size !== services) stage.model.complain('wrong', 'services share a PPID');
    return {};
  },
});

const oneChallenge: Scenario = {
  name: 'one-challenge',
  kind: 'race',
  about: 'one challenge is presented 50 times at the same moment: one login',
  async run(stage) {
    const service = stage.services[0]!;
    const person = stage.people[0]!;
    const body = await stage.signed(service, person);
    const replies = await fifty(50, () => stage.call(service, 'POST', '/v1/authentications', body));
    const granted = replies.filter(({ status }) => status === 201);
    for (const reply of granted) stage.judgeLogin(service, person, reply);
    judgeOnce(stage, replies, granted.length, 'challenge-used');
    return { note: told(replies) };
  },
};

const oneAssertion: Scenario = {
  name: 'one-assertion',
  kind: 'race',
  about: 'one client assertion is presented 30 times at the same moment: one access token',
  async run(stage) {
    const { apiUrl } = stage.sandbox.known;
    const assertion = await assertionOf(stage, stage.services[0]!);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    const replies = await fifty(30, async () => {
      const answer = await fetch(`${apiUrl}/oauth2/token`, { method: 'POST', body });
      const text = await answer.text();
      return { status: answer.status, text, body: JSON.parse(text) as Record<string, unknown> };
    });
    const granted = replies.filter(({ status }) => status === 200).length;
    judgeOnce(stage, replies, granted, 'client-authentication-failed');
    return { note: told(replies) };
  },
};

const oneKey: Scenario = {
  name: 'one-idempotency-key',
  kind: 'race',
  about: 'one registration is sent 20 times under one Idempotency-Key: one service',
  async run(stage) {
    const operator = stage.operator.client;
    const key = randomUUID();
    const name = `Twenty ${key}`;
    // The body holds a key pair that is made anew: of twenty different requests one may have the key.
    const made = await Promise.all(
      Array.from({ length: 20 }, () => stage.register(operator, name, key)),
    );
    const ids = made.flatMap(({ service }) => service?.serviceId ?? []);
    stage.model.counts.answers += made.length;
    if (new Set(ids).size > 1) stage.model.complain('doubled', 'a service is registered twice');
    if (ids.length === 0) stage.model.complain('lost', 'no service is registered');
    for (const { service, reply } of made)
      if (service === undefined && codeOf(reply) !== 'idempotency-key-reused')
        stage.model.complain('wrong', `a registration: ${codeOf(reply)}`);
    return {};
  },
};

const cardsInParallel: Scenario = {
  name: 'cards-in-parallel',
  kind: 'race',
  about: '20 cards are issued at the same moment: 20 people, who all log in',
  async run(stage) {
    const people = await Promise.all(Array.from({ length: 20 }, () => stage.newcomer()));
    const different = (what: string, of: (n: number) => string): void => {
      if (new Set(people.map((_, n) => of(n))).size < people.length)
        stage.model.complain('doubled', `cards share a ${what}`);
    };
    different('card id', (n) => people[n]!.card.cardId);
    different('person', (n) => people[n]!.card.person.personId);
    different('serial', (n) => people[n]!.card['user-authentication'].serial);
    different('certificate', (n) => people[n]!.card['user-authentication'].certificate);
    await Promise.all(people.map((person) => stage.logIn(stage.services[0]!, person)));
    return {};
  },
};

export const loginRaces: readonly Scenario[] = [
  firstLogins('first-logins-one-service', 1),
  firstLogins('first-logins-five-services', 5),
  oneChallenge,
  oneAssertion,
  oneKey,
  cardsInParallel,
];

const fifty = (count: number, send: () => Promise<Reply>): Promise<readonly Reply[]> =>
  Promise.all(Array.from({ length: count }, send));

/** One of them was granted, every other was told that it came second. */
function judgeOnce(stage: Stage, replies: readonly Reply[], granted: number, code: string): void {
  const { model } = stage;
  model.counts.answers += replies.length;
  if (granted > 1)
    for (let n = 1; n < granted; n++) model.complain('doubled', 'a second use counted');
  const forNow = replies.filter(isFailure);
  for (const reply of forNow) model.refusedForNow(codeOf(reply));
  if (granted === 0 && forNow.length === 0) model.complain('lost', 'nobody was first');
  const others = replies.filter((reply) => reply.status >= 400 && !isFailure(reply));
  for (const reply of others)
    if (codeOf(reply) !== code) model.complain('wrong', `the second was told ${codeOf(reply)}`);
}

const isFailure = (reply: Reply): boolean => isForNow(reply) && reply.status !== 401;

const told = (replies: readonly Reply[]): string =>
  [...Map.groupBy(replies, (reply) => (reply.status < 300 ? reply.status : codeOf(reply)))]
    .map(([what, those]) => `${those.length} × ${what}`)
    .join(', ');

function assertionOf(stage: Stage, { client }: Service): Promise<string> {
  const { clientId, keyId, privateKey } = client;
  const seconds = Math.floor(stage.now() / 1000);
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: keyId, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(`${stage.sandbox.known.apiUrl}/oauth2/token`)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 120)
    .sign(privateKey);
}
