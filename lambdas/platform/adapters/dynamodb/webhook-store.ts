import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Webhook, WebhookStore } from '../../../capabilities/webhooks/webhook.ts';
import { conditional, dependable } from './failures.ts';

const keyOf = (serviceId: string) => ({ pk: 'WEBHOOKS', sk: serviceId });

/** Services table, WEBHOOKS / service id: one partition, since all are listed every hour. */
export function dynamoWebhookStore(client: DynamoDBDocumentClient, table: string): WebhookStore {
  return {
    async get(serviceId) {
      const command = new GetCommand({
        TableName: table,
        Key: keyOf(serviceId),
        ConsistentRead: true,
      });
      const { Item } = await dependable(client.send(command));
      return Item?.['record'] as Webhook | undefined;
    },
    async put(webhook) {
      const Item = { ...keyOf(webhook.serviceId), record: webhook };
      await dependable(client.send(new PutCommand({ TableName: table, Item })));
    },
    async recordOutcome({ serviceId, registeredAt, url }, { failures, failedAt }) {
      await conditional<unknown, unknown>(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(serviceId),
            UpdateExpression: `SET #record.failures = :failures${failedAt === undefined ? ' REMOVE #record.failedAt' : ', #record.failedAt = :failedAt'}`,
            ConditionExpression: '#record.registeredAt = :registeredAt AND #record.#url = :url',
            ExpressionAttributeNames: { '#record': 'record', '#url': 'url' },
            ExpressionAttributeValues: {
              ':failures': failures,
              ':registeredAt': registeredAt,
              ':url': url,
              ...(failedAt !== undefined && { ':failedAt': failedAt }),
            },
          }),
        ),
        // Another endpoint was registered meanwhile.
        () => undefined,
      );
    },
    async remove(serviceId) {
      await dependable(client.send(new DeleteCommand({ TableName: table, Key: keyOf(serviceId) })));
    },
    async list() {
      const found: Webhook[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const command = new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': keyOf('').pk },
          ExclusiveStartKey,
        });
        const page = await dependable(client.send(command));
        found.push(...(page.Items ?? []).map((item) => item['record'] as Webhook));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return found;
    },
  };
}
