import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createHash } from 'node:crypto';
import type { AssertionStore } from '../../../capabilities/tokens/assertion-store.ts';
import { putOnce } from './conditional-write.ts';

/**
 * Sessions table, ASSERTION#digest: `jti` values already used (RFC 7523 §3), kept until their
 * assertions expire.
 */
export function dynamoAssertionStore(
  client: DynamoDBDocumentClient,
  table: string,
): AssertionStore {
  return {
    firstUse: (clientId, jti, expiresAt, now) =>
      putOnce(
        client,
        table,
        {
          pk: `ASSERTION#${createHash('sha256').update(`${clientId}\n${jti}`).digest('hex')}`,
          sk: 'ASSERTION',
          validUntil: expiresAt,
          expiresAt: Math.ceil(expiresAt / 1000),
        },
        { now },
      ),
  };
}
