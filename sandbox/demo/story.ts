import { setTimeout as delay } from 'node:timers/promises';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { CardView } from '../jlis/control-client.ts';
import { tellOfDeletion } from './deletion-chapter.ts';
import { atJlis, type DemoPlatform } from './demo-platform.ts';
import { logIn, registerService, revocationOf, revocationSummary } from './demo-service.ts';
import { tellOfEvents } from './events-chapter.ts';
import { tellOfMove } from './move-chapter.ts';
import { openSession, type PlatformAnswer, type PlatformSession } from './platform-session.ts';
import { tellOfNewNumbers, tellOfUnknownRegister } from './register-chapters.ts';

/**
 * The main use case, from the registration of a service to the deletion of a person; throws if a check
 * fails.
 */
export async function tellStory(platform: DemoPlatform): Promise<void> {
  const { narrator } = platform;

  narrator.chapter('The operator registers a service', '運用者がサービスを登録する');
  const operator = await openSession(
    platform.url,
    platform.operator,
    narrator,
    'operator',
    platform.skewSeconds,
  );
  await proveToken(platform, operator.accessToken);
  const library = await registerService(platform, operator, 'Sunaba Reading Room');

  narrator.chapter('J-LIS issues a card', 'J-LIS がカードを発行する');
  const card = await atJlis<CardView>(platform, 'cards', {}, (issued) => ({
    cardId: issued.cardId,
    holder: issued.person.name,
    'user-authentication': leafSummary(issued['user-authentication']),
    'digital-signature': issued['digital-signature'] && leafSummary(issued['digital-signature']),
  }));
  narrator.proves(
    card['user-authentication'].certificate !== '',
    'a person who does not exist, two certificates, PIN 1234',
    '架空の人物。電子証明書は二種類、暗証番号は 1234',
  );

  narrator.chapter('The card logs its holder in', 'カードで本人がログインする');
  const login = await logIn(platform, library, card);
  const ppid = String(login.body['ppid']);
  const revocation = revocationOf(login);
  narrator.proves(
    login.status === 201 && revocation['status'] === 'good' && revocation['method'] === 'ocsp',
    `the responder at ${String(revocation['source'])} answered good over HTTP, its signature was verified; PPID ${ppid}`,
    `OCSP レスポンダが HTTP で「有効」と答え、その署名を検証した。このサービスでの仮名識別子（PPID）は ${ppid}`,
  );
  const again = await logIn(platform, library, card);
  narrator.proves(
    again.body['ppid'] === ppid,
    'a second login gives the same PPID',
    '二度目のログインでも PPID は同じ',
  );

  narrator.chapter('The card’s key is compromised', 'カードの鍵が危殆化する');
  await atJlis<CardView>(
    platform,
    `cards/${card.cardId}/revoke`,
    { reason: 'keyCompromise' },
    leaves,
  );
  const refused = await logIn(platform, library, card, { method: 'ocsp' });
  narrator.proves(
    refused.status === 422 && refused.body['code'] === 'certificate-revoked',
    'the refusal has its own code: OCSP knows at once',
    'OCSP は直ちに失効を知らせ、専用のコードで拒否される',
  );

  narrator.chapter(
    'The OCSP responder goes down: the lists answer',
    'OCSP レスポンダが止まり、失効リスト（CRL）が答える',
  );
  await atJlis<{ crlNumber: string }>(platform, 'crl/publish', {}, ({ crlNumber }) => ({
    crlNumber,
  }));
  const loaded = await platform.ingest();
  narrator.proves(
    loaded,
    loaded
      ? 'every list was verified and serves'
      : 'lists are refused; if the clock was moved back, the platform has lists of later days: start a new sandbox',
    loaded
      ? 'すべてのリストを検証し、切り替えた'
      : 'リストが拒否された。時計を戻した場合、より新しい日のリストが既にある。サンドボックスを起動し直してください',
  );
  await atJlis(platform, 'services', { ocsp: 'stopped' }, ocspState);
  try {
    await proveFallback(platform, library, card);
  } finally {
    await atJlis(platform, 'services', { ocsp: 'running' }, ocspState);
  }

  narrator.chapter('The holder renews the card', '本人がカードを更新する');
  const renewed = await atJlis<CardView>(platform, `cards/${card.cardId}/renew`, {}, leaves);
  const third = await logIn(platform, library, renewed);
  narrator.proves(
    third.status === 201 && third.body['ppid'] === ppid,
    `new keys, new certificate, same person by the linkage service: the PPID is still ${ppid}`,
    `鍵も証明書も新しいが、紐付けサービスにより同じ人と分かる。PPID は ${ppid} のまま`,
  );

  const moved = await tellOfMove(platform, library, renewed, ppid);

  narrator.chapter('Another service meets the same person', '別のサービスに同じ人が来る');
  const clinic = await registerService(platform, operator, 'Sunaba Health Desk');
  const elsewhere = await logIn(platform, clinic, moved);
  narrator.proves(
    elsewhere.status === 201 && elsewhere.body['ppid'] !== ppid,
    'a different PPID: the two services cannot join their records',
    'PPID は別のもの。二つのサービスは記録を突き合わせられない',
  );

  await tellOfNewNumbers(platform, { service: library, ppid });
  await tellOfUnknownRegister(platform, { service: clinic, card: moved });
  await tellOfEvents(platform, library, ppid);
  await tellOfDeletion(platform, { service: library, card: moved, ppid });
}

/** RFC 9068: an access token that can be verified with the published keys. */
async function proveToken(platform: DemoPlatform, token: string): Promise<void> {
  const keys = createRemoteJWKSet(new URL(`${platform.url}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: platform.url,
    typ: 'at+jwt',
    currentDate: new Date(Date.now() + platform.skewSeconds * 1000),
  });
  platform.narrator.proves(
    payload.iss === platform.url,
    `signed ${protectedHeader.alg} by the token key in KMS, verified with /.well-known/jwks.json`,
    `KMS のトークン鍵による ${protectedHeader.alg} の署名を、/.well-known/jwks.json の公開鍵で検証した`,
  );
}

/**
 * With the responder stopped: the revoked card is refused by the CRL, and the response states why
 * OCSP failed.
 */
async function proveFallback(
  platform: DemoPlatform,
  service: PlatformSession,
  card: CardView,
): Promise<void> {
  const ask = (): Promise<PlatformAnswer> =>
    service.call(
      'POST',
      '/v1/certificates/validate',
      { certificate: card['user-authentication'].certificate, method: 'auto' },
      (body) => ({
        verdict: body['verdict'],
        code: body['code'],
        revocation: revocationSummary(body),
      }),
    );
  let verdict = await ask();
  if (verdict.body['verdict'] === 'valid') {
    platform.narrator.say(
      'A warm function keeps its list for up to 5 s after a switch; once more:',
      '起動中の関数は切替えの後も最大 5 秒は前のリストを使う。もう一度：',
    );
    await delay(5_000);
    verdict = await ask();
  }
  const revocation = revocationOf(verdict);
  const attempts = (revocation['attempts'] ?? []) as { method: string; outcome: string }[];
  const [ocsp] = attempts;
  platform.narrator.proves(
    verdict.body['code'] === 'certificate-revoked' &&
      revocation['method'] === 'crl' &&
      ocsp?.method === 'ocsp',
    `OCSP: ${ocsp?.outcome}; then the list ${String(revocation['source'])}, number ${String(
      revocation['crlNumber'],
    )}, ${String(revocation['ageSeconds'])} s old: ${String(revocation['reason'])}`,
    `OCSP は ${ocsp?.outcome}。次に第 ${String(revocation['crlNumber'])} 号のリスト（${String(
      revocation['ageSeconds'],
    )} 秒前）が答えた：${String(revocation['reason'])}`,
  );
  const refused = await logIn(platform, service, card);
  platform.narrator.proves(
    refused.body['code'] === 'certificate-revoked',
    'and the login is refused without any responder',
    'レスポンダがなくても、ログインは拒否される',
  );
}

const leafSummary = (slot: CardView['user-authentication']): object => ({
  issuer: slot.issuer,
  until: slot.notAfter.slice(0, 10),
  revoked: slot.revoked?.reason ?? 'no',
});

const leaves = (card: CardView): unknown => ({
  'user-authentication': leafSummary(card['user-authentication']),
});

const ocspState = ({ ocsp }: { ocsp?: string }): unknown => ({ ocsp });
