import { PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ChallengeStore } from '../../../capabilities/challenges/operation.ts';
import { conditional, dependable } from './failures.ts';

/** Kept this long after expiry, so that a late caller reads `challenge-expired`, not `-not-found`. */
const afterlifeSeconds = 3600;

/** The sessions table, CHALLENGE#id. */
export function dynamoChallengeStore(
  client: DynamoDBDocumentClient,
  table: string,
): ChallengeStore {
  return {
    async keep({ challengeId, clientId, octets, expiresAt }) {
      await dependable(
        client.send(
          new PutCommand({
            TableName: table,
            Item: {
              ...keyOf(challengeId),
              clientId,
              octets,
              validUntil: expiresAt,
              expiresAt: Math.ceil(expiresAt / 1000) + afterlifeSeconds,
            },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
    },
    present: (challengeId, clientId, now) =>
      conditional(
        client
          .send(
            new UpdateCommand({
              TableName: table,
              Key: keyOf(challengeId),
              UpdateExpression: 'SET presentedAt = :now',
              ConditionExpression:
                'clientId = :clientId AND attribute_not_exists(presentedAt) AND validUntil > :now',
              ExpressionAttributeValues: { ':now': now, ':clientId': clientId },
              ReturnValues: 'ALL_OLD',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          )
          .then(({ Attributes }) => {
            const { octets, validUntil } = Attributes as { octets: Uint8Array; validUntil: number };
            const challenge = { challengeId, clientId, octets, expiresAt: validUntil };
            return { state: 'fresh' as const, challenge };
          }),
        ({ oldItem }) => ({ state: whyRefused(oldItem, clientId) }),
      ),
  };
}

/** The old item comes as attribute values: `{ S: … }`. */
function whyRefused(
  item: Record<string, unknown> | undefined,
  clientId: string,
): 'expired' | 'used' | 'unknown' {
  const owner = item?.['clientId'] as { readonly S?: string } | undefined;
  if (owner?.S !== clientId) return 'unknown';
  return item?.['presentedAt'] === undefined ? 'expired' : 'used';
}

const keyOf = (challengeId: string) => ({ pk: `CHALLENGE#${challengeId}`, sk: 'CHALLENGE' });
