import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import { readingLimits } from '../../../capabilities/reading-sessions/limits.ts';
import type {
  ReadingSession,
  ReadingSessions,
} from '../../../capabilities/reading-sessions/reading-session.ts';
import { written } from './conditional-write.ts';
import { dependable } from './failures.ts';

/**
 * Sessions table, READING#id. Readers compare expiry times themselves, because TTL deletes late.
 */
export function dynamoReadingSessions(
  client: DynamoDBDocumentClient,
  TableName: string,
): ReadingSessions {
  return {
    async create(session) {
      await dependable(
        client.send(new PutCommand({ TableName, Item: itemOf(session, randomUUID()) })),
      );
    },
    async read(sessionId) {
      const { Item } = await dependable(
        client.send(new GetCommand({ TableName, Key: keyOf(sessionId), ConsistentRead: true })),
      );
      if (Item === undefined) return undefined;
      const session = JSON.parse(Item['session'] as string) as ReadingSession;
      return { session, version: Item['token'] as string };
    },
    async replace(session, was) {
      const token = randomUUID();
      // Recognises its own write by the token when the SDK retries after a lost response.
      const command = new PutCommand({
        TableName,
        Item: itemOf(session, token),
        ConditionExpression: '#token IN (:was, :token)',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: { ':was': was, ':token': token },
      });
      return (await written(() => client.send(command))) ? token : undefined;
    },
  };
}

const itemOf = (session: ReadingSession, token: string) => ({
  ...keyOf(session.sessionId),
  token,
  session: JSON.stringify(session),
  expiresAt: Math.ceil((session.openedAt + readingLimits.keptMs) / 1000),
});

const keyOf = (sessionId: string) => ({ pk: `READING#${sessionId}`, sk: 'READING' });
