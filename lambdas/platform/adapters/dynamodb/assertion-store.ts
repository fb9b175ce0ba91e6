import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createHash } from 'node:crypto';
import type { AssertionStore } from '../../../capabilities/tokens/assertion-store.ts';
import { conditional } from './failures.ts';

/** The sessions table, ASSERTION#digest: JWT ids that were seen, until their assertions expire. */
export function dynamoAssertionStore(
  client: DynamoDBDocumentClient,
  table: string,
): AssertionStore {
  return {
    firstUse: (clientId, jti, expiresAt, now) =>
      conditional(
        client
          .send(
            new PutCommand({
              TableName: table,
              Item: {
                pk: `ASSERTION#${createHash('sha256').update(`${clientId}\n${jti}`).digest('hex')}`,
                sk: 'ASSERTION',
                validUntil: expiresAt,
                expiresAt: Math.ceil(expiresAt / 1000),
              },
              ConditionExpression: 'attribute_not_exists(pk) OR validUntil <= :now',
              ExpressionAttributeValues: { ':now': now },
            }),
          )
          .then(() => true),
        () => false,
      ),
  };
}
