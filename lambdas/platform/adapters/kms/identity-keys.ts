import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { IdentityKeys } from '../../../people/resolve-subject.ts';
import { kmsAnswer } from './kms-client.ts';

/** What is MACed to derive each key. Changing one re-files every certificate: never do. */
const labels = {
  index: 'my-key-platform/certificate-index/1',
  seal: 'my-key-platform/reference-seal/1',
};

/** Both keys, derived from the KMS index key once per cold start; a failure is tried again. */
export function kmsIdentityKeys(client: KMSClient, keyId: string): () => Promise<IdentityKeys> {
  let derived: Promise<IdentityKeys> | undefined;
  const derive = async (label: string): Promise<Uint8Array> => {
    const command = new GenerateMacCommand({
      KeyId: keyId,
      MacAlgorithm: 'HMAC_SHA_256',
      Message: Buffer.from(label, 'utf8'),
    });
    return (await kmsAnswer(client.send(command))).Mac!;
  };
  const deriveBoth = async (): Promise<IdentityKeys> => {
    const [index, seal] = await Promise.all([derive(labels.index), derive(labels.seal)]);
    return { index, seal };
  };
  return () =>
    (derived ??= deriveBoth().catch((error: unknown) => {
      derived = undefined;
      throw error;
    }));
}
