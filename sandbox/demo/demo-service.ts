import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { jwksWithProofs } from '../../cli/key-proofs.ts';
import type { CardView } from '../jlis/control-client.ts';
import { atJlis, type DemoPlatform } from './demo-platform.ts';
import { openSession, type PlatformAnswer, type PlatformSession } from './platform-session.ts';

/** A Type 2 service of an organisation of its own, active; its client is authenticated. */
export async function registerService(
  platform: DemoPlatform,
  operator: PlatformSession,
  name: string,
): Promise<PlatformSession> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const keyId = await calculateJwkThumbprint(jwk);
  // A sandbox with --data keeps the names of earlier demos.
  const unique = `${name} ${keyId.slice(0, 4)}`;
  const created = await operator.call(
    'POST',
    '/v1/services',
    {
      organisation: { name: `Sunaba City ${keyId.slice(0, 4)}` },
      name: unique,
      type: 'type2',
      status: 'active',
      jwks: await jwksWithProofs(
        [{ jwk: { ...jwk, kid: keyId, alg: 'ES256', use: 'sig' }, privateKey }],
        {
          issuer: platform.url,
          subject: unique,
          now: Date.now() + platform.skewSeconds * 1000,
        },
      ),
    },
    ({ serviceId, status, clients }) => ({
      serviceId,
      status,
      client: (clients as { clientId: string }[])[0]?.clientId,
    }),
  );
  const [client] = (created.body['clients'] ?? []) as { clientId: string }[];
  platform.narrator.proves(
    created.status === 201 && client !== undefined,
    `${unique} is registered`,
    `サービス「${unique}」を登録した`,
  );
  return openSession(
    platform.url,
    { clientId: client!.clientId, privateKey, keyId },
    platform.narrator,
    'service',
    platform.skewSeconds,
  );
}

/** A login with the card, as the service sees it. */
export async function logIn(
  platform: DemoPlatform,
  service: PlatformSession,
  card: CardView,
  claims: { readonly method?: string; readonly userNumber?: string } = {},
): Promise<PlatformAnswer> {
  const challenge = await service.call(
    'POST',
    '/v1/challenges',
    {},
    ({ challenge, expiresAt }) => ({
      challenge,
      expiresAt,
    }),
  );
  const signed = await atJlis<{ signature: string }>(
    platform,
    `cards/${card.cardId}/sign`,
    { pin: '1234', text: challenge.body['challenge'] },
    ({ signature }) => ({ signature }),
  );
  return service.call(
    'POST',
    '/v1/authentications',
    {
      challenge: challenge.body['challenge'],
      certificate: card['user-authentication'].certificate,
      signature: signed.signature,
      ...claims,
    },
    ({ ppid, link, validation }) => ({ ppid, link, revocation: revocationSummary({ validation }) }),
  );
}

export const revocationOf = ({ body }: PlatformAnswer): Record<string, unknown> =>
  (body['validation'] as { revocation?: Record<string, unknown> } | undefined)?.revocation ?? {};

export function revocationSummary(body: Record<string, unknown>): unknown {
  const revocation = revocationOf({ status: 200, body });
  const { status, method, source, crlNumber, ageSeconds, reason, attempts } = revocation;
  return {
    status,
    method,
    source,
    crlNumber,
    ageSeconds,
    reason,
    tried: (attempts as { method: string; outcome: string }[] | undefined)?.map(
      (attempt) => `${attempt.method}: ${attempt.outcome}`,
    ),
  };
}
