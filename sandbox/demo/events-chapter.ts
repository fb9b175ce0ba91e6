import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { atJlis, type DemoPlatform } from './demo-platform.ts';
import type { PlatformSession } from './platform-session.ts';

interface DemoEvent {
  readonly type: string;
  readonly data: { readonly ppid: string; readonly reason?: string };
}

interface Notice {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * What happened in the chapters before reaches the service: first a signed notice that something
 * did, then its feed.
 */
export async function tellOfEvents(
  platform: DemoPlatform,
  service: PlatformSession,
  ppid: string,
): Promise<void> {
  const { narrator } = platform;
  narrator.chapter(
    'An hour later, the reading room is told what happened',
    '一時間後、閲覧室に出来事が知らされる',
  );
  const endpoint = await listen();
  try {
    const { body } = await service.call(
      'PUT',
      '/v1/webhook',
      { url: endpoint.url },
      ({ url, state }) => ({ url, state }),
    );
    await atJlis<{ crlNumber: string }>(platform, 'crl/publish', {}, ({ crlNumber }) => ({
      crlNumber,
    }));
    await platform.ingest();
    narrator.say('Renewals are delivered every 15 minutes:', '更新は 15 分ごとに届けられる：');
    await platform.clock.forward({ minutes: 16 });
    await delay(3_000);
    const notice = await nextNotice(platform, endpoint);
    narrator.asked(
      'service',
      `POST ${endpoint.url} from the platform, at five past / 毎時5分に通知`,
    );
    narrator.answered(204, JSON.parse(notice?.body ?? '{}'));
    const [publicKey = ''] = body['publicKeys'] as string[];
    narrator.proves(
      notice !== undefined && isSigned(notice, publicKey),
      'a webhook by the Standard Webhooks specification: its Ed25519 signature holds, it names nobody',
      'Standard Webhooks 仕様の通知。Ed25519 の署名は正しく、誰のことかは書かれていない',
    );
    const expected = ['person.certificate-revoked', 'person.renewed', 'person.attributes-changed'];
    const events = await readEvents(platform, service, expected);
    narrator.proves(
      expected.every((type) => events.some((event) => event.type === type)) &&
        events.every(({ data }) => data.ppid === ppid),
      'compromised, renewed, moved: events under the service’s own PPID, with the day and no serial',
      '危殆化、更新、転居の三つの出来事。このサービスの PPID で示され、日付だけがあり、発行番号はない',
    );
  } finally {
    await platform.clock.back();
    await service.call('DELETE', '/v1/webhook');
    endpoint.close();
  }
}

/** The notice at five past; on a slow machine the events are there only in a later hour. */
async function nextNotice(
  { narrator, clock }: DemoPlatform,
  endpoint: Awaited<ReturnType<typeof listen>>,
): Promise<Notice | undefined> {
  for (let looks = 1; ; looks++) {
    await clock.forward({ hours: 1 });
    const notice = await endpoint.first(10_000);
    if (notice !== undefined || looks === 6) return notice;
    narrator.say(
      'No event was there at five past; one more hour:',
      '5分の時点ではまだ出来事がない。もう一時間進める：',
    );
  }
}

/**
 * Reads the feed until it has these types. What the platform learns in an hour is told in the next: on
 * a slow machine, more hours pass.
 */
export async function readEvents(
  { narrator, clock }: DemoPlatform,
  service: PlatformSession,
  types: readonly string[],
): Promise<readonly DemoEvent[]> {
  for (let looks = 1; ; looks++) {
    const now = await service.later(clock.passedSeconds);
    const { body } = await now.call('GET', '/v1/events');
    const events = body['events'] as readonly DemoEvent[];
    const isWhole = types.every((type) => events.some((event) => event.type === type));
    if (isWhole || looks === 6) return events;
    narrator.say(
      'What is learnt in an hour is told in the next; one more hour:',
      'ある時間に分かったことは次の時間に知らされる。もう一時間進める：',
    );
    await delay(3_000);
    await clock.forward({ hours: 1 });
  }
}

/** Standard Webhooks, `v1a`: over id, time and body. */
function isSigned({ headers, body }: Notice, publicKey: string): boolean {
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const signatures = String(headers['webhook-signature']).split(' ');
  return signatures.some((each) =>
    verify(null, Buffer.from(signed), key, Buffer.from(each.replace('v1a,', ''), 'base64')),
  );
}

/** The service's own endpoint, on loopback. */
async function listen() {
  const received: Notice[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((parts) => {
      received.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/what-happened`,
    first: async (withinMs: number): Promise<Notice | undefined> => {
      for (let waited = 0; received.length === 0 && waited < withinMs; waited += 100)
        await delay(100);
      return received[0];
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
