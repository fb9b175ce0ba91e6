import { retention } from '../people/scene.ts';
import { httpLinkage } from '../../lambdas/platform/adapters/linkage/http-linkage.ts';
import { httpOcspClient } from '../../lambdas/platform/adapters/ocsp/http-ocsp-client.ts';
import type { StoredLists } from '../../lambdas/crl-store/lookup/stored-lists.ts';
import { parseTrustProfile } from '../../lambdas/platform/trust-profile-json.ts';
import { validateUnderProfile } from '../../lambdas/pki/validation/validate-under-profile.ts';
import { authenticationsHandler } from '../../lambdas/capabilities/authentications/handler.ts';
import { certificatesHandler } from '../../lambdas/capabilities/certificates/handler.ts';
import { libraryLinksHandler } from '../../lambdas/capabilities/library-links/handler.ts';
import { readingSessionsHandler } from '../../lambdas/capabilities/reading-sessions/handler.ts';
import { terminalsHandler } from '../../lambdas/capabilities/terminals/handler.ts';
import { rightsHandler } from '../../lambdas/capabilities/rights/handler.ts';
import type { CardAct } from '../../lambdas/people/rights.ts';
import { challengesHandler } from '../../lambdas/capabilities/challenges/handler.ts';
import type { LambdaHandler } from '../../lambdas/platform/http/operation-handler.ts';
import type { Service } from '../../lambdas/capabilities/services/service.ts';
import { createClock } from '../../sandbox/jlis/clock.ts';
import { control, type CardView } from '../../sandbox/jlis/control-client.ts';
import { startJlis } from '../../sandbox/jlis/start-jlis.ts';
import { labelledKeys, labelledPpidMac } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import * as memory from '../fakes/memory-stores.ts';
import { baseUrl, eventFor, now, type2Caller } from './gateway-event.ts';
import { expectAsPublished } from './openapi-contract.ts';

/** Until a test says otherwise: no list was ever ingested. */
const noLists = (): StoredLists => ({
  current: async () => undefined,
  all: async () => [],
  lookup: async (_, serials) => serials.map(() => undefined),
});

const challengeKey = async () => Buffer.alloc(32, 7);

/**
 * The handlers that meet cards, over a simulated J-LIS that speaks real OCSP and linkage over HTTP;
 * stores in memory, a fixed clock that both share.
 */
export async function startCardPlatform() {
  let time = now;
  const jlis = await startJlis({ port: 0, clock: createClock(0, () => time) });
  const profile = parseTrustProfile(jlis.trustProfileJson());
  const usedChallenges = memory.memoryUsedChallenges();
  const store = memoryIdentityStore();
  const identity = {
    keys: labelledKeys(),
    store,
    linkage: httpLinkage(profile.linkageUrl),
    elapsedMs: () => 0,
    ppidMac: labelledPpidMac(),
  };
  const lists = noLists();
  const validation = { profile, ocsp: httpOcspClient, lists, elapsedMs: () => 0 };
  const readingSessions = memory.memoryReadingSessions();
  const registered = new Map<string, Service>();
  const services = { service: async (id: string) => registered.get(id) };
  const holds = memory.memoryCheckQuota();
  const terminals = memory.memoryTerminals();
  const lines: Readonly<Record<string, unknown>>[] = [];
  const settings = {
    publicBaseUrl: baseUrl,
    clock: () => time,
    log: (line: Readonly<Record<string, unknown>>) => void lines.push(line),
    idempotency: memory.memoryIdempotencyStore(),
  };
  const authenticationAt = (at: number) => ({
    challengeKey,
    usedChallenges,
    validate: validateUnderProfile,
    validation,
    identity: { ...identity, now: at },
  });
  const readings = readingSessionsHandler(
    (at) => ({
      sessions: readingSessions,
      services,
      holds,
      terminals,
      authentication: authenticationAt(at),
    }),
    settings,
  );
  const libraryLinks = libraryLinksHandler(
    (at) => ({ store, keys: identity.keys, now: at }),
    settings,
  );
  const machines = terminalsHandler(terminals, settings);
  const rights = rightsHandler(
    (at) => ({
      challengeKey,
      usedChallenges,
      validate: validateUnderProfile,
      validation,
      people: { ...identity, now: at, deletionGraceMs: 14 * 86_400_000, retention },
      serviceName: async (id) => registered.get(id)?.name,
    }),
    settings,
  );
  const handlers: Readonly<Record<string, LambdaHandler>> = {
    'open-reading-session': readings,
    'claim-reading-ticket': readings,
    'report-reading': readings,
    'get-reading-session': readings,
    'redeem-reading-handover': readings,
    'put-library-link': libraryLinks,
    'look-up-library-link': libraryLinks,
    'remove-library-link': libraryLinks,
    'create-terminal': machines,
    'list-terminals': machines,
    'pair-terminal': machines,
    'revoke-terminal': machines,
    'create-rights-challenge': rights,
    'disclose-record': rights,
    'disclose-record-page': rights,
    'request-right': rights,
    'request-my-key-id': rights,
    'take-request-on-behalf': rights,
    'list-requests-on-behalf': rights,
    'approve-request-on-behalf': rights,
    'request-correction': rights,
    'list-corrections': rights,
    'propose-correction-outcome': rights,
    'approve-correction-outcome': rights,
    'create-challenge': challengesHandler(challengeKey, settings),
    authenticate: authenticationsHandler(authenticationAt, settings),
    'validate-certificate': certificatesHandler(validateUnderProfile, () => validation, settings),
  };
  const call = async (
    id: string,
    body: unknown,
    {
      caller = type2Caller,
      headers = {},
      path = {},
    }: {
      caller?: typeof type2Caller;
      headers?: Record<string, string>;
      path?: Record<string, string>;
    } = {},
  ) => {
    const result = await handlers[id]!(eventFor(id, { body, caller, headers, path }), {});
    const isPage = result.headers!['Content-Type'] === 'text/html; charset=utf-8';
    if (!isPage) expectAsPublished(id, result);
    return {
      status: result.statusCode,
      text: result.body,
      body: (isPage ? {} : JSON.parse(result.body)) as Record<string, unknown>,
      headers: result.headers!,
    };
  };
  const sign = async (card: CardView, challenge: string) => {
    const answer = await control<{ signature: string }>(jlis.url, `cards/${card.cardId}/sign`, {
      pin: '1234',
      text: challenge,
      certificate: 'user-authentication',
    });
    const { certificate } = card['user-authentication'];
    return { challenge, certificate, signature: answer.signature };
  };
  return {
    jlis,
    people: { store, keys: identity.keys },
    readingSessions,
    registered,
    /** What was ingested. */
    lists,
    terminals,
    lines,
    call,
    moveClock: (ms: number) => void (time += ms),
    issue: (request: object = {}) => control(jlis.url, 'cards', request),
    change: (card: CardView, path: string, body: object = {}) =>
      control(jlis.url, `cards/${card.cardId}/${path}`, body),
    /** A new challenge and the card's signature over it, as a client sends them. */
    async signed(card: CardView, caller = type2Caller) {
      const { body } = await call('create-challenge', {}, { caller });
      const challenge = body['challenge'] as string;
      return sign(card, challenge);
    },
    /** What a person sends who asks for this with the card. */
    async signedRequest(card: CardView, act: CardAct) {
      const { body } = await call('create-rights-challenge', { act });
      return sign(card, body['challenge'] as string);
    },
  };
}
