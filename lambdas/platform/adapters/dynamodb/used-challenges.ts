import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { UsedChallenges } from '../../../capabilities/challenges/operation.ts';
import { putOnce } from './conditional-write.ts';

/** Functions' clocks differ by less; a challenge past its own time is refused before this is asked. */
const keptLongerSeconds = 3_600;

/** The sessions table, CHALLENGE#nonce: challenges that were presented, until they have expired. */
export const dynamoUsedChallenges = (
  client: DynamoDBDocumentClient,
  table: string,
): UsedChallenges => ({
  use: ({ nonce, expiresAt }) =>
    putOnce(client, table, {
      pk: `CHALLENGE#${nonce}`,
      sk: 'CHALLENGE',
      expiresAt: Math.ceil(expiresAt / 1000) + keptLongerSeconds,
    }),
});
