import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { createHmac } from 'node:crypto';
import { documentClient } from '../../../lambdas/platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../../lambdas/platform/adapters/dynamodb/identity-store.ts';
import { kmsIdentityKeys } from '../../../lambdas/platform/adapters/kms/identity-keys.ts';
import { withoutHash } from '../iam/principals.ts';
import type { KmsKeys } from '../kms/kms-keys.ts';
import type { TablesAddress } from '../provision/create-tables.ts';
import type { Templates } from '../template/evaluate.ts';
import { sealClearRecords } from './clear-identity-records.ts';

export interface Upgrade {
  readonly address: TablesAddress;
  readonly templates: Templates;
  readonly kms: KmsKeys;
  readonly tell: (line: string) => void;
}

/**
 * Brings tables that an earlier release wrote under `--data` to the present layout, before the first
 * request. Repeating it changes nothing.
 */
export async function upgradeTables({ address, templates, kms, tell }: Upgrade): Promise<void> {
  const named = (type: string, name: string): string | undefined =>
    templates.resources(type).find(({ logicalId }) => withoutHash(logicalId) === name)?.identity
      .ref;
  const table =
    named('AWS::DynamoDB::Table', 'IdentityTable') ??
    named('AWS::DynamoDB::GlobalTable', 'IdentityTable');
  const [index, service, bucket] = ['IndexKey', 'ServiceKey', 'BucketKey'].map((name) =>
    named('AWS::KMS::Key', name),
  );
  if (!table || !index || !service || !bucket) return;
  const mac = async (keyId: string, message: Uint8Array): Promise<Uint8Array> =>
    createHmac('sha256', Buffer.from(kms.find(keyId).material, 'base64'))
      .update(message)
      .digest();
  const inProcess = {
    send: async ({ input }: GenerateMacCommand) => ({
      Mac: await mac(input.KeyId!, input.Message!),
    }),
  } as unknown as KMSClient;
  const dynamoDb = new DynamoDBClient({
    endpoint: address.endpoint,
    region: 'ap-northeast-1',
    credentials: { accessKeyId: address.accessKeyId, secretAccessKey: 'sandbox' },
  });
  try {
    const client = documentClient(dynamoDb);
    const persons = await sealClearRecords({
      client,
      table,
      store: dynamoIdentityStore(client, table),
      keys: kmsIdentityKeys(inProcess, { index, service, bucket }, 1),
      indexMac: (message) => mac(index, message),
    });
    if (persons > 0)
      tell(`${persons} persons of an earlier release are sealed now; their PPIDs are unchanged`);
  } finally {
    dynamoDb.destroy();
  }
}
