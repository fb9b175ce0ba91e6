import type { CardView } from '../jlis/control-client.ts';
import type { DemoPlatform } from './demo-platform.ts';
import { logIn } from './demo-service.ts';
import type { PlatformAnswer, PlatformSession } from './platform-session.ts';

/** A register whose persons are known by PPID gets new user numbers, all at once. */
export async function tellOfNewNumbers(
  { narrator }: DemoPlatform,
  { service, ppid }: { readonly service: PlatformSession; readonly ppid: string },
): Promise<void> {
  narrator.chapter('The reading room renumbers its register', '閲覧室が利用者番号を付け替える');
  await service.call('POST', '/v1/links', { ppid, userNumber: '4711' }, ({ outcome }) => ({
    outcome,
  }));
  const relink = (dryRun: boolean): Promise<PlatformAnswer> =>
    service.call(
      'POST',
      '/v1/links/import',
      { dryRun, replace: true, rows: [{ ppid, userNumber: 'R-0004711' }] },
      ({ dryRun: dry, counts, rows }) => ({ dryRun: dry, counts, rows }),
    );
  const numberNow = async (): Promise<unknown> =>
    (
      await service.call('POST', '/v1/links/lookup', { ppid }, ({ userNumber }) => ({
        userNumber,
      }))
    ).body['userNumber'];
  await relink(true);
  narrator.proves(
    (await numberNow()) === '4711',
    'a dry run reports each row and writes nothing',
    '試行では行ごとの結果だけが返り、何も書かれない',
  );
  await relink(false);
  narrator.proves(
    (await numberNow()) === 'R-0004711',
    'the register is linked anew, 500 rows a call, and nobody came to a counter',
    '台帳の紐付けを一度に改めた（一回 500 行まで）。誰も窓口に来る必要がない',
  );
}

/** A register whose persons are not known: each one's next login completes the link. */
export async function tellOfUnknownRegister(
  platform: DemoPlatform,
  { service, card }: { readonly service: PlatformSession; readonly card: CardView },
): Promise<void> {
  const { narrator } = platform;
  narrator.chapter(
    'The health desk has numbers, and does not know whose cards they are',
    '健康窓口には番号があるが、誰のカードかは分からない',
  );
  await service.call(
    'POST',
    '/v1/links/await',
    { userNumbers: ['H-17', 'H-18'] },
    ({ counts }) => ({ counts }),
  );
  const login = await logIn(platform, service, card, { userNumber: 'H-17' });
  const link = login.body['link'] as { readonly outcome?: string } | undefined;
  narrator.proves(
    link?.outcome === 'linked',
    'the login completed the link, without a form',
    '本人のログインだけで紐付けが完了した。申請書は要らない',
  );
  const waiting: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await service.call(
      'POST',
      '/v1/links/export',
      cursor === undefined ? {} : { cursor },
      (body) => ({ waiting: body['waiting'], next: body['next'] }),
    );
    waiting.push(...(page.body['waiting'] as string[]));
    cursor = page.body['next'] as string | undefined;
    if (cursor === undefined) break;
  }
  narrator.proves(
    waiting.join() === 'H-18',
    'and the export names who has not logged in since: H-18',
    '書出しには、まだログインしていない番号 H-18 が残る',
  );
}
