import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Terminal, Terminals } from '../../../capabilities/terminals/terminal.ts';
import { written } from './conditional-write.ts';
import { dependable } from './failures.ts';

/** The services table, TERMINALS#service / terminal: the record of one terminal. */
export function dynamoTerminals(client: DynamoDBDocumentClient, TableName: string): Terminals {
  return {
    async create(terminal) {
      await dependable(client.send(new PutCommand({ TableName, Item: itemOf(terminal) })));
    },
    async read(serviceId, terminalId) {
      const Key = keyOf(serviceId, terminalId);
      const { Item } = await dependable(
        client.send(new GetCommand({ TableName, Key, ConsistentRead: true })),
      );
      return Item?.['record'] as Terminal | undefined;
    },
    pair: (terminal, codeDigest) =>
      written(() =>
        client.send(
          new PutCommand({
            TableName,
            Item: itemOf(terminal),
            // The token's digest recognises this write when the SDK repeats it after a lost response.
            ConditionExpression: '#record.codeDigest = :code OR #record.tokenDigest = :token',
            ExpressionAttributeNames: { '#record': 'record' },
            ExpressionAttributeValues: { ':code': codeDigest, ':token': terminal.tokenDigest },
          }),
        ),
      ),
    async list(serviceId, limit) {
      const { Items = [] } = await dependable(
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': partitionOf(serviceId) },
            ConsistentRead: true,
            Limit: limit,
          }),
        ),
      );
      return Items.map(({ record }) => record as Terminal);
    },
    async remove(serviceId, terminalId) {
      const { Attributes } = await dependable(
        client.send(
          new DeleteCommand({
            TableName,
            Key: keyOf(serviceId, terminalId),
            ReturnValues: 'ALL_OLD',
          }),
        ),
      );
      return Attributes !== undefined;
    },
  };
}

const partitionOf = (serviceId: string): string => `TERMINALS#${serviceId}`;
const keyOf = (serviceId: string, terminalId: string) => ({
  pk: partitionOf(serviceId),
  sk: terminalId,
});
const itemOf = (record: Terminal) => ({ ...keyOf(record.serviceId, record.terminalId), record });
