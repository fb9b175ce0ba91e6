import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { UsedChallenges } from '../../../capabilities/challenges/operation.ts';
import { putOnce, tokenOfRequest } from './conditional-write.ts';
import { adapterLimits } from '../limits.ts';

/** Sessions table, CHALLENGE#nonce: challenges already presented, kept until they expire. */
export const dynamoUsedChallenges = (
  client: DynamoDBDocumentClient,
  table: string,
): UsedChallenges => ({
  use: ({ nonce, expiresAt }, requestToken) =>
    putOnce(
      client,
      table,
      {
        pk: `CHALLENGE#${nonce}`,
        sk: 'CHALLENGE',
        expiresAt: Math.ceil(expiresAt / 1000) + adapterLimits.usedChallengeKeptSeconds,
      },
      { token: tokenOfRequest(requestToken) },
    ),
});
