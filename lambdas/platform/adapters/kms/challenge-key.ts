import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { ChallengeKey } from '../../../capabilities/challenges/operation.ts';
import { kmsAnswer } from './kms-client.ts';

/**
 * The MAC key of the challenges, derived once per cold start. Changing the KMS key invalidates
 * outstanding challenges, which are valid for five minutes.
 */
export function kmsChallengeKey(client: KMSClient, keyId: string): ChallengeKey {
  let derived: Promise<Uint8Array> | undefined;
  const derive = async (): Promise<Uint8Array> => {
    const command = new GenerateMacCommand({
      KeyId: keyId,
      MacAlgorithm: 'HMAC_SHA_256',
      Message: Buffer.from('my-key-platform/challenge-key/1', 'utf8'),
    });
    return (await kmsAnswer(client.send(command))).Mac!;
  };
  return () =>
    (derived ??= derive().catch((error: unknown) => {
      derived = undefined;
      throw error;
    }));
}
