import { GetPublicKeyCommand, SignCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { WebhookKeys, WebhookPublicKeys } from '../../../capabilities/webhooks/webhook.ts';
import { kmsAnswer } from './kms-client.ts';

/** An Ed25519 SubjectPublicKeyInfo is 12 octets of algorithm, then the key (RFC 8410 §4). */
const rawKeyOctets = 32;

/** Ed25519 keys in KMS (ECC_NIST_EDWARDS25519); the message itself is signed, not a digest. */
export function kmsWebhookKeys(
  client: KMSClient,
  keyIds: readonly string[],
): WebhookKeys & WebhookPublicKeys {
  let known: Promise<readonly Uint8Array[]> | undefined;
  const fetchKeys = (): Promise<readonly Uint8Array[]> =>
    Promise.all(
      keyIds.map(async (KeyId) => {
        const { PublicKey } = await kmsAnswer(client.send(new GetPublicKeyCommand({ KeyId })));
        return PublicKey!.subarray(-rawKeyOctets);
      }),
    );
  return {
    sign: (content) =>
      Promise.all(
        keyIds.map(async (KeyId) => {
          const command = new SignCommand({
            KeyId,
            SigningAlgorithm: 'ED25519_SHA_512',
            MessageType: 'RAW',
            Message: content,
          });
          return (await kmsAnswer(client.send(command))).Signature!;
        }),
      ),
    publicKeys: () =>
      (known ??= fetchKeys().catch((error: unknown) => {
        known = undefined;
        throw error;
      })),
  };
}
