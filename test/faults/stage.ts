import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { JWK } from 'jose';
import { jwksWithProofs } from '../../cli/key-proofs.ts';
import { openClientKey } from '../../sandbox/client-key-file.ts';
import { control, type CardView } from '../../sandbox/jlis/control-client.ts';
import { type SandboxClient, takeToken } from '../../sandbox/register-client.ts';
import { signedHeaders } from '../../sandbox/cloud/iam/sigv4.ts';
import { ReferenceModel } from './reference-model.ts';
import type { SandboxProcess } from './sandbox-process.ts';

export interface Reply {
  /** 0: no answer came. */
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Service {
  readonly name: string;
  readonly serviceId: string;
  readonly client: SandboxClient;
}

/** Somebody with a card, as the model knows them. */
export interface Inhabitant {
  readonly card: CardView;
  readonly revoked: boolean;
}

/** API Gateway gives up after 29 s; who waits longer has no answer. */
const patienceMs = 35_000;
/** A request that is repeated for so long, and has no answer after it, is lost. */
const persistenceMs = 120_000;

/** The sandbox of a run, its services and its people, and the model that judges it. */
export class Stage {
  readonly sandbox: SandboxProcess;
  model: ReferenceModel;
  readonly services: Service[] = [];
  readonly people: Inhabitant[] = [];
  #tokens = new Map<string, Promise<string>>();
  #clockOffset = 0;

  constructor(sandbox: SandboxProcess, model = new ReferenceModel()) {
    this.sandbox = sandbox;
    this.model = model;
  }

  /** Registers five services and issues cards, of which some are revoked on the list too. */
  async prepare(): Promise<void> {
    const { client, operator } = this.sandbox.known;
    const own = JSON.parse(readFileSync(client.keyFile.replace(/\.jwk$/, '.json'), 'utf8')) as {
      serviceId: string;
    };
    this.services.push({
      name: 'ready-made',
      serviceId: own.serviceId,
      client: { clientId: client.clientId, ...openClientKey(client.keyFile) },
    });
    const operating = { clientId: operator.clientId, ...openClientKey(operator.keyFile) };
    for (let n = 1; n < 5; n++) {
      const made = await this.register(operating, `Service ${n}`, randomUUID());
      if (made.service === undefined) throw new Error(`no service: ${made.reply.text}`);
      this.services.push(made.service);
    }
    for (let n = 0; n < 4; n++) this.people.push(await this.newcomer());
    for (let n = 0; n < 2; n++) {
      const { card } = await this.newcomer();
      await this.jlis(`cards/${card.cardId}/revoke`, { reason: 'keyCompromise' });
      this.people.push({ card, revoked: true });
    }
    await this.jlis('crl/publish', {});
    await this.ingest();
    for (const person of this.people) await this.logIn(this.services[0]!, person);
  }

  get operator(): Service {
    const { operator } = this.sandbox.known;
    const client = { clientId: operator.clientId, ...openClientKey(operator.keyFile) };
    return { name: 'operator', serviceId: 'operator', client };
  }

  async register(operator: SandboxClient, name: string, key: string) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { kty, crv, x, y } = privateKey.export({ format: 'jwk' });
    const publicJwk = { kty, crv, x, y, kid: 'first', alg: 'ES256', use: 'sig' };
    const json = {
      organisation: { name: `City of ${name}` },
      name,
      type: 'type2',
      status: 'active',
      jwks: await jwksWithProofs([{ jwk: publicJwk as JWK, privateKey }], {
        issuer: this.sandbox.known.apiUrl,
        subject: name,
        now: this.now(),
      }),
    };
    const asking = { name: 'operator', serviceId: 'operator', client: operator };
    const headers = { 'idempotency-key': key };
    const reply = await this.persist(() =>
      this.call(asking, 'POST', '/v1/services', json, headers),
    );
    const { serviceId, clients } = reply.body as {
      serviceId?: string;
      clients?: { clientId: string }[];
    };
    if (reply.status !== 201 || serviceId === undefined) return { reply, service: undefined };
    const client = {
      clientId: clients![0]!.clientId,
      keyFile: '',
      keyId: 'first',
      privateKey,
      publicJwk,
    } as SandboxClient;
    return { reply, service: { name, serviceId, client } };
  }

  async newcomer(): Promise<Inhabitant> {
    const card = await this.#office<CardView>('cards', {});
    return { card, revoked: false };
  }

  /** The simulated J-LIS is no part of what is judged: where it fails too, it is asked again. */
  async #office<Body>(path: string, body: object): Promise<Body> {
    for (const until = performance.now() + persistenceMs; ;) {
      const answer = await this.jlis<Body>(path, body).catch(() => undefined);
      if (answer !== undefined && answer.status < 300) return answer;
      if (performance.now() > until) throw new Error(`J-LIS does not answer: ${answer?.status}`);
      await delay(200);
    }
  }

  jlis<Body = CardView>(path: string, body?: object) {
    return control<Body>(this.sandbox.known.jlisUrl, path, body);
  }

  /** The sandbox's clock, milliseconds since 1970. */
  now = (): number => Date.now() + this.#clockOffset;

  async moveClock(body: object): Promise<void> {
    await this.jlis('clock', body);
    const { offsetMs } = await this.jlis<{ offsetMs: number }>('clock');
    this.#clockOffset = offsetMs;
    this.#tokens.clear();
  }

  forgetTokens(): void {
    this.#tokens.clear();
  }

  /** One request, with an access token that is taken once. */
  async call(
    service: Service,
    method: string,
    path: string,
    json?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    try {
      const reply = await send(`${this.sandbox.known.apiUrl}${path}`, {
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${await this.#token(service)}`,
          ...(json && { 'content-type': 'application/json' }),
        },
        ...(json && { body: JSON.stringify(json) }),
      });
      if (reply.status === 401) this.#tokens.delete(tokenNameOf(service));
      return reply;
    } catch (cause) {
      this.#tokens.delete(tokenNameOf(service));
      return { status: 0, body: {}, text: String(cause) };
    }
  }

  #token(service: Service): Promise<string> {
    const name = tokenNameOf(service);
    const known = this.#tokens.get(name);
    if (known !== undefined) return known;
    const platform = { apiUrl: this.sandbox.known.apiUrl, now: this.now };
    const taking = takeToken(platform, service.client);
    taking.catch(() => this.#tokens.delete(name));
    this.#tokens.set(name, taking);
    return taking;
  }

  /** Repeats one request while it is refused for the time being; the last reply. */
  async persist(send: () => Promise<Reply>): Promise<Reply> {
    for (const until = performance.now() + persistenceMs; ;) {
      const reply = await send();
      if (!isForNow(reply)) return reply;
      this.model.refusedForNow(reply.status === 0 ? 'no answer' : codeOf(reply));
      if (performance.now() > until) return reply;
      await delay(100 + Math.random() * 200);
    }
  }

  /** A challenge of the service's, signed by the card: the body of a login. */
  async signed(service: Service, { card }: Inhabitant): Promise<object | undefined> {
    const reply = await this.persist(() => this.call(service, 'POST', '/v1/challenges', {}));
    const challenge = reply.body['challenge'];
    if (typeof challenge !== 'string') {
      this.#unanswered('a challenge', reply);
      return undefined;
    }
    const { signature } = await this.#office<{ signature: string }>(`cards/${card.cardId}/sign`, {
      pin: '1234',
      text: challenge,
    });
    return { challenge, certificate: card['user-authentication'].certificate, signature };
  }

  /**
   * One login as the guide tells a caller to make it: repeated under its Idempotency-Key until there is
   * an answer, which the model judges. Returns the answer.
   */
  async logIn(service: Service, person: Inhabitant): Promise<Reply | undefined> {
    const json = await this.signed(service, person);
    if (json === undefined) return undefined;
    const headers = { 'idempotency-key': randomUUID() };
    const reply = await this.persist(() =>
      this.call(service, 'POST', '/v1/authentications', json, headers),
    );
    this.judgeLogin(service, person, reply);
    return reply;
  }

  judgeLogin(service: Service, person: Inhabitant, reply: Reply): void {
    if (reply.status === 201) {
      const ppid = String(reply.body['ppid']);
      this.model.loggedIn(service.serviceId, person.card.cardId, ppid, person.revoked);
    } else if (isForNow(reply)) this.#unanswered('a login', reply);
    else this.model.refused(person, codeOf(reply));
  }

  /** Links a person who has logged in; what is acknowledged must be found afterwards. */
  async link(service: Service, { card }: Inhabitant): Promise<void> {
    const ppid = this.model.ppidOf(service.serviceId, card.cardId);
    if (ppid === undefined) return;
    const userNumber = `u-${card.cardId}`;
    const reply = await this.persist(() =>
      this.call(service, 'POST', '/v1/links', { ppid, userNumber }),
    );
    if (reply.status === 200) {
      this.model.counts.answers += 1;
      this.model.linked(service.serviceId, userNumber, card.cardId);
    } else if (isForNow(reply)) this.#unanswered('a link', reply);
    else this.model.complain('wrong', `a link was refused: ${codeOf(reply)}`);
  }

  #unanswered(what: string, reply: Reply): void {
    this.model.complain('lost', `${what} had no answer: ${reply.status} ${codeOf(reply)}`);
  }

  /** Everything that was acknowledged is there, once; everybody still has their PPID. */
  async audit(): Promise<void> {
    for (const { service: serviceId, userNumber, ppid } of this.model.links()) {
      const service = this.services.find((each) => each.serviceId === serviceId)!;
      const look = { userNumber };
      const reply = await this.persist(() => this.call(service, 'POST', '/v1/links/lookup', look));
      if (reply.status !== 200) this.model.complain('lost', `a link: ${codeOf(reply)}`);
      else if (reply.body['ppid'] !== ppid)
        this.model.complain('wrong', 'a link of another person');
    }
    for (const person of this.people) await this.logIn(this.services[0]!, person);
  }

  /** Runs the nightly ingestion now, as the operator; `ok` where no list was refused. */
  async ingest(): Promise<{ readonly ok: boolean; readonly text: string; readonly ms: number }> {
    const { lambdaEndpoint, aws } = this.sandbox.known;
    const url = new URL('/2015-03-31/functions/ingest-crl/invocations', lambdaEndpoint);
    const request = { method: 'POST', url, body: '{}' };
    const scope = { region: 'ap-northeast-1', service: 'lambda' };
    const headers = signedHeaders(request, aws, scope, Date.now());
    const began = performance.now();
    const answer = await fetch(url, { method: 'POST', headers, body: request.body });
    const text = await answer.text();
    const ok = answer.ok && !answer.headers.has('x-amz-function-error');
    return { ok, text, ms: performance.now() - began };
  }

  /**
   * Visitors come and go until `fault` is over: known people and new ones, revoked cards, at every
   * service, with links. Whoever is under way then is waited for.
   */
  async whileVisited<T>(fault: () => Promise<T>, visitors = 4): Promise<T> {
    const over = new AbortController();
    const visit = async (visitor: number): Promise<void> => {
      for (let n = visitor; !over.signal.aborted; n += visitors) {
        const service = this.services[n % this.services.length]!;
        const person = n % 5 === 4 ? await this.newcomer() : this.people[n % this.people.length]!;
        await this.logIn(service, person);
        if (!person.revoked) await this.link(service, person);
      }
    };
    const visits = Array.from({ length: visitors }, (_, n) => visit(n));
    for (const each of visits) each.catch(() => {});
    try {
      return await fault();
    } finally {
      over.abort();
      await Promise.all(visits);
    }
  }

  /** Seconds until a new login succeeds at the first try, in the way that `normal` wants it. */
  async recovery(normal: (reply: Reply) => boolean = () => true): Promise<number> {
    const began = performance.now();
    const service = this.services[0]!;
    for (;;) {
      const challenge = await this.call(service, 'POST', '/v1/challenges', {});
      const text = challenge.body['challenge'];
      if (typeof text === 'string') {
        const { card } = this.people[0]!;
        const { signature } = await this.#office<{ signature: string }>(
          `cards/${card.cardId}/sign`,
          { pin: '1234', text },
        );
        const { certificate } = card['user-authentication'];
        const json = { challenge: text, certificate, signature };
        const reply = await this.call(service, 'POST', '/v1/authentications', json);
        if (reply.status === 201 && normal(reply)) return (performance.now() - began) / 1000;
      }
      if (performance.now() - began > persistenceMs) return Number.POSITIVE_INFINITY;
      await delay(50);
    }
  }
}

/** Two operators have one client, and each a key. */
const tokenNameOf = ({ client }: Service): string => `${client.clientId} ${client.keyId}`;

/** May come to an answer when it is repeated: nothing, or a failure that is told as one. */
export const isForNow = ({ status, body }: Reply): boolean =>
  status === 0 ||
  status >= 500 ||
  status === 429 ||
  body['code'] === 'request-in-progress' ||
  status === 401;

export const codeOf = ({ status, body, text }: Reply): string =>
  typeof body['code'] === 'string' ? body['code'] : `status ${status} ${text.slice(0, 80)}`;

async function send(url: string, init: RequestInit): Promise<Reply> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) });
  const text = await answer.text();
  return { status: answer.status, text, body: parsed(text) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export const newKey = (): string => randomBytes(12).toString('hex');
