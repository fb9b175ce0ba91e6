import type { CardView } from '../jlis/control-client.ts';
import { atJlis, type DemoPlatform } from './demo-platform.ts';
import { logIn } from './demo-service.ts';
import type { PlatformAnswer, PlatformSession } from './platform-session.ts';

/**
 * The holder moves house: the service learns that the attributes changed, never what they are.
 * @returns the card with its new signature certificate
 */
export async function tellOfMove(
  platform: DemoPlatform,
  service: PlatformSession,
  card: CardView,
  ppid: string,
): Promise<CardView> {
  const { narrator } = platform;
  narrator.chapter('The holder moves house', '本人が引っ越す');
  const ask = (confirmed: boolean): Promise<PlatformAnswer> =>
    service.call(
      'POST',
      '/v1/attribute-status',
      { ppid, ...(confirmed && { confirmed }) },
      ({ status, sinceSetBy, changedAt, method, source }) => ({
        status,
        sinceSetBy,
        changedAt,
        method,
        source,
      }),
    );
  narrator.say(
    'The reading room has just read name and address from the new card:',
    '閲覧室は新しいカードから氏名と住所を読んだところ：',
  );
  const before = await ask(true);
  narrator.proves(
    before.body['status'] === 'unchanged',
    'from now on it is told of changes to what it has read',
    '以後、読んだ内容に変更があれば知らされる',
  );
  const moved = await atJlis<CardView>(platform, `cards/${card.cardId}/move`, {}, (view) => ({
    municipality: view.person.municipality,
    'digital-signature': view['digital-signature']?.notAfter.slice(0, 10),
  }));
  const after = await ask(false);
  narrator.proves(
    after.body['status'] === 'changed' && after.body['method'] === 'ocsp',
    'changed: the signature certificate of the reading was revoked as affiliationChanged; the platform has seen neither address',
    '変更あり。読んだときの署名用証明書が affiliationChanged（記載事項の変更）で失効した。プラットフォームは新旧どちらの住所も見ていない',
  );
  const login = await logIn(platform, service, moved);
  narrator.proves(
    login.status === 201 && login.body['ppid'] === ppid,
    'the card logs in as before, and the PPID stays',
    'ログインはこれまでどおりで、PPID も変わらない',
  );
  return moved;
}
