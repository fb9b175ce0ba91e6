import {
  GetCommand,
  ScanCommand,
  type ScanCommandOutput,
  TransactWriteCommand,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import { MyKeyError } from '../../../errors.ts';
import type {
  Registration,
  ServicePage,
  ServiceRegistry,
} from '../../../capabilities/services/service-registry.ts';
import type { Client, Organisation, Service } from '../../../capabilities/services/service.ts';
import { conditional, dependable, transaction } from './failures.ts';
import { ownWrite } from './own-write.ts';
import { adapterLimits } from '../limits.ts';

/**
 * The services table. ORGANISATION#id · SERVICE#id · CLIENT#id hold one record each;
 * ORGANISATION#id / NAME#name keeps service names apart, ORGANISATION-NAME#name organisations.
 */
export function dynamoServiceRegistry(
  client: DynamoDBDocumentClient,
  table: string,
): ServiceRegistry {
  const read = async <T>(kind: Kind, id: string): Promise<T | undefined> => {
    const { Item } = await dependable(
      client.send(new GetCommand({ TableName: table, Key: keyOf(kind, id), ConsistentRead: true })),
    );
    return Item?.['record'] as T | undefined;
  };
  return {
    organisation: (id) => read<Organisation>('ORGANISATION', id),
    service: (id) => read<Service>('SERVICE', id),
    client: (id) => read<Client>('CLIENT', id),
    list: (after, limit) => list(client, table, after, limit),
    register: (registration) => register(client, table, registration),
    async replaceService(before, after) {
      const { writeToken, refusedItself } = ownWrite();
      await conditional(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...serviceItem(after), writeToken },
            ConditionExpression: '#record.#status = :status AND #record.updatedAt = :updatedAt',
            ExpressionAttributeNames: { '#record': 'record', '#status': 'status' },
            ExpressionAttributeValues: { ':status': before.status, ':updatedAt': before.updatedAt },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
        (refusal) => {
          if (refusedItself(refusal)) return;
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
): Promise<'registered' | 'stood'> {
  const { organisationId, name } = organisation;
  const put = (Item: Record<string, unknown>) => ({
    Put: { TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  const nameKey = { pk: `ORGANISATION#${organisationId}`, sk: `NAME#${service.name}` };
  const command = {
    // One token for all tries: a repetition of what was written is no second transaction.
    ClientRequestToken: randomUUID(),
    TransactItems: [
      ...(isNewOrganisation
        ? [
            put({ ...keyOf('ORGANISATION', organisationId), record: organisation }),
            put({ pk: `ORGANISATION-NAME#${name}`, sk: 'ORGANISATION-NAME', organisationId }),
          ]
        : [
            {
              ConditionCheck: {
                TableName: table,
                Key: keyOf('ORGANISATION', organisationId),
                ConditionExpression: 'attribute_exists(pk)',
              },
            },
          ]),
      put({ ...nameKey, serviceId: service.serviceId }),
      put(serviceItem(service)),
      put({ ...keyOf('CLIENT', first.clientId), record: first }),
    ],
  };
  const standing = await transaction(
    () => client.send(new TransactWriteCommand(command)),
    async ({ reasons }) => {
      // All or nothing: where this service's name is filed, all of it was written before.
      const filed = await dependable(
        client.send(new GetCommand({ TableName: table, Key: nameKey, ConsistentRead: true })),
      );
      if (filed.Item?.['serviceId'] === service.serviceId) return 'stood' as const;
      if (!isNewOrganisation && reasons[0] === 'ConditionalCheckFailed') {
        throw new MyKeyError('organisation-not-found', 'no such organisation');
      }
      if (isNewOrganisation && reasons[1] === 'ConditionalCheckFailed') {
        throw new MyKeyError(
          'organisation-exists',
          'give its organisationId, which GET /v1/services shows; for another one of this name, add its place to the name',
        );
      }
      throw new MyKeyError('service-exists', 'choose another name, or use the service that exists');
    },
  );
  return standing ?? 'registered';
}

async function list(
  client: DynamoDBDocumentClient,
  table: string,
  after: string | undefined,
  limit: number,
): Promise<ServicePage> {
  const services: Service[] = [];
  let from: Record<string, unknown> | undefined =
    after === undefined ? undefined : keyOf('SERVICE', after);
  do {
    const page: ScanCommandOutput = await dependable(
      client.send(
        new ScanCommand({
          TableName: table,
          Limit: adapterLimits.servicesScannedAtOnce,
          FilterExpression: 'sk = :service',
          ExpressionAttributeValues: { ':service': 'SERVICE' },
          ExclusiveStartKey: from,
        }),
      ),
    );
    services.push(...(page.Items ?? []).map(({ record }) => record as Service));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && services.length < limit);
  const shown = services.slice(0, limit);
  const isMore = from !== undefined || services.length > limit;
  return { services: shown, ...(isMore && { next: shown.at(-1)!.serviceId }) };
}

type Kind = 'ORGANISATION' | 'SERVICE' | 'CLIENT';

const keyOf = (kind: Kind, id: string) => ({ pk: `${kind}#${id}`, sk: kind });
const serviceItem = (service: Service) => ({
  ...keyOf('SERVICE', service.serviceId),
  record: service,
});
