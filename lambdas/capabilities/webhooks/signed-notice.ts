import { createHash } from 'node:crypto';
import type { WebhookKeys } from './webhook.ts';

export interface SignedNotice {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A notice by the Standard Webhooks specification, with asymmetric signatures (`v1a`): receivers
 * check the signature over `id.timestamp.body`, that the timestamp is within five minutes of their
 * clock, and process each id once. It names nobody: what happened stands in the feed.
 * @param hour hours since 1970; every try of one hour has the same id
 */
export async function signedNotice(
  serviceId: string,
  hour: number,
  keys: WebhookKeys,
  now: number,
): Promise<SignedNotice> {
  const id = `msg_${createHash('sha256').update(`${serviceId} ${hour}`).digest('base64url').slice(0, 24)}`;
  const timestamp = String(Math.floor(now / 1_000));
  const body = JSON.stringify({
    type: 'events.available',
    timestamp: new Date(hour * 3_600_000).toISOString(),
    data: {},
  });
  const signatures = await keys.sign(Buffer.from(`${id}.${timestamp}.${body}`, 'utf8'));
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures
        .map((signature) => `v1a,${Buffer.from(signature).toString('base64')}`)
        .join(' '),
    },
    body,
  };
}
