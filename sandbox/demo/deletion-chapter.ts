import { setTimeout as delay } from 'node:timers/promises';
import type { CardView } from '../jlis/control-client.ts';
import { atJlis, type DemoPlatform } from './demo-platform.ts';
import { logIn } from './demo-service.ts';
import { readEvents } from './events-chapter.ts';
import { callerOf, type PlatformAnswer, type PlatformSession } from './platform-session.ts';

interface Departure {
  readonly service: PlatformSession;
  readonly card: CardView;
  readonly ppid: string;
}

/**
 * The person asks for deletion with the card, and cancels it. Where the sandbox's clock may be moved,
 * asks again, and comes back as somebody new.
 */
export async function tellOfDeletion(platform: DemoPlatform, departure: Departure): Promise<void> {
  const { narrator } = platform;
  const { service, card, ppid } = departure;
  narrator.chapter('The person asks to be deleted, with the card', '本人がカードで削除を求める');
  const asked = await askByCard(platform, card, 'delete');
  const refused = await logIn(platform, service, card);
  narrator.proves(
    asked.status === 200 && refused.body['code'] === 'subject-suspended',
    'the card signed the very act; no service can use the record from now on',
    'カードは請求の内容そのものに署名した。以後、どのサービスも記録を使えない',
  );
  const cancelled = await askByCard(platform, card, 'cancel-deletion');
  const again = await logIn(platform, service, card);
  narrator.proves(
    cancelled.status === 200 && again.body['ppid'] === ppid,
    'cancelled within the time of grace: everything is as it was',
    '猶予期間のうちに取り消した。すべて元のまま',
  );
  if (platform.mayMoveByDays) return tellOfErasure(platform, departure);
  narrator.say(
    'With --move-clock the demo asks again, and lets the time of grace pass.',
    '--move-clock を付けると、もう一度削除を求め、猶予期間が過ぎるまで進めます。',
  );
}

async function tellOfErasure(
  platform: DemoPlatform,
  { service, card, ppid }: Departure,
): Promise<void> {
  const { narrator, clock } = platform;
  narrator.chapter(
    'Asked again, and the time of grace passes',
    'もう一度削除を求め、猶予期間が過ぎる',
  );
  await askByCard(platform, card, 'delete');
  // The time of grace is 14 days; a deletion is executed in the night after.
  await clock.forward({ days: 15 });
  const later = await service.later(clock.passedSeconds);
  const onceErased = async (
    ask: () => Promise<PlatformAnswer>,
    isThere: (answer: PlatformAnswer) => boolean,
  ): Promise<PlatformAnswer> => {
    let answer = await ask();
    for (let looks = 0; isThere(answer) && looks < 30; looks++) {
      narrator.say(
        'Due deletions are executed every night, this one now; once more:',
        '期日の来た削除は毎夜実行され、いま実行中。もう一度：',
      );
      await delay(2_000);
      answer = await ask();
    }
    return answer;
  };
  const link = await onceErased(
    () => later.call('POST', '/v1/links/lookup', { userNumber: 'R-0004711' }),
    ({ status }) => status === 200,
  );
  const status = await later.call('POST', '/v1/attribute-status', { ppid });
  narrator.proves(
    link.body['code'] === 'link-not-found' && status.body['code'] === 'ppid-not-found',
    'certificates, PPIDs and links are erased: the platform cannot find the person any more',
    '証明書、PPID、紐付けが消された。プラットフォームはもうこの人を見つけられない',
  );
  // The certificates go last: until then the person is suspended, not new.
  const back = await onceErased(
    () => logIn(platform, later, card),
    ({ body }) => body['code'] === 'subject-suspended',
  );
  narrator.proves(
    back.status === 201 && back.body['ppid'] !== ppid,
    'whoever comes back is somebody new: nothing relates the two PPIDs',
    '戻ってきた人は新しい人として扱われる。新旧の PPID を結び付けるものはない',
  );
  await clock.forward({ hours: 1 });
  const events = await readEvents(platform, service, ['person.deleted']);
  narrator.proves(
    events.some(({ type, data }) => type === 'person.deleted' && data.ppid === ppid),
    'and the reading room is told, to do with its own records as its rules say',
    '閲覧室にも知らされ、自分の記録を自分の規則に従って扱う',
  );
}

/** A request of the person: a challenge that names the act, signed by the card; no service is part. */
async function askByCard(
  platform: DemoPlatform,
  card: CardView,
  act: 'delete' | 'cancel-deletion',
): Promise<PlatformAnswer> {
  const person = callerOf(platform.url, platform.narrator, 'person');
  const { body } = await person.call('POST', '/v1/rights/challenges', { act });
  const challenge = String(body['challenge']);
  const { signature } = await atJlis<{ signature: string }>(
    platform,
    `cards/${card.cardId}/sign`,
    { pin: '1234', text: challenge },
    (signed) => ({ signature: signed.signature }),
  );
  return person.call('POST', '/v1/rights/requests', {
    challenge,
    certificate: card['user-authentication'].certificate,
    signature,
  });
}
