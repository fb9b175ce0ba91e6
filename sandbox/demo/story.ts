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

  narrator.chapter('The operator registers a service');
  const operator = await openSession(
    platform.url,
    platform.operator,
    narrator,
    'operator',
    platform.skewSeconds,
  );
  await proveToken(platform, operator.accessToken);
  const library = await registerService(platform, operator, 'Sunaba Reading Room');

  narrator.chapter('J-LIS issues a card');
  const card = await atJlis<CardView>(platform, 'cards', {}, (issued) => ({
    cardId: issued.cardId,
    holder: issued.person.name,
    'user-authentication': leafSummary(issued['user-authentication']),
    'digital-signature': issued['digital-signature'] && leafSummary(issued['digital-signature']),
  }));
  narrator.proves(
    card['user-authentication'].certificate !== '',
    'a person who does not exist, two certificates, PIN 1234',
  );

  narrator.chapter('The card logs its holder in');
  const login = await logIn(platform, library, card);
  const ppid = String(login.body['ppid']);
  const revocation = revocationOf(login);
  narrator.proves(
    login.status === 201 && revocation['status'] === 'good' && revocation['method'] === 'ocsp',
    `the responder at ${String(revocation['source'])} answered good over HTTP, its signature was verified; PPID ${ppid}`,
  );
  const again = await logIn(platform, library, card);
  narrator.proves(again.body['ppid'] === ppid, 'a second login gives the same PPID');

  narrator.chapter('The card’s key is compromised');
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
  );

  narrator.chapter('The OCSP responder goes down: the lists answer');
  await atJlis<{ crlNumber: string }>(platform, 'crl/publish', {}, ({ crlNumber }) => ({
    crlNumber,
  }));
  const loaded = await platform.ingest();
  narrator.proves(
    loaded,
    loaded
      ? 'every list was verified and serves'
      : 'lists are refused; if the clock was moved back, the platform has lists of later days: start a new sandbox',
  );
  await atJlis(platform, 'services', { ocsp: 'stopped' }, ocspState);
  try {
    await proveFallback(platform, library, card);
  } finally {
    await atJlis(platform, 'services', { ocsp: 'running' }, ocspState);
  }

  narrator.chapter('The holder renews the card');
  const renewed = await atJlis<CardView>(platform, `cards/${card.cardId}/renew`, {}, leaves);
  const third = await logIn(platform, library, renewed);
  narrator.proves(
    third.status === 201 && third.body['ppid'] === ppid,
    `new keys, new certificate, same person by the linkage service: the PPID is still ${ppid}`,
  );

  const moved = await tellOfMove(platform, library, renewed, ppid);

  narrator.chapter('Another service meets the same person');
  const clinic = await registerService(platform, operator, 'Sunaba Health Desk');
  const elsewhere = await logIn(platform, clinic, moved);
  narrator.proves(
    elsewhere.status === 201 && elsewhere.body['ppid'] !== ppid,
    'a different PPID: the two services cannot join their records',
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
  );
  const refused = await logIn(platform, service, card);
  platform.narrator.proves(
    refused.body['code'] === 'certificate-revoked',
    'and the login is refused without any responder',
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
