import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { randomBytes } from 'node:crypto';
import {
  type IdentityRange,
  type IdentityRecord,
  type IdentityScan,
  type IdentityStore,
  type RecordChange,
} from '../../../people/identity-store.ts';
import { dependable } from './failures.ts';
import { written, type TransactionItem } from './conditional-write.ts';
import { peopleLimits } from '../../../people/limits.ts';

/** The identity table. `people/layout.ts` defines its keys and records. */
export function dynamoIdentityStore(
  client: DynamoDBDocumentClient,
  table: string,
): IdentityStore & IdentityScan & IdentityRange {
  return {
    async read({ pk, sk }) {
      const command = new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: true });
      const { Item } = await dependable(client.send(command));
      return Item && recordOf(Item);
    },
    async list(pk, skPrefix, page) {
      const records: IdentityRecord[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined =
        page?.after === undefined ? undefined : { pk, sk: page.after };
      do {
        const command = new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ':prefix': skPrefix },
          ConsistentRead: true,
          ExclusiveStartKey,
          ...(page && { Limit: page.limit - records.length }),
        });
        const found = await dependable(client.send(command));
        records.push(...(found.Items ?? []).map(recordOf));
        ExclusiveStartKey = found.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined && records.length < (page?.limit ?? Infinity));
      return records;
    },
    async range(pk, from, to, limit) {
      // DynamoDB refuses an empty interval.
      if (to < from) return [];
      const records: IdentityRecord[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const command = new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
          ConsistentRead: true,
          Limit: limit - records.length,
          ExclusiveStartKey,
        });
        const page = await dependable(client.send(command));
        records.push(...(page.Items ?? []).map(recordOf));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined && records.length < limit);
      return records;
    },
    async scan(from, part) {
      const command = new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ExclusiveStartKey: from as Record<string, unknown> | undefined,
        ...(part && {
          Segment: part.segment,
          TotalSegments: part.segments,
          Limit: part.limit,
        }),
      });
      const page = await dependable(client.send(command));
      return { records: (page.Items ?? []).map(recordOf), next: page.LastEvaluatedKey };
    },
    write(changes) {
      if (changes.length > peopleLimits.changesPerWrite)
        throw new RangeError('too many changes for one transaction');
      const token = randomBytes(12).toString('base64url');
      const items = changes.map((change) => itemOf(change, table, token));
      const [only] = items;
      // A single item needs no transaction, which would cost twice the write units.
      if (items.length === 1 && only?.Put) {
        const { Put } = only;
        return written(() => client.send(new PutCommand(Put)));
      }
      if (items.length === 1 && only?.Delete) {
        const { Delete } = only;
        return written(() => client.send(new DeleteCommand(Delete)));
      }
      return written(() => client.send(new TransactWriteCommand({ TransactItems: items })));
    },
  };
}

/**
 * The condition also accepts an item that this same write stored, so that the SDK's retry after a
 * lost response succeeds.
 */
function itemOf(change: RecordChange, TableName: string, token: string): TransactionItem {
  if (change.change === 'create' || change.change === 'replace') {
    const was = change.change === 'replace';
    return {
      Put: {
        TableName,
        Item: { ...change.record, token },
        ConditionExpression: was
          ? '#token = :was OR #token = :mine'
          : 'attribute_not_exists(pk) OR #token = :mine',
        ExpressionAttributeNames: tokenName,
        ExpressionAttributeValues: { ':mine': token, ...(was && { ':was': change.was }) },
      },
    };
  }
  const condition = {
    TableName,
    Key: { pk: change.key.pk, sk: change.key.sk },
    ExpressionAttributeNames: tokenName,
    ExpressionAttributeValues: { ':was': change.was },
  };
  return change.change === 'delete'
    ? {
        Delete: {
          ...condition,
          ConditionExpression: 'attribute_not_exists(pk) OR #token = :was',
        },
      }
    : { ConditionCheck: { ...condition, ConditionExpression: '#token = :was' } };
}

const tokenName = { '#token': 'token' };

const recordOf = (item: Record<string, unknown>): IdentityRecord => ({
  pk: item['pk'] as string,
  sk: item['sk'] as string,
  sealed: item['sealed'] as Uint8Array,
  ...(item['owner'] !== undefined && { owner: item['owner'] as Uint8Array }),
  ...(item['expiresAt'] !== undefined && { expiresAt: item['expiresAt'] as number }),
  token: item['token'] as string,
});
