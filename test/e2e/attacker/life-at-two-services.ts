import { X509Certificate } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { CardAct } from '../../../lambdas/people/rights.ts';
import type { CardView } from '../../../sandbox/jlis/control-client.ts';
import {
  newClientKey,
  provedJwks,
  takeToken,
  type Answer,
  type OauthIdentity,
  type PlatformUnderTest,
} from '../platform-under-test.ts';

/** A card in somebody's hand. */
export interface Held {
  readonly cardId: string;
  readonly pin: string;
  /** DER in base64. */
  readonly certificate: string;
  /** Of its signature certificate; hexadecimal. */
  readonly signatureSerial?: string;
  readonly name?: string;
}

/** A person as an onlooker who sees everything knows them. */
export interface Person {
  readonly name: string;
  readonly cards: Held[];
  /** By service. */
  readonly ppids: Record<string, string>;
  readonly userNumbers: Record<string, string>;
  /** Values that the person alone has: a My Key ID, for instance. */
  readonly own: string[];
}

/** What a service received about one person, or about none in particular. */
export interface Received {
  readonly about: string;
  readonly value: unknown;
}

export interface Service {
  readonly name: string;
  readonly serviceId: string;
  readonly identity: OauthIdentity;
  readonly received: Received[];
  readonly notices: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  jobId: string;
}

export interface Life {
  readonly services: readonly [Service, Service];
  readonly persons: readonly Person[];
}

/** User numbers and consents are the services' own: the platform must not show them to others. */
const texts = { document: 'Terms of the lending desk', version: '2026-04' };

/**
 * Seven persons at two services: logins, links, consents, checks of attributes, a My Key ID, a renewal,
 * a move, a request for correction, a suspension by operators, a deletion, a merge, a bulk job, events
 * and notices.
 * @param first a card that other services have read already
 */
export async function lifeAtTwoServices(platform: PlatformUnderTest, first: Held): Promise<Life> {
  const services = [
    await serviceOf(platform, 'first', platform.client, platform.sandbox.client.serviceId),
    await registered(platform, 'second'),
  ] as const;
  const close = await receiveNotices(platform, services);
  try {
    const persons = await meet(platform, services, first);
    await happen(platform, services, persons);
    await read(platform, services, persons);
    return { services, persons };
  } finally {
    close();
  }
}

const serviceOf = async (
  _platform: PlatformUnderTest,
  name: string,
  identity: OauthIdentity,
  serviceId: string,
): Promise<Service> => ({ name, serviceId, identity, received: [], notices: [], jobId: '' });

async function registered(platform: PlatformUnderTest, name: string): Promise<Service> {
  const pair = await newClientKey();
  const token = await takeToken(platform, platform.operator);
  const { body } = await platform.call('POST', '/v1/services', {
    token,
    json: {
      organisation: { name: 'City of the second service' },
      name: 'Second service',
      type: 'type2',
      status: 'active',
      jwks: await provedJwks(platform, pair, 'Second service'),
    },
  });
  const [client] = body['clients'] as { clientId: string }[];
  const identity = { clientId: client!.clientId, keyId: 'first', privateKey: pair.privateKey };
  return serviceOf(platform, name, identity, String(body['serviceId']));
}

/** A call of a service; its answer belongs to what the service received. */
async function call(
  platform: PlatformUnderTest,
  service: Service,
  about: string,
  [method, path, json]: readonly [string, string, object?],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const token = await takeToken(platform, service.identity);
  const answer = await platform.call(method, path, { token, headers, ...(json && { json }) });
  if (answer.status >= 300)
    throw new Error(`${service.name}: ${path} ${answer.status} ${String(answer.body['code'])}`);
  service.received.push({ about, value: answer.body });
  return answer;
}

async function signed(
  platform: PlatformUnderTest,
  { cardId, pin, certificate }: Held,
  text: string,
) {
  const { signature } = await platform.jlis<{ signature: string }>(`cards/${cardId}/sign`, {
    pin,
    text,
  });
  return { challenge: text, certificate, signature };
}

/** @returns the PPID */
async function logIn(
  platform: PlatformUnderTest,
  service: Service,
  { name, cards, ppids }: Person,
  headers?: Readonly<Record<string, string>>,
): Promise<string> {
  const { body } = await call(platform, service, name, ['POST', '/v1/challenges', {}]);
  const json = await signed(platform, cards.at(-1)!, String(body['challenge']));
  const login = ['POST', '/v1/authentications', json] as const;
  const answer = await call(platform, service, name, login, headers);
  return (ppids[service.name] = String(answer.body['ppid']));
}

/** What the person does with the card, without any service. */
async function byCard(
  platform: PlatformUnderTest,
  { cards }: Person,
  act: CardAct,
  path: string,
  more: object = {},
): Promise<Answer> {
  const { body } = await platform.call('POST', '/v1/rights/challenges', { json: { act } });
  const json = await signed(platform, cards.at(-1)!, String(body['challenge']));
  const answer = await platform.call('POST', path, { json: { ...json, ...more } });
  if (answer.status >= 300) throw new Error(`${act}: ${answer.status} ${answer.text}`);
  return answer;
}

const heldOf = (view: CardView, pin = '1234'): Held => ({
  cardId: view.cardId,
  pin,
  certificate: view['user-authentication'].certificate,
  ...(view['digital-signature'] && { signatureSerial: view['digital-signature'].serial }),
  name: view.person.name,
});

const names = ['reader', 'renewed', 'moved', 'deleted', 'merged', 'absorbed', 'suspended'];

/** First logins, links, consents and checks: at the second service a minute later. */
async function meet(
  platform: PlatformUnderTest,
  services: Life['services'],
  first: Held,
): Promise<readonly Person[]> {
  const persons: Person[] = [];
  for (const [n, name] of names.entries()) {
    const card = n === 0 ? first : heldOf(await platform.jlis('cards', {}));
    persons.push({ name, cards: [card], ppids: {}, userNumbers: {}, own: [] });
  }
  for (const service of services) {
    for (const [n, person] of persons.entries()) {
      const ppid = await logIn(platform, service, person, {
        'idempotency-key': `${service.name}-${n}-key-of-the-service`,
      });
      const userNumber = `${service.name === 'first' ? 'LIB' : 'CLINIC'}-${70_314_159 + n * 977}`;
      person.userNumbers[service.name] = userNumber;
      for (const [path, json] of [
        ['/v1/links', { ppid, userNumber }],
        ['/v1/consents', { ppid, kind: 'consent', ...texts }],
        ['/v1/attribute-status', { ppid, confirmed: true, method: 'auto' }],
        ['/v1/links/lookup', { ppid }],
      ] as const)
        await call(platform, service, person.name, ['POST', path, json]);
    }
    await platform.jlis('clock', { by: 'PT1M' });
  }
  return persons;
}

async function happen(
  platform: PlatformUnderTest,
  services: Life['services'],
  persons: readonly Person[],
): Promise<void> {
  const [, renewed, moved, deleted, merged, absorbed, suspended] = persons;
  const [one] = services;
  for (const person of [renewed!, moved!]) {
    const act = person === renewed ? 'renew' : 'move';
    const { cardId } = person.cards[0]!;
    person.cards.push(heldOf(await platform.jlis(`cards/${cardId}/${act}`, {})));
  }
  for (const service of services) {
    await logIn(platform, service, renewed!);
    await platform.jlis('clock', { by: 'PT1M' });
  }
  const issued = await byCard(platform, moved!, 'issue-my-key-id', '/v1/rights/my-key-id');
  moved!.own.push(String(issued.body['myKeyId']));
  await byCard(platform, moved!, 'disclose', '/v1/rights/disclosures');
  await correct(platform, one, moved!);
  await merge(platform, one, merged!, absorbed!);
  await suspendOnBehalf(platform, one, suspended!);
  await platform.jlis(`cards/${suspended!.cards[0]!.cardId}/lose`, {});
  await byCard(platform, deleted!, 'delete', '/v1/rights/requests');
  // Not back again: events that are told in this hour would wait for it.
  await platform.jlis('clock', { by: 'P15D' });
  await platform.sandbox.cloud.invoke('rights-sweep', {});
  await platform.jlis('crl/publish', {});
  await platform.sandbox.ingest();
}

/** Asked by the person, passed to the service by two operators. */
async function correct(platform: PlatformUnderTest, service: Service, person: Person) {
  const statement = 'That library card was my late brother’s';
  person.own.push(statement);
  const path = '/v1/rights/corrections';
  const wish = { about: 'user-number', serviceId: service.serviceId, statement };
  const { requestId } = (await byCard(platform, person, 'correct', path, wish)).body;
  const reason = 'The library answers it';
  const [first, second] = [platform.operator, platform.secondOperator];
  for (const [operator, step, json] of [
    [first, 'proposals', { requestId, outcome: 'passed-to-service', reason }],
    [second, 'approvals', { requestId }],
  ] as const) {
    const token = await takeToken(platform, operator);
    const { status, text } = await platform.call('POST', `${path}/${step}`, { token, json });
    if (status !== 200) throw new Error(`correction: ${text}`);
  }
}

async function merge(
  platform: PlatformUnderTest,
  service: Service,
  keep: Person,
  absorb: Person,
): Promise<void> {
  const ppids = [keep.ppids[service.name], absorb.ppids[service.name]];
  const report = ['POST', '/v1/persons/reports', { ppids }] as const;
  const { flagId } = (await call(platform, service, keep.name, report)).body;
  const token = await takeToken(platform, platform.operator);
  const flag = await platform.call('GET', `/v1/persons/flags/${String(flagId)}`, { token });
  const [one, other] = flag.body['persons'] as readonly { readonly handle: string }[];
  const act = { kind: 'merge', flagId, keep: one!.handle, absorb: other!.handle };
  const json = { ...act, reason: 'Both cards were shown at the counter' };
  const { actId } = (await platform.call('POST', '/v1/persons/acts', { token, json })).body;
  const approval = { token: await takeToken(platform, platform.secondOperator), json: {} };
  const path = `/v1/persons/acts/${String(actId)}/approval`;
  const { status, text } = await platform.call('POST', path, approval);
  if (status !== 200) throw new Error(`merge: ${text}`);
}

async function suspendOnBehalf(
  platform: PlatformUnderTest,
  service: Service,
  person: Person,
): Promise<void> {
  const taken = await platform.call('POST', '/v1/rights/behalf', {
    token: await takeToken(platform, platform.operator),
    json: {
      act: 'suspend',
      basis: 'guardian',
      fileReference: 'File A 12',
      serviceId: service.serviceId,
      person: { ppid: person.ppids[service.name] },
    },
  });
  const { status, text } = await platform.call('POST', '/v1/rights/behalf/approve', {
    token: await takeToken(platform, platform.secondOperator),
    json: { requestId: taken.body['requestId'] },
  });
  if (status !== 200) throw new Error(`suspension: ${text}`);
}

/** The types of the events that a service has read. */
const told = ({ received }: Service): readonly string[] =>
  received.flatMap(({ value }) => (value as { type?: string }).type ?? []);

/** A job at each service, then hours pass until both have read what happened and were notified. */
async function read(
  platform: PlatformUnderTest,
  services: Life['services'],
  persons: readonly Person[],
): Promise<void> {
  for (const service of services) await checkRegister(platform, service, persons);
  const { cloud } = platform.sandbox;
  for (let hour = 1; hour <= 12; hour++) {
    cloud.runSchedules();
    await cloud.settled();
    await delay(500);
    await platform.jlis('clock', { by: 'PT1H' });
    cloud.runSchedules();
    for (const service of services) await readEvents(platform, service, persons);
    const whole = services.every(
      (each) => expected.every((type) => told(each).includes(type)) && each.notices.length > 0,
    );
    if (whole) return;
  }
  const lacking = services.map((each) => [each.name, told(each), each.notices.length]);
  throw new Error(`not told within twelve hours: ${JSON.stringify(lacking)}`);
}

const expected = [
  'person.renewed',
  'person.suspended',
  'person.deleted',
  'person.ppid-replaced',
  'person.certificate-revoked',
  'person.attributes-changed',
];

async function readEvents(
  platform: PlatformUnderTest,
  service: Service,
  persons: readonly Person[],
): Promise<void> {
  const { body } = await call(platform, service, 'nobody', ['GET', '/v1/events?limit=500']);
  // Each event is about a person, and read anew each time.
  service.received.splice(service.received.length - 1, 1);
  const known = service.received.map(({ value }) => (value as { id?: string }).id);
  const events = body['events'] as readonly { id: string; data: { ppid: string } }[];
  for (const event of events.filter(({ id }) => !known.includes(id))) {
    const person = persons.find(({ ppids }) => ppids[service.name] === event.data.ppid);
    service.received.push({ about: person?.name ?? 'nobody', value: event });
  }
}

async function checkRegister(
  platform: PlatformUnderTest,
  service: Service,
  persons: readonly Person[],
): Promise<void> {
  const rows = ['ppid', ...persons.map(({ ppids }) => ppids[service.name])].join('\n');
  const jobs = '/v1/revocations/jobs';
  const request = { format: 'csv', by: 'ppid', ask: 'attributes', bytes: rows.length };
  const { body } = await call(platform, service, 'nobody', ['POST', jobs, request]);
  service.jobId = String(body['jobId']);
  const { url, headers } = body['upload'] as { url: string; headers: Record<string, string> };
  await fetch(url, { method: 'PUT', headers, body: rows });
  await call(platform, service, 'nobody', ['POST', `${jobs}/${service.jobId}/start`]);
  for (let looks = 0; looks < 60; looks++) {
    await delay(250);
    const token = await takeToken(platform, service.identity);
    const job = await platform.call('GET', `${jobs}/${service.jobId}`, { token });
    if (job.body['state'] === 'failed') throw new Error(job.text);
    if (job.body['state'] !== 'completed') continue;
    service.received.push({ about: 'nobody', value: job.body });
    const results = job.body['results'] as readonly { name: string; url: string }[];
    const file = results.find(({ name }) => name === 'result')!;
    for (const line of (await (await fetch(file.url)).text()).split('\n')) {
      const person = persons.find(({ ppids }) => line.includes(ppids[service.name]!));
      if (person) service.received.push({ about: person.name, value: line });
    }
    return;
  }
  throw new Error(`${service.name}: the job does not end`);
}

/** Both services ask for notices at one receiver. @returns what closes it */
async function receiveNotices(
  platform: PlatformUnderTest,
  services: Life['services'],
): Promise<() => void> {
  const receiver = createServer((request, response) => {
    void request.toArray().then((parts) => {
      const service = services.find(({ name }) => request.url === `/${name}`);
      service?.notices.push({ headers: request.headers, body: parts.join('') });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  for (const service of services) {
    const url = `http://127.0.0.1:${port}/${service.name}`;
    await call(platform, service, 'nobody', ['PUT', '/v1/webhook', { url }]);
  }
  return () => receiver.close();
}

/** Hexadecimal, an even number of digits. */
export function serialOf({ certificate }: Held): string {
  const { serialNumber } = new X509Certificate(Buffer.from(certificate, 'base64'));
  return serialNumber.padStart(serialNumber.length + (serialNumber.length % 2), '0');
}
