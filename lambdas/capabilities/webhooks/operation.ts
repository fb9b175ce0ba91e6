import { MyKeyError } from '../../errors.ts';
import { eventsWait, type ReadFeedPorts } from '../../people/feed.ts';
import { webhookLimits } from './limits.ts';
import { signedNotice, type SignedNotice } from './signed-notice.ts';
import { literalAddress, mayConnect, parseTarget, refused, type TargetRules } from './target.ts';
import type { Webhook, WebhookKeys, WebhookStore } from './webhook.ts';

export interface RegistrationPorts {
  readonly store: WebhookStore;
  readonly rules: TargetRules;
  /** All addresses of a host name; empty if there are none. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Registers the endpoint of a service, in place of the one before; a failing one begins anew.
 * @throws MyKeyError `webhook-url-refused`
 */
export async function registerWebhook(
  serviceId: string,
  given: string,
  { store, rules, resolve, now }: RegistrationPorts,
): Promise<Webhook> {
  const url = parseTarget(given, rules);
  const literal = literalAddress(url);
  const addresses = literal === undefined ? await resolve(url.hostname) : [literal];
  if (addresses.length === 0) throw refused('give a host name that resolves');
  if (!addresses.every((address) => mayConnect(address, rules)))
    throw refused('give a host with public addresses only');
  const webhook: Webhook = { serviceId, url: url.href, registeredAt: now, failures: 0 };
  await store.put(webhook);
  return webhook;
}

/** @throws MyKeyError `webhook-not-found` */
export async function findWebhook(serviceId: string, store: WebhookStore): Promise<Webhook> {
  const found = await store.get(serviceId);
  if (found === undefined)
    throw new MyKeyError('webhook-not-found', 'register an endpoint with PUT /v1/webhook');
  return found;
}

export interface NoticePorts {
  readonly store: WebhookStore;
  readonly feed: Omit<ReadFeedPorts, 'now'>;
  readonly keys: WebhookKeys;
  readonly rules: TargetRules;
  /**
   * Posts to the URL, without following redirects; connects only to addresses that `mayConnect`
   * permits at that moment. Resolves with the HTTP status; rejects otherwise.
   */
  readonly post: (url: URL, notice: SignedNotice, rules: TargetRules) => Promise<number>;
  readonly now: number;
}

/** The endpoints that are asked in this hour. */
export async function endpointsToNotify(store: WebhookStore): Promise<readonly string[]> {
  const all = await store.list();
  return all
    .filter(({ failures }) => failures < webhookLimits.failedHours)
    .map(({ serviceId }) => serviceId);
}

/**
 * Tells a service that events wait in its feed, if some do. The feed keeps them: a notice that is
 * lost is followed by that of the next hour, until the service has read.
 * @throws Error if the endpoint does not acknowledge with 2xx: try again
 */
export async function notifyService(
  serviceId: string,
  ports: NoticePorts,
): Promise<'notified' | 'nothing-waits' | 'no-endpoint'> {
  const { store, feed, keys, rules, post, now } = ports;
  const webhook = await store.get(serviceId);
  if (webhook === undefined) return 'no-endpoint';
  if (!(await eventsWait({ ...feed, now }, serviceId))) return 'nothing-waits';
  const notice = await signedNotice(serviceId, Math.floor(now / 3_600_000), keys, now);
  const status = await post(parseTarget(webhook.url, rules), notice, rules);
  if (status < 200 || status > 299) throw new Error(`the endpoint answered ${status}`);
  if (webhook.failures > 0) await store.recordOutcome(webhook, { failures: 0 });
  return 'notified';
}

/** After all tries of an hour. */
export async function recordFailure(
  serviceId: string,
  { store, now }: Pick<NoticePorts, 'store' | 'now'>,
): Promise<void> {
  const webhook = await store.get(serviceId);
  if (webhook === undefined) return;
  await store.recordOutcome(webhook, { failures: webhook.failures + 1, failedAt: now });
}
