import {
  TransactWriteCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { CheckQuota } from '../../../capabilities/revocation-checks/check-quota.ts';
import { conditional, transaction } from './failures.ts';

/**
 * The sessions table, until the day after: CHECKED#service / day, identifiers that were asked for;
 * HELD#service / day, cards that were held without a PIN. A question that may be repeated leaves its
 * name: CHECKED#service / day#name.
 */
export function dynamoCheckQuota(
  client: DynamoDBDocumentClient,
  table: string,
  counted: 'CHECKED' | 'HELD' = 'CHECKED',
): CheckQuota {
  return {
    async take(serviceId, day, identifiers, most, once) {
      if (identifiers > most) return false;
      const pk = `${counted}#${serviceId}`;
      const expiresAt = Date.parse(day) / 1000 + 2 * 86_400;
      const count = {
        TableName: table,
        Key: { pk, sk: day },
        UpdateExpression: 'SET expiresAt = :expiresAt ADD identifiers :identifiers',
        ConditionExpression: 'attribute_not_exists(identifiers) OR identifiers <= :room',
        ExpressionAttributeValues: {
          ':identifiers': identifiers,
          ':room': most - identifiers,
          ':expiresAt': expiresAt,
        },
      };
      if (once === undefined) {
        return conditional(
          client.send(new UpdateCommand(count)).then(() => true),
          () => false,
        );
      }
      const mark = {
        TableName: table,
        Item: { pk, sk: `${day}#${once}`, expiresAt },
        ConditionExpression: 'attribute_not_exists(pk)',
      };
      const counting = { TransactItems: [{ Put: mark }, { Update: count }] };
      const refused = await transaction(
        () => client.send(new TransactWriteCommand(counting)),
        ({ reasons }) => (reasons[0] === 'ConditionalCheckFailed' ? 'repeated' : 'exceeded'),
      );
      return refused !== 'exceeded';
    },
  };
}
