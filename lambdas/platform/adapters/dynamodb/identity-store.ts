import {
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import type { HeldCertificate, IdentityStore } from '../../../people/identity-store.ts';
import { MyKeyError } from '../../../errors.ts';
import { conditional, dependable } from './failures.ts';

/**
 * The identity table.
 * CERTIFICATE#index → its subject
 * SUBJECT#id / SUBJECT · SUBJECT#id / CERTIFICATE#index (sealed) · SUBJECT#id / PPID#service ·
 * SUBJECT#id / ATTRIBUTES#service (sealed)
 * PPID#service#ppid → its subject
 */
export function dynamoIdentityStore(client: DynamoDBDocumentClient, table: string): IdentityStore {
  const get = async (pk: string, sk: string) => {
    const command = new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: true });
    return (await dependable(client.send(command))).Item;
  };
  const write = async (items: readonly TransactionItem[]): Promise<boolean> => {
    for (let conflicts = 0; ; conflicts++) {
      const command = new TransactWriteCommand({ TransactItems: [...items] });
      const outcome = await conditional(
        client.send(command).then(() => 'written' as const),
        ({ reasons }) => (reasons.includes('ConditionalCheckFailed') ? 'refused' : 'conflict'),
      );
      if (outcome !== 'conflict') return outcome === 'written';
      // Another transaction holds an item for some milliseconds; after it, ours is written or refused.
      if (conflicts === 4) return false;
      await delay(2 ** conflicts * (10 + Math.random() * 10));
    }
  };
  const putNew = (Item: Record<string, unknown>): TransactionItem => ({
    Put: { TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  const fileCertificate = (subjectId: string, now: number) => (held: HeldCertificate) => [
    putNew({ ...certificateKey(held.index), subjectId }),
    putNew({
      ...heldKey(subjectId, held.index),
      sealed: held.sealed,
      superseded: held.superseded,
      filedAt: now,
    }),
  ];

  return {
    async subjectOf(index) {
      const { pk, sk } = certificateKey(index);
      return (await get(pk, sk))?.['subjectId'] as string | undefined;
    },
    createSubject: (subjectId, certificates, now) =>
      write([
        putNew({ ...subjectKey(subjectId), suspended: false, createdAt: now }),
        ...certificates.flatMap(fileCertificate(subjectId, now)),
      ]),
    addCertificates: (subjectId, predecessorIndex, certificates, now) =>
      write([
        {
          Update: {
            TableName: table,
            Key: heldKey(subjectId, predecessorIndex),
            UpdateExpression: 'SET superseded = :yes',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':yes': true },
          },
        },
        ...certificates.flatMap(fileCertificate(subjectId, now)),
      ]),
    async standing(subjectId, serviceId) {
      const { pk, sk } = subjectKey(subjectId);
      const [subject, issued] = await Promise.all([get(pk, sk), get(pk, `PPID#${serviceId}`)]);
      if (subject === undefined) return undefined;
      return {
        suspended: subject['suspended'] === true,
        ppid: issued?.['ppid'] as string | undefined,
      };
    },
    async keepPpid({ subjectId, serviceId, ppid, keyVersion, issuedAt }) {
      const { pk, sk } = subjectKey(subjectId);
      const kept = await write([
        {
          ConditionCheck: {
            TableName: table,
            Key: { pk, sk },
            ConditionExpression: 'attribute_exists(pk)',
          },
        },
        putNew({ pk, sk: `PPID#${serviceId}`, ppid, keyVersion, issuedAt }),
        putNew({ ...ppidKey(serviceId, ppid), subjectId }),
      ]);
      if (kept) return ppid;
      const first = await get(pk, `PPID#${serviceId}`);
      if (first !== undefined) return first['ppid'] as string;
      throw new MyKeyError('dependency-unavailable', 'the PPID could not be kept');
    },
    async subjectOfPpid(serviceId, ppid) {
      const { pk, sk } = ppidKey(serviceId, ppid);
      return (await get(pk, sk))?.['subjectId'] as string | undefined;
    },
    async attributeBaseline(subjectId, serviceId) {
      const item = await get(subjectKey(subjectId).pk, `ATTRIBUTES#${serviceId}`);
      return item?.['sealed'] as Uint8Array | undefined;
    },
    async keepAttributeBaseline(subjectId, serviceId, sealed, now) {
      const { pk } = subjectKey(subjectId);
      const Item = { pk, sk: `ATTRIBUTES#${serviceId}`, sealed, confirmedAt: now };
      await dependable(client.send(new PutCommand({ TableName: table, Item })));
    },
    async certificatesOf(subjectId) {
      const held: HeldCertificate[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await dependable(
          client.send(
            new QueryCommand({
              TableName: table,
              KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
              ExpressionAttributeValues: {
                ':pk': subjectKey(subjectId).pk,
                ':kind': 'CERTIFICATE#',
              },
              ConsistentRead: true,
              ExclusiveStartKey,
            }),
          ),
        );
        for (const item of page.Items ?? []) {
          held.push({
            index: (item['sk'] as string).slice('CERTIFICATE#'.length),
            sealed: item['sealed'] as Uint8Array,
            superseded: item['superseded'] === true,
          });
        }
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return held;
    },
  };
}

type TransactionItem = NonNullable<
  ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems']
>[number];

const certificateKey = (index: string) => ({ pk: `CERTIFICATE#${index}`, sk: 'CERTIFICATE' });
const subjectKey = (subjectId: string) => ({ pk: `SUBJECT#${subjectId}`, sk: 'SUBJECT' });
const heldKey = (subjectId: string, index: string) => ({
  pk: `SUBJECT#${subjectId}`,
  sk: `CERTIFICATE#${index}`,
});
const ppidKey = (serviceId: string, ppid: string) => ({
  pk: `PPID#${serviceId}#${ppid}`,
  sk: 'PPID',
});
