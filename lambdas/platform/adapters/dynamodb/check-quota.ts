import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CheckQuota } from '../../../capabilities/revocation-checks/check-quota.ts';
import { conditional } from './failures.ts';

/**
 * The sessions table, until the day after: CHECKED#service / day, identifiers that were asked for;
 * HELD#service / day, cards that were held without a PIN.
 */
export function dynamoCheckQuota(
  client: DynamoDBDocumentClient,
  table: string,
  counted: 'CHECKED' | 'HELD' = 'CHECKED',
): CheckQuota {
  return {
    async take(serviceId, day, identifiers, most) {
      if (identifiers > most) return false;
      const command = new UpdateCommand({
        TableName: table,
        Key: { pk: `${counted}#${serviceId}`, sk: day },
        UpdateExpression: 'SET expiresAt = :expiresAt ADD identifiers :identifiers',
        ConditionExpression: 'attribute_not_exists(identifiers) OR identifiers <= :room',
        ExpressionAttributeValues: {
          ':identifiers': identifiers,
          ':room': most - identifiers,
          ':expiresAt': Date.parse(day) / 1000 + 2 * 86_400,
        },
      });
      return conditional(
        client.send(command).then(() => true),
        () => false,
      );
    },
  };
}
