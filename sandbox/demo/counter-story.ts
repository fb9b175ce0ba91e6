import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactDecrypt } from 'jose';
import { platformAt } from '../../reader/agent/platform-client.ts';
import { personalise } from '../card/personalise.ts';
import { issueCard } from '../jlis/card-life.ts';
import { personOf } from '../jlis/registry.ts';
import type { Sandbox } from '../sandbox.ts';
import { openReader } from './demo-reader.ts';
import { tellLibraryLoan } from './library-chapter.ts';
import type { Narrator } from './narrator.ts';
import { openSession, type PlatformIdentity } from './platform-session.ts';
import { pairTerminal, readCard, registerReadingService } from './reading-service.ts';

/**
 * The counter, from the pledge to a library loan; throws if a check fails. Cards are read through a real
 * smart card service where this machine can run one, otherwise in process.
 */
export async function tellCounterStory(
  narrator: Narrator,
  sandbox: Sandbox,
  operatorIdentity: PlatformIdentity,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'my-key-demo-'));
  try {
    await tell(narrator, sandbox, operatorIdentity, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param folder for key files and the machine's pairings */
async function tell(
  narrator: Narrator,
  sandbox: Sandbox,
  operatorIdentity: PlatformIdentity,
  folder: string,
): Promise<void> {
  const url = sandbox.apiUrl;
  const operator = await openSession(url, operatorIdentity, narrator, 'operator');

  narrator.chapter(
    'A Type 1 service is registered: the pledge first',
    'タイプ 1 のサービスを登録する。まず誓約書',
  );
  const registered = await registerReadingService(narrator, sandbox, operator, 'type1', folder);
  const { service, serviceId } = registered;

  narrator.chapter('The machine at the counter is paired', '窓口の端末を登録する');
  const { token } = await pairTerminal(url, service, '窓口1');
  const agent = platformAt(url, token);
  narrator.proves(
    token !== '',
    'npx mykey reader pair: this machine claims tickets of this service',
    'npx mykey reader pair：この端末は、このサービスの読取りを受け付ける',
  );

  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = keys.publicKey.export({ format: 'jwk' });
  const encryptionKey = { kty, crv, x, y };
  await service.call('PUT', `/v1/services/${serviceId}/encryption-key`, encryptionKey, briefKey);

  narrator.chapter('A card is put on the reader', 'カードをリーダーに置く');
  const { jlis } = sandbox;
  const issued = await issueCard(jlis, { pin: '4921', signatureCertificate: false });
  const person = personOf(jlis.registry, issued.personId);
  const contents = await personalise(jlis, issued, jlis.chipAuthority);
  const reader = await openReader();
  try {
    narrator.say(`through ${reader.transport}`, `経路：${reader.transport}`);
    const counter = { narrator, service, agent };
    const birthDate = contents.surface!.birthDate.value;
    const before = await readCard(counter, await reader.put(contents), 'hold', {});
    narrator.proves(
      before['code'] === 'enrolment-required',
      'held without a PIN before anybody has enrolled: refused',
      '誰も登録していないうちは、暗証番号なしでかざしても拒否される',
    );
    const pin = { userAuthenticationPin: '4921' };
    const login = await readCard(
      counter,
      await reader.put(contents),
      'pin',
      { ...pin, birthDate },
      { enrolChip: true },
    );
    narrator.proves(
      login['outcome'] === 'read' && login['chipEnrolled'] === true,
      'login with the PIN: the card signed, its chip is enrolled for this service',
      '暗証番号でログイン。カードが署名し、チップがこのサービスに登録された',
    );
    const held = await readCard(counter, await reader.put(contents), 'hold', {});
    narrator.proves(
      held['ppid'] === login['ppid'] && held['assurance'] === 'chip-presence',
      'held without a PIN: the same person, with the lower assurance chip-presence',
      '暗証番号なしでかざす。同じ人と分かるが、保証の段階は低い chip-presence',
    );

    narrator.chapter(
      'The four attributes, for the service alone',
      '基本 4 情報は、このサービスだけが読める',
    );
    const numberB = contents.inputAssistance!.verificationNumberB.value;
    const attributes = await readCard(counter, await reader.put(contents), 'hold+attributes', {
      verificationNumberB: numberB,
    });
    const jwe = String(attributes['attributes']);
    const { plaintext } = await compactDecrypt(jwe, keys.privateKey);
    const opened = JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, string>;
    narrator.answered('opened', opened);
    narrator.proves(
      opened['name'] === person.name,
      'the private key of the service opens them',
      'サービスの秘密鍵で開くことができる',
    );
    const again = await service.call(
      'GET',
      `/v1/reading-sessions/${String(attributes['sessionId'])}`,
    );
    const second = again.body['result'] as Record<string, unknown>;
    narrator.proves(
      second['attributes'] === undefined && second['attributesStatus'] === 'taken-before',
      'asked again, the platform has them no more',
      'もう一度求めても、プラットフォームはもう持っていない',
    );
    const logged = sandbox.cloud.logs.join('\n');
    const secrets = [person.name, person.address, numberB, jwe.split('.')[3]!];
    narrator.proves(
      logged.includes('report-reading') && secrets.every((secret) => !logged.includes(secret)),
      'no log line has name, address, number or ciphertext',
      'ログのどの行にも、氏名、住所、番号、暗号文はない',
    );

    await tellLibraryLoan({ narrator, sandbox, operator, folder, reader, contents });

    narrator.chapter('A card with the chip of another', '他人のチップを付けたカード');
    const stranger = await issueCard(jlis, { pin: '1234', signatureCertificate: false });
    const strangers = await personalise(jlis, stranger, jlis.chipAuthority);
    const swapped = { ...contents, surface: strangers.surface! };
    const refused = await readCard(counter, await reader.put(swapped), 'hold', {});
    narrator.proves(
      refused['code'] === 'chip-proof-invalid',
      'the certificate is good, the chip is not the one that was enrolled: refused',
      '証明書は有効だが、登録されたチップではないので拒否される',
    );
  } finally {
    await reader.close();
  }
}

const briefKey = ({ kid, alg }: Record<string, unknown>) => ({ kid, alg });
