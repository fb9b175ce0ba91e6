import {
  GetCommand,
  TransactWriteCommand,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { MyKeyError } from '../../../errors.ts';
import type {
  Registration,
  ServiceRegistry,
} from '../../../capabilities/services/service-registry.ts';
import type { Client, Organisation, Service } from '../../../capabilities/services/service.ts';
import { conditional, dependable } from './failures.ts';

/**
 * The services table. ORGANISATION#id · SERVICE#id · CLIENT#id hold one record each;
 * ORGANISATION#id / NAME#name keeps service names apart.
 */
export function dynamoServiceRegistry(
  client: DynamoDBDocumentClient,
  table: string,
): ServiceRegistry {
  const read = async <T>(kind: Kind, id: string): Promise<T | undefined> => {
    const { Item } = await dependable(
      client.send(new GetCommand({ TableName: table, Key: keyOf(kind, id) })),
    );
    return Item?.['record'] as T | undefined;
  };
  return {
    organisation: (id) => read<Organisation>('ORGANISATION', id),
    service: (id) => read<Service>('SERVICE', id),
    client: (id) => read<Client>('CLIENT', id),
    register: (registration) => register(client, table, registration),
    async replaceService(before, after) {
      await conditional(
        client.send(
          new PutCommand({
            TableName: table,
            Item: serviceItem(after),
            ConditionExpression: '#record.#status = :status AND #record.updatedAt = :updatedAt',
            ExpressionAttributeNames: { '#record': 'record', '#status': 'status' },
            ExpressionAttributeValues: { ':status': before.status, ':updatedAt': before.updatedAt },
          }),
        ),
        () => {
          throw new MyKeyError('service-transition-invalid', 'the service was changed meanwhile');
        },
      );
    },
    async replaceKeys(clientId, keys) {
      await conditional(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf('CLIENT', clientId),
            UpdateExpression: 'SET #record.#keys = :keys',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: { '#record': 'record', '#keys': 'keys' },
            ExpressionAttributeValues: { ':keys': keys },
          }),
        ),
        () => {
          throw new MyKeyError('service-not-found', 'no such client');
        },
      );
    },
  };
}

async function register(
  client: DynamoDBDocumentClient,
  table: string,
  { organisation, isNewOrganisation, service, client: first }: Registration,
): Promise<void> {
  const { organisationId } = organisation;
  const put = (Item: Record<string, unknown>) => ({
    Put: { TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  const nameItem = { pk: `ORGANISATION#${organisationId}`, sk: `NAME#${service.name}` };
  await conditional(
    client.send(
      new TransactWriteCommand({
        TransactItems: [
          isNewOrganisation
            ? put({ ...keyOf('ORGANISATION', organisationId), record: organisation })
            : {
                ConditionCheck: {
                  TableName: table,
                  Key: keyOf('ORGANISATION', organisationId),
                  ConditionExpression: 'attribute_exists(pk)',
                },
              },
          put({ ...nameItem, serviceId: service.serviceId }),
          put(serviceItem(service)),
          put({ ...keyOf('CLIENT', first.clientId), record: first }),
        ],
      }),
    ),
    ({ reasons }) => {
      if (reasons[0] === 'ConditionalCheckFailed') {
        throw new MyKeyError('organisation-not-found', 'no such organisation');
      }
      throw new MyKeyError('service-exists', 'choose another name, or use the service that exists');
    },
  );
}

type Kind = 'ORGANISATION' | 'SERVICE' | 'CLIENT';

const keyOf = (kind: Kind, id: string) => ({ pk: `${kind}#${id}`, sk: kind });
const serviceItem = (service: Service) => ({
  ...keyOf('SERVICE', service.serviceId),
  record: service,
});
