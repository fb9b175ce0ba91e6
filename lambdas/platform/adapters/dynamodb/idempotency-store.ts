import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { IdempotencyStore, IdempotentRun } from '../../http/idempotency.ts';
import { conditional, dependable } from './failures.ts';

/** A run that takes longer died: no function lives that long. */
const runMs = 60_000;
/** How long a client may come back for the answer. */
const answerMs = 24 * 3_600_000;

/** The sessions table, IDEMPOTENCY#key. TTL deletes late, so every read looks at the time itself. */
export function dynamoIdempotencyStore(
  client: DynamoDBDocumentClient,
  table: string,
): IdempotencyStore {
  return {
    begin: (key, fingerprint, now) =>
      conditional<IdempotentRun, IdempotentRun>(
        client
          .send(
            new PutCommand({
              TableName: table,
              Item: { ...keyOf(key), fingerprint, ...until(now + runMs) },
              ConditionExpression: 'attribute_not_exists(pk) OR validUntil <= :now',
              ExpressionAttributeValues: { ':now': now },
            }),
          )
          .then(() => ({ state: 'started' })),
        () => firstRun(client, table, key, fingerprint),
      ),
    async complete(key, answer, now) {
      const { validUntil, expiresAt } = until(now + answerMs);
      await dependable(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(key),
            UpdateExpression:
              'SET answer = :answer, validUntil = :validUntil, expiresAt = :expiresAt',
            ExpressionAttributeValues: {
              ':answer': JSON.stringify(answer),
              ':validUntil': validUntil,
              ':expiresAt': expiresAt,
            },
          }),
        ),
      );
    },
    async forget(key) {
      await dependable(client.send(new DeleteCommand({ TableName: table, Key: keyOf(key) })));
    },
  };
}

async function firstRun(
  client: DynamoDBDocumentClient,
  table: string,
  key: string,
  fingerprint: string,
): Promise<IdempotentRun> {
  const { Item } = await dependable(
    client.send(new GetCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true })),
  );
  if (Item === undefined) return { state: 'running' };
  if (Item['fingerprint'] !== fingerprint) return { state: 'other-request' };
  const answer = Item['answer'] as string | undefined;
  return answer === undefined
    ? { state: 'running' }
    : { state: 'answered', answer: JSON.parse(answer) as { status: number } };
}

const keyOf = (key: string) => ({ pk: `IDEMPOTENCY#${key}`, sk: 'IDEMPOTENCY' });
const until = (ms: number) => ({ validUntil: ms, expiresAt: Math.ceil(ms / 1000) });
