import { createHash, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair, type JWK } from 'jose';
import { jwksWithProofs } from '../../cli/key-proofs.ts';
import { platformAt, type ReadingPlatformClient } from '../../reader/agent/platform-client.ts';
import { runReading } from '../../reader/agent/run-reading.ts';
import type { CardPort } from '../../reader/core/card-port.ts';
import { userNumberOfHeldCard } from '../../reader/library/held-card.ts';
import { loanLine } from '../../reader/library/loan-line.ts';
import { openNativePcsc } from '../../reader/pcsc/native-pcsc.ts';
import { PcscReaders } from '../../reader/pcsc/pcsc-readers.ts';
import type { Entry } from '../../reader/protocol.ts';
import { InProcessReader } from '../card/in-process-port.ts';
import { pcscdLacks, slotNames, startPcscd } from '../card/pcscd.ts';
import { personalise, type ChipContents } from '../card/personalise.ts';
import { VirtualCard } from '../card/virtual-card.ts';
import { issueCard } from '../jlis/card-life.ts';
import { personOf } from '../jlis/registry.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Narrator } from './narrator.ts';
import { openSession, type PlatformIdentity, type PlatformSession } from './platform-session.ts';

/** A reader on which virtual cards are put. */
interface DemoReader {
  readonly transport: string;
  put(contents: ChipContents): Promise<CardPort>;
  close(): Promise<void>;
}

/**
 * The counter, from the pledge to a library loan; throws if a check fails. Cards are read through a real
 * smart card service where this machine can run one, otherwise in process.
 */
export async function tellCounterStory(
  narrator: Narrator,
  sandbox: Sandbox,
  operatorIdentity: PlatformIdentity,
): Promise<void> {
  const url = sandbox.apiUrl;
  const operator = await openSession(url, operatorIdentity, narrator, 'operator');

  narrator.chapter('A Type 1 service is registered: the pledge first');
  const { service, serviceId } = await registerCounter(narrator, sandbox, operator);

  narrator.chapter('The machine at the counter is paired');
  const made = await service.call('POST', '/v1/terminals', { name: '窓口1' }, ({ name }) => ({
    name,
    pairingCode: '(shown once)',
  }));
  const { token } = await platformAt(url).pair(String(made.body['pairingCode']));
  const agent = platformAt(url, token);
  narrator.proves(
    token !== '',
    'npx mykey reader pair: this machine claims tickets of this service',
  );

  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = keys.publicKey.export({ format: 'jwk' });
  const encryptionKey = { kty, crv, x, y };
  await service.call('PUT', `/v1/services/${serviceId}/encryption-key`, encryptionKey, briefKey);

  narrator.chapter('A card is put on the reader');
  const { jlis } = sandbox;
  const issued = await issueCard(jlis, { pin: '4921', signatureCertificate: false });
  const person = personOf(jlis.registry, issued.personId);
  const contents = await personalise(jlis, issued, jlis.chipAuthority);
  const reader = await openReader();
  try {
    narrator.say(`through ${reader.transport}`);
    const counter = { narrator, service, agent };
    const birthDate = contents.surface!.birthDate.value;
    const before = await readCard(counter, await reader.put(contents), 'hold', {});
    narrator.proves(
      before['code'] === 'enrolment-required',
      'held without a PIN before anybody has enrolled: refused',
    );
    const pin = { userAuthenticationPin: '4921' };
    const login = await readCard(
      counter,
      await reader.put(contents),
      'pin',
      { ...pin, birthDate },
      true,
    );
    narrator.proves(
      login['outcome'] === 'read' && login['chipEnrolled'] === true,
      'login with the PIN: the card signed, its chip is enrolled for this service',
    );
    const held = await readCard(counter, await reader.put(contents), 'hold', {});
    narrator.proves(
      held['ppid'] === login['ppid'] && held['assurance'] === 'chip-presence',
      'held without a PIN: the same person, with the lower assurance chip-presence',
    );

    narrator.chapter('The four attributes, for the service alone');
    const numberB = contents.inputAssistance!.verificationNumberB.value;
    const attributes = await readCard(counter, await reader.put(contents), 'hold+attributes', {
      verificationNumberB: numberB,
    });
    const jwe = String(attributes['attributes']);
    const { plaintext } = await compactDecrypt(jwe, keys.privateKey);
    const opened = JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, string>;
    narrator.answered('opened', opened);
    narrator.proves(opened['name'] === person.name, 'the private key of the service opens them');
    const again = await service.call(
      'GET',
      `/v1/reading-sessions/${String(attributes['sessionId'])}`,
    );
    const second = again.body['result'] as Record<string, unknown>;
    narrator.proves(
      second['attributes'] === undefined && second['attributesStatus'] === 'taken-before',
      'asked again, the platform has them no more',
    );
    const logged = sandbox.cloud.logs.join('\n');
    const secrets = [person.name, person.address, numberB, jwe.split('.')[3]!];
    narrator.proves(
      logged.includes('report-reading') && secrets.every((secret) => !logged.includes(secret)),
      'no log line has name, address, number or ciphertext',
    );

    narrator.chapter('A library loan: the held card types its number');
    await service.call(
      'POST',
      '/v1/links',
      { ppid: login['ppid'], userNumber: 'L-0042' },
      briefLink,
    );
    const card = await reader.put(contents);
    const loan = await userNumberOfHeldCard(card, agent, {
      open: async () =>
        (await service.call('POST', '/v1/reading-sessions', { mode: 'hold' }, briefSession))
          .body as { sessionId: string; ticket: string },
      outcome: async (sessionId) =>
        (await service.call('GET', `/v1/reading-sessions/${sessionId}`)).body['result'] as never,
      userNumber: async (person) =>
        String((await service.call('POST', '/v1/links/lookup', person)).body['userNumber']),
    });
    const line =
      'userNumber' in loan
        ? Buffer.from(
            loanLine(loan.userNumber, Date.now(), {
              output: 'line',
              suffix: 'enter',
              encoding: 'shift_jis',
            }),
          ).toString('latin1')
        : '';
    narrator.proves(
      line === 'L-0042\r\n',
      'npx mykey library types "L-0042" and Enter: the library’s system is unchanged',
    );

    narrator.chapter('A card with the chip of another');
    const stranger = await issueCard(jlis, { pin: '1234', signatureCertificate: false });
    const strangers = await personalise(jlis, stranger, jlis.chipAuthority);
    const swapped = { ...contents, surface: strangers.surface! };
    const refused = await readCard(counter, await reader.put(swapped), 'hold', {});
    narrator.proves(
      refused['code'] === 'chip-proof-invalid',
      'the certificate is good, the chip is not the one that was enrolled: refused',
    );
  } finally {
    await reader.close();
  }
}

/** A Type 1 service for cards held without a PIN, active, with its pledge on record. */
export async function registerCounter(
  narrator: Narrator,
  sandbox: Sandbox,
  operator: PlatformSession,
): Promise<{ readonly service: PlatformSession; readonly serviceId: string }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const exported = await exportJWK(publicKey);
  const keyId = await calculateJwkThumbprint(exported);
  const jwk: JWK = { ...exported, kid: keyId, alg: 'ES256', use: 'sig' };
  const name = `Sunaba Counter ${keyId.slice(0, 4)}`;
  const now = sandbox.jlis.clock.now();
  const created = await operator.call(
    'POST',
    '/v1/services',
    {
      organisation: { name: `Sunaba Town ${keyId.slice(0, 4)}` },
      name,
      type: 'type1',
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
  const early = await move('testing');
  narrator.proves(
    early.body['code'] === 'service-pledge-missing',
    'without the confidentiality pledge it stays applied',
  );
  const documentSha256 = createHash('sha256').update('the signed pledge').digest('hex');
  const pledge = { documentSha256, version: '1', signerRole: '市長', signedOn: '2026-04-01' };
  await move('testing', { pledge });
  const active = await move('active');
  narrator.proves(active.body['status'] === 'active', 'with the pledge on record it goes on');
  const [client] = created.body['clients'] as { clientId: string }[];
  const identity = { clientId: client!.clientId, privateKey, keyId };
  const service = await openSession(sandbox.apiUrl, identity, narrator, 'service');
  return { service, serviceId };
}

interface Counter {
  readonly narrator: Narrator;
  readonly service: PlatformSession;
  readonly agent: ReadingPlatformClient;
}

/** A reading as the agent makes it; what the service gets. */
async function readCard(
  { narrator, service, agent }: Counter,
  card: CardPort,
  mode: string,
  credentials: Entry['credentials'],
  enrolChip = false,
): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await service.call(
    'POST',
    '/v1/reading-sessions',
    { mode, enrolChip },
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

const briefSession = ({ expiresAt }: Record<string, unknown>) => ({ expiresAt });
const briefKey = ({ kid, alg }: Record<string, unknown>) => ({ kid, alg });
const briefLink = ({ outcome }: Record<string, unknown>) => ({ outcome });

/** The daemon looks for cards twice a second. */
const noticedMs = 1_000;

async function openReader(): Promise<DemoReader> {
  const lacking = pcscdLacks();
  if (lacking !== undefined)
    return inProcess(`the reader in process: this machine lacks ${lacking}`);
  const pcscd = await startPcscd().catch((error: unknown) => String(error));
  if (typeof pcscd === 'string') return inProcess(`the reader in process (${pcscd})`);
  const readers = new PcscReaders(openNativePcsc());
  const [slot] = pcscd.slots;
  return {
    transport: `PC/SC: pcscd and the reader "${slotNames[0]}"`,
    put: async (contents) => {
      await slot.remove();
      await new Promise((resolve) => {
        setTimeout(resolve, noticedMs);
      });
      await slot.put(new VirtualCard(contents));
      return readers.waitForCard({ timeoutMs: 15_000 });
    },
    close: async () => {
      await readers.close();
      await pcscd.close();
    },
  };
}

const inProcess = (transport: string): DemoReader => ({
  transport,
  put: async (contents) => new InProcessReader(new VirtualCard(contents)),
  close: async () => undefined,
});
