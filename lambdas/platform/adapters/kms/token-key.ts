import { GetPublicKeyCommand, SignCommand, type KMSClient } from '@aws-sdk/client-kms';
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { TokenKey } from '../../../capabilities/tokens/token-key.ts';
import { kmsAnswer } from './kms-client.ts';
import { concatenatedSignature } from './ecdsa-signature.ts';

/** The P-256 key that signs access tokens. The public half is read once per cold start. */
export function kmsTokenKey(client: KMSClient, keyId: string): TokenKey {
  let publicKey: Promise<KeyObject> | undefined;
  const fetchPublicKey = async (): Promise<KeyObject> => {
    const { PublicKey } = await kmsAnswer(client.send(new GetPublicKeyCommand({ KeyId: keyId })));
    return createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  };
  return {
    publicKey: () =>
      (publicKey ??= fetchPublicKey().catch((error: unknown) => {
        publicKey = undefined;
        throw error;
      })),
    async sign(data) {
      const { Signature } = await kmsAnswer(
        client.send(
          new SignCommand({
            KeyId: keyId,
            SigningAlgorithm: 'ECDSA_SHA_256',
            // A digest is never above KMS's 4,096 octets, whatever the token carries.
            MessageType: 'DIGEST',
            Message: createHash('sha256').update(data).digest(),
          }),
        ),
      );
      return concatenatedSignature(Signature!, 32);
    },
  };
}
