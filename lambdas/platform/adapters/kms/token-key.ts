import { GetPublicKeyCommand, SignCommand, type KMSClient } from '@aws-sdk/client-kms';
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { TokenKey } from '../../../capabilities/tokens/token-key.ts';
import { required } from '../environment.ts';
import { kmsAnswer } from './kms-client.ts';
import { concatenatedSignature } from './ecdsa-signature.ts';

/** As the key construct sets them in a function's environment. */
export const tokenKeyOfEnvironment = (client: KMSClient): TokenKey =>
  kmsTokenKey(
    client,
    required('TOKEN_KEY_ID'),
    process.env['OTHER_TOKEN_KEY_IDS']?.split(',') ?? [],
  );

/**
 * The P-256 key that signs access tokens, and further keys whose tokens are still or will soon be
 * accepted (key rotation). Each public key is fetched once per cold start.
 */
export function kmsTokenKey(
  client: KMSClient,
  keyId: string,
  otherKeyIds: readonly string[] = [],
): TokenKey {
  const read = new Map<string, Promise<KeyObject>>();
  const fetchPublicKey = async (id: string): Promise<KeyObject> => {
    const { PublicKey } = await kmsAnswer(client.send(new GetPublicKeyCommand({ KeyId: id })));
    return createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  };
  const publicKey = (id: string): Promise<KeyObject> => {
    const known = read.get(id);
    if (known !== undefined) return known;
    const reading = fetchPublicKey(id);
    read.set(id, reading);
    reading.catch(() => read.delete(id));
    return reading;
  };
  return {
    publicKey: () => publicKey(keyId),
    publicKeys: () => Promise.all([keyId, ...otherKeyIds].map(publicKey)),
    async sign(data) {
      const { Signature } = await kmsAnswer(
        client.send(
          new SignCommand({
            KeyId: keyId,
            SigningAlgorithm: 'ECDSA_SHA_256',
            // KMS accepts messages of at most 4,096 octets; a digest always fits, whatever the
            // token's length.
            MessageType: 'DIGEST',
            Message: createHash('sha256').update(data).digest(),
          }),
        ),
      );
      return concatenatedSignature(Signature!, 32);
    },
  };
}
