import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { jwksWithProofs } from '../../cli/key-proofs.ts';
import { platformAt, type ReadingPlatformClient } from '../../reader/agent/platform-client.ts';
import { runReading } from '../../reader/agent/run-reading.ts';
import type { CardPort } from '../../reader/core/card-port.ts';
import type { Entry } from '../../reader/protocol.ts';
import { nameClient, openClientKey } from '../client-key-file.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Narrator } from './narrator.ts';
import { openSession, type PlatformSession } from './platform-session.ts';

/** A service at which cards are read, and its key file as `npx mykey` takes it. */
export interface ReadingService {
  readonly service: PlatformSession;
  readonly serviceId: string;
  readonly keyFile: string;
}

/**
 * A Type 1 service or a library for cards held without a PIN, active; Type 1 with its pledge on record.
 * @param folder for the client's key file
 */
export async function registerReadingService(
  narrator: Narrator,
  sandbox: Sandbox,
  operator: PlatformSession,
  type: 'type1' | 'library',
  folder: string,
): Promise<ReadingService> {
  const keyFile = join(folder, `${type}.jwk.json`);
  const { keyId, privateKey: keyObject, publicJwk: jwk } = openClientKey(keyFile);
  const privateKey = keyObject.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const name = `Sunaba ${type === 'type1' ? 'Counter' : 'Library'} ${keyId.slice(0, 4)}`;
  const now = sandbox.jlis.clock.now();
  const created = await operator.call(
    'POST',
    '/v1/services',
    {
      organisation: { name: `Sunaba Town ${keyId.slice(0, 4)}` },
      name,
      type,
      counter: { minimumAssurance: 'chip-presence', supervised: true },
      jwks: await jwksWithProofs([{ jwk, privateKey }], {
        issuer: sandbox.apiUrl,
        subject: name,
        now,
      }),
    },
    ({ serviceId, status, counter }) => ({ serviceId, status, counter }),
  );
  const serviceId = String(created.body['serviceId']);
  const move = (status: string, more: object = {}) =>
    operator.call('PUT', `/v1/services/${serviceId}/status`, { status, ...more }, (body) => ({
      status: body['status'],
      pledges: body['pledges'],
    }));
  if (type === 'type1') {
    const early = await move('testing');
    narrator.proves(
      early.body['code'] === 'service-pledge-missing',
      'without the confidentiality pledge it stays applied',
      '機密保持の誓約書がなければ、申請のまま進まない',
    );
    const documentSha256 = createHash('sha256').update('the signed pledge').digest('hex');
    const pledge = { documentSha256, version: '1', signerRole: '市長', signedOn: '2026-04-01' };
    await move('testing', { pledge });
  } else await move('testing');
  const active = await move('active');
  narrator.proves(
    active.body['status'] === 'active',
    type === 'type1' ? 'with the pledge on record it goes on' : 'a library needs no pledge',
    type === 'type1' ? '誓約書が記録されると先へ進める' : '図書館には誓約書は要らない',
  );
  const [client] = created.body['clients'] as { clientId: string }[];
  const { clientId } = client!;
  nameClient(keyFile, clientId);
  const identity = { clientId, privateKey, keyId };
  const caller = type === 'type1' ? 'service' : 'library';
  const service = await openSession(sandbox.apiUrl, identity, narrator, caller);
  return { service, serviceId, keyFile };
}

/** Pairs this machine with a service. @returns the terminal's token, as the reader program keeps it */
export async function pairTerminal(
  url: string,
  service: PlatformSession,
  name: string,
): Promise<{ readonly terminalId: string; readonly token: string }> {
  const made = await service.call('POST', '/v1/terminals', { name }, (body) => ({
    name: body['name'],
    pairingCode: '(shown once)',
  }));
  const { terminalId, token } = await platformAt(url).pair(String(made.body['pairingCode']));
  return { terminalId, token };
}

export interface Counter {
  readonly narrator: Narrator;
  readonly service: PlatformSession;
  readonly agent: ReadingPlatformClient;
}

/** A reading as the agent makes it; what the service gets. */
export async function readCard(
  { narrator, service, agent }: Counter,
  card: CardPort,
  mode: string,
  credentials: Entry['credentials'],
  wish: { readonly enrolChip?: boolean; readonly myKeyId?: object } = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await service.call(
    'POST',
    '/v1/reading-sessions',
    { mode, ...wish },
    briefSession,
  );
  narrator.asked('agent', `READ ${mode}`);
  await runReading('demo', String(body['ticket']), undefined, {
    platform: agent,
    waitForCard: async () => card,
    tell: (event) => {
      if (event.event === 'finished') narrator.answered('finished', event.assurance);
      if (event.event === 'failed') {
        narrator.answered('failed', event.details.platformCode ?? event.code);
      }
    },
    nextEntry: async () => ({ readingId: 'demo', credentials, useLastTry: [] }),
    cancelled: new AbortController().signal,
  });
  const sessionId = String(body['sessionId']);
  const session = await service.call('GET', `/v1/reading-sessions/${sessionId}`);
  return { sessionId, ...(session.body['result'] as Readonly<Record<string, unknown>>) };
}

export const briefSession = ({ expiresAt }: Record<string, unknown>) => ({ expiresAt });
