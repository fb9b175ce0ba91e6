import type { AssertionStore } from '../../lambdas/capabilities/tokens/assertion-store.ts';
import type { CheckQuota } from '../../lambdas/capabilities/revocation-checks/check-quota.ts';
import type { UsedChallenges } from '../../lambdas/capabilities/challenges/operation.ts';
import type {
  ReadingSession,
  ReadingSessions,
} from '../../lambdas/capabilities/reading-sessions/reading-session.ts';
import { keyThumbprint } from '../../lambdas/capabilities/services/client-jwks.ts';
import { MyKeyError, type ErrorCode } from '../../lambdas/errors.ts';
import type { ServiceRegistry } from '../../lambdas/capabilities/services/service-registry.ts';
import type { Client, Organisation, Service } from '../../lambdas/capabilities/services/service.ts';
import type { Terminal, Terminals } from '../../lambdas/capabilities/terminals/terminal.ts';
import type { IdempotencyStore } from '../../lambdas/platform/http/idempotency.ts';

/** Small stores for tests of what is above them; each passes its port's contract suite. */

export function memoryServiceRegistry(usageKeys = 1_000): ServiceRegistry {
  const organisations = new Map<string, Organisation>();
  const services = new Map<string, Service>();
  const clients = new Map<string, Client>();
  /** By thumbprint: the client that registered the key first. */
  const holders = new Map<string, string>();
  const refuseTaken = (clientId: string, keys: Client['keys']) => {
    const isFree = (key: Client['keys'][number]) =>
      (holders.get(keyThumbprint(key)) ?? clientId) === clientId;
    if (!keys.every(isFree)) refuse('client-key-taken');
  };
  let drawn = 0;
  const draw = (): number => {
    if (drawn >= usageKeys)
      throw new MyKeyError('client-keys-used-up', 'deploy with a larger clientKeys');
    return (drawn += 1);
  };
  return {
    organisation: async (id) => organisations.get(id),
    service: async (id) => services.get(id),
    client: async (id) => clients.get(id),
    async list(after, limit) {
      const all = [...services.values()];
      const from = all.findIndex(({ serviceId }) => serviceId === after) + 1;
      const page = all.slice(from, from + limit);
      const isMore = from + limit < all.length;
      return { services: page, ...(isMore && { next: page.at(-1)!.serviceId }) };
    },
    async register({ organisation, isNewOrganisation, service, client }) {
      const { organisationId } = organisation;
      if (services.has(service.serviceId)) return 'stood';
      if (!isNewOrganisation && !organisations.has(organisationId))
        refuse('organisation-not-found');
      for (const other of services.values()) {
        if (other.organisationId === organisationId && other.name === service.name)
          refuse('service-exists');
      }
      for (const other of isNewOrganisation ? organisations.values() : []) {
        if (other.name === organisation.name) refuse('organisation-exists');
      }
      refuseTaken(client.clientId, client.keys);
      const usageKey = draw();
      for (const key of client.keys) holders.set(keyThumbprint(key), client.clientId);
      organisations.set(organisationId, organisation);
      services.set(service.serviceId, service);
      clients.set(client.clientId, { ...client, usageKey });
      return 'registered';
    },
    async drawUsageKey(clientId) {
      const client = clients.get(clientId) ?? refuse('service-not-found');
      const usageKey = client.usageKey ?? draw();
      clients.set(clientId, { ...client, usageKey });
      return usageKey;
    },
    async replaceService(before, after) {
      const now = services.get(before.serviceId);
      if (now?.status !== before.status || now.updatedAt !== before.updatedAt) {
        refuse('service-transition-invalid');
      }
      services.set(after.serviceId, after);
    },
    async replaceKeys(clientId, keys) {
      const client = clients.get(clientId) ?? refuse('service-not-found');
      refuseTaken(clientId, keys);
      for (const key of keys) holders.set(keyThumbprint(key), clientId);
      clients.set(clientId, { ...client, keys });
    },
    async replaceScopes(clientId, scopes) {
      const client = clients.get(clientId) ?? refuse('service-not-found');
      clients.set(clientId, { ...client, scopes });
    },
  };
}

export function memoryCheckQuota(): CheckQuota {
  const counts = new Map<string, number>();
  const counted = new Set<string>();
  return {
    async take(serviceId, day, identifiers, most, once) {
      const key = `${serviceId} ${day}`;
      const name = `${key} ${once}`;
      if (counted.has(name)) return true;
      const after = (counts.get(key) ?? 0) + identifiers;
      if (after > most) return false;
      counts.set(key, after);
      if (once !== undefined) counted.add(name);
      return true;
    },
  };
}

export function memoryUsedChallenges(): UsedChallenges {
  const used = new Map<string, string>();
  return {
    async use({ nonce }, requestToken) {
      if (!used.has(nonce)) used.set(nonce, requestToken);
      return used.get(nonce) === requestToken;
    },
  };
}

export function memoryReadingSessions(): ReadingSessions & {
  readonly texts: () => readonly string[];
} {
  const kept = new Map<string, { readonly text: string; readonly version: string }>();
  let writes = 0;
  const put = (session: ReadingSession): string => {
    const version = String((writes += 1));
    kept.set(session.sessionId, { text: JSON.stringify(session), version });
    return version;
  };
  return {
    texts: () => [...kept.values()].map(({ text }) => text),
    create: async (session) => void put(session),
    async read(sessionId) {
      const found = kept.get(sessionId);
      return (
        found && {
          session: JSON.parse(found.text) as ReadingSession,
          version: found.version,
        }
      );
    },
    replace: async (session, was) =>
      kept.get(session.sessionId)?.version === was ? put(session) : undefined,
  };
}

const terminalKey = (serviceId: string, terminalId: string) => `${serviceId} ${terminalId}`;

export function memoryTerminals(): Terminals {
  const kept = new Map<string, Terminal>();
  return {
    create: async (terminal) =>
      void kept.set(terminalKey(terminal.serviceId, terminal.terminalId), terminal),
    read: async (serviceId, terminalId) => kept.get(terminalKey(serviceId, terminalId)),
    async pair(terminal, codeDigest) {
      const key = terminalKey(terminal.serviceId, terminal.terminalId);
      if (kept.get(key)?.codeDigest !== codeDigest) return false;
      kept.set(key, terminal);
      return true;
    },
    list: async (serviceId, limit) =>
      [...kept.values()].filter((each) => each.serviceId === serviceId).slice(0, limit),
    remove: async (serviceId, terminalId) => kept.delete(terminalKey(serviceId, terminalId)),
  };
}

export function memoryAssertionStore(): AssertionStore {
  const seen = new Map<string, number>();
  return {
    async firstUse(clientId, jti, validUntil, now) {
      const key = `${clientId}\n${jti}`;
      if ((seen.get(key) ?? 0) > now) return false;
      seen.set(key, validUntil);
      return true;
    },
  };
}

export function memoryIdempotencyStore(): IdempotencyStore {
  interface Run {
    readonly fingerprint: string;
    readonly runUntil: number;
    readonly validUntil: number;
    readonly answer?: string;
    readonly answerUntil?: number;
  }
  const runs = new Map<string, Run>();
  return {
    async begin(key, fingerprint, now) {
      const run = runs.get(key);
      const isOver =
        run === undefined ||
        run.validUntil <= now ||
        (run.fingerprint === fingerprint && (run.answerUntil ?? run.runUntil) <= now);
      if (isOver) {
        runs.set(key, { fingerprint, runUntil: now + 30_000, validUntil: now + 24 * 3_600_000 });
        return { state: 'started' };
      }
      if (run.fingerprint !== fingerprint) return { state: 'other-request' };
      return run.answer === undefined
        ? { state: 'running' }
        : { state: 'answered', answer: run.answer };
    },
    async complete(key, answer, now, keptMs) {
      runs.set(key, { ...runs.get(key)!, answer, answerUntil: now + keptMs });
    },
    async leaveOpen(key) {
      runs.set(key, { ...runs.get(key)!, runUntil: 0 });
    },
    async forget(key) {
      runs.delete(key);
    },
  };
}

function refuse(code: ErrorCode): never {
  throw new MyKeyError(code, code);
}
