import {
  DeleteCommand,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { IdempotencyStore, IdempotentRun } from '../../http/idempotency.ts';
import { conditional, dependable, type Refusal } from './failures.ts';
import { ownWrite } from './own-write.ts';
import { adapterLimits } from '../limits.ts';

/**
 * Sessions table, IDEMPOTENCY#key. `runUntil` ends a run, `validUntil` the key. TTL deletes items
 * late, so every condition compares the times itself.
 */
export function dynamoIdempotencyStore(
  client: DynamoDBDocumentClient,
  table: string,
): IdempotencyStore {
  return {
    begin(key, fingerprint, now) {
      const { writeToken, refusedItself } = ownWrite();
      const command = new PutCommand({
        TableName: table,
        Item: {
          ...keyOf(key),
          writeToken,
          fingerprint,
          runUntil: now + adapterLimits.idempotentRunMs,
          validUntil: now + adapterLimits.idempotentKeyMs,
          expiresAt: Math.ceil((now + adapterLimits.idempotentKeyMs) / 1000),
        },
        ConditionExpression:
          'attribute_not_exists(pk) OR validUntil <= :now OR (fingerprint = :fingerprint AND (answerUntil <= :now OR (attribute_not_exists(answer) AND runUntil <= :now)))',
        ExpressionAttributeValues: { ':now': now, ':fingerprint': fingerprint },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return conditional<IdempotentRun, IdempotentRun>(
        client.send(command).then(() => ({ state: 'started' })),
        (refusal) =>
          refusedItself(refusal) ? { state: 'started' } : standing(refusal, fingerprint),
      );
    },
    async complete(key, answer, now, keptMs) {
      await dependable(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(key),
            UpdateExpression: 'SET answer = :answer, answerUntil = :answerUntil',
            ExpressionAttributeValues: { ':answer': answer, ':answerUntil': now + keptMs },
          }),
        ),
      );
    },
    async leaveOpen(key) {
      await dependable(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(key),
            UpdateExpression: 'SET runUntil = :ended',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':ended': 0 },
          }),
        ),
      );
    },
    async forget(key) {
      await dependable(client.send(new DeleteCommand({ TableName: table, Key: keyOf(key) })));
    },
  };
}

/** The state of the first request with the key, from its item in attribute values. */
function standing({ oldItem }: Refusal, fingerprint: string): IdempotentRun {
  const item = oldItem as Readonly<Record<string, { readonly S?: string }>>;
  if (item['fingerprint']?.S !== fingerprint) return { state: 'other-request' };
  const answer = item['answer']?.S;
  return answer === undefined ? { state: 'running' } : { state: 'answered', answer };
}

const keyOf = (key: string) => ({ pk: `IDEMPOTENCY#${key}`, sk: 'IDEMPOTENCY' });
