import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { PersonPorts } from '../../../people/identify-person.ts';
import { kmsAnswer } from './kms-client.ts';

/**
 * The PPID key never leaves KMS. `keyVersion` is the key's ARN, even if an alias was configured.
 */
export const kmsPpidMac =
  (client: KMSClient, keyId: string): PersonPorts['ppidMac'] =>
  async (message) => {
    const { Mac, KeyId } = await kmsAnswer(
      client.send(
        new GenerateMacCommand({ KeyId: keyId, MacAlgorithm: 'HMAC_SHA_256', Message: message }),
      ),
    );
    return { mac: Mac!, keyVersion: KeyId! };
  };
