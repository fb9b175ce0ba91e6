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
import { keyThumbprint } from '../../../capabilities/services/client-jwks.ts';
import { MyKeyError } from '../../../errors.ts';
import type {
  Registration,
  ServicePage,
  ServiceRegistry,
} from '../../../capabilities/services/service-registry.ts';
import type { Client, Organisation, Service } from '../../../capabilities/services/service.ts';
import type { TransactionItem } from './conditional-write.ts';
import { conditional, dependable, transaction } from './failures.ts';
import { ownWrite } from './own-write.ts';
import { adapterLimits } from '../limits.ts';

/**
 * Services table. ORGANISATION#id, SERVICE#id and CLIENT#id hold one record each. ORGANISATION#id /
 * NAME#name keeps service names unique within an organisation, ORGANISATION-NAME#name keeps
 * organisation names unique. CLIENT-KEY#thumbprint names the client that first registered a key, and
 * stays when the key is withdrawn. USAGE-KEYS counts the API keys assigned to clients.
 * @param usageKeys number of API keys that the deployment provides for clients
 */
export function dynamoServiceRegistry(
  client: DynamoDBDocumentClient,
  table: string,
  usageKeys = 0,
): ServiceRegistry {
  const read = async <T>(kind: Kind, id: string): Promise<T | undefined> => {
    const { Item } = await dependable(
      client.send(new GetCommand({ TableName: table, Key: keyOf(kind, id), ConsistentRead: true })),
    );
    return Item?.['record'] as T | undefined;
  };
  const replaced = (
    clientId: string,
    member: 'keys' | 'scopes',
    value: Client['keys'] | Client['scopes'],
  ) => ({
    TableName: table,
    Key: keyOf('CLIENT', clientId),
    UpdateExpression: 'SET #record.#member = :value',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#record': 'record', '#member': member },
    ExpressionAttributeValues: { ':value': value },
  });
  return {
    organisation: (id) => read<Organisation>('ORGANISATION', id),
    service: (id) => read<Service>('SERVICE', id),
    client: (id) => read<Client>('CLIENT', id),
    list: (after, limit) => list(client, table, after, limit),
    register: (registration) =>
      withUsageKey(
        client,
        table,
        usageKeys,
        async () =>
          (await read<Service>('SERVICE', registration.service.serviceId)) && ('stood' as const),
        (number, draw) => register(client, table, registration, number, draw),
      ),
    drawUsageKey: (clientId) =>
      withUsageKey(
        client,
        table,
        usageKeys,
        async () => (await read<Client>('CLIENT', clientId))?.usageKey,
        (number, draw) => drawFor(client, table, clientId, number, draw),
      ),
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
          throw new MyKeyError(
            'service-transition-invalid',
            'repeat the request: another call changed the service concurrently',
          );
        },
      );
    },
    async replaceKeys(clientId, keys) {
      const command = {
        ClientRequestToken: randomUUID(),
        TransactItems: [
          { Update: replaced(clientId, 'keys', keys) },
          ...keyHolders(table, clientId, keys),
        ],
      };
      await transaction(
        () => client.send(new TransactWriteCommand(command)),
        ({ reasons }) => {
          if (reasons[0] === 'ConditionalCheckFailed') throw noSuchClient();
          throw keyTaken();
        },
      );
    },
    async replaceScopes(clientId, scopes) {
      await conditional(
        client.send(new UpdateCommand(replaced(clientId, 'scopes', scopes))),
        () => {
          throw noSuchClient();
        },
      );
    },
  };
}

async function register(
  client: DynamoDBDocumentClient,
  table: string,
  { organisation, isNewOrganisation, service, client: first }: Registration,
  usageKey: number,
  draw: TransactionItem,
): Promise<'registered' | 'stood' | undefined> {
  const { organisationId, name } = organisation;
  const put = (Item: Record<string, unknown>) => ({
    Put: { TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  const nameKey = { pk: `ORGANISATION#${organisationId}`, sk: `NAME#${service.name}` };
  const command = {
    // All tries use one request token, so that a repetition is recognised as the same transaction.
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
      put({ ...keyOf('CLIENT', first.clientId), record: { ...first, usageKey } }),
      ...keyHolders(table, first.clientId, first.keys),
      draw,
    ],
  };
  const standing = await transaction(
    () => client.send(new TransactWriteCommand(command)),
    async ({ reasons }) => {
      const others = reasons.slice(0, -1);
      if (!others.includes('ConditionalCheckFailed')) return 'drawn-meanwhile' as const;
      // The transaction is atomic: if this service's name exists, all its items were written.
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
          'give its organisationId, which GET /v1/services shows; if yours is another organisation with the same name, add its place to the name',
        );
      }
      // A name that stands is also found where it was filed for another service.
      if (filed.Item === undefined) throw keyTaken();
      throw new MyKeyError('service-exists', 'choose another name, or use the service that exists');
    },
  );
  return standing === 'drawn-meanwhile' ? undefined : (standing ?? 'registered');
}

/** Binds each key to the client, or fails if another client registered it before. */
const keyHolders = (
  table: string,
  clientId: string,
  keys: Client['keys'],
): readonly TransactionItem[] =>
  keys.map((key) => ({
    Put: {
      TableName: table,
      Item: { pk: `CLIENT-KEY#${keyThumbprint(key)}`, sk: 'CLIENT-KEY', clientId },
      ConditionExpression: 'attribute_not_exists(pk) OR clientId = :client',
      ExpressionAttributeValues: { ':client': clientId },
    },
  }));

const noSuchClient = () => new MyKeyError('service-not-found', 'no such client');

/** Does not name the other client. */
const keyTaken = () =>
  new MyKeyError(
    'client-key-taken',
    'make a new key pair for this service: another client has registered one of these keys, now or before',
  );

/** Takes the next number; the condition fails if another call has taken it. */
const drawOf = (table: string, drawn: number): TransactionItem => ({
  Update: {
    TableName: table,
    Key: usageKeysKey,
    UpdateExpression: 'SET drawn = :next',
    ConditionExpression: drawn === 0 ? 'attribute_not_exists(drawn)' : 'drawn = :drawn',
    ExpressionAttributeValues: { ':next': drawn + 1, ...(drawn > 0 && { ':drawn': drawn }) },
  },
});

const usageKeysKey = { pk: 'USAGE-KEYS', sk: 'USAGE-KEYS' };

/**
 * Maximum number of tries when other calls take the number first; only the operator registers, a
 * few at a time.
 */
const draws = 20;

/**
 * Stores a record with the next API key number, in the transaction that also takes the number.
 * @param usageKeys number of API keys available
 * @param standing returns the record if it already exists; called when no number is left
 * @param file returns undefined if another call took the number first
 * @throws MyKeyError `client-keys-used-up`
 */
async function withUsageKey<T>(
  client: DynamoDBDocumentClient,
  table: string,
  usageKeys: number,
  standing: () => Promise<T | undefined>,
  file: (usageKey: number, draw: TransactionItem) => Promise<T | undefined>,
): Promise<T> {
  for (let tries = 0; tries < draws; tries++) {
    const command = new GetCommand({ TableName: table, Key: usageKeysKey, ConsistentRead: true });
    const { Item } = await dependable(client.send(command));
    const drawn = Number(Item?.['drawn'] ?? 0);
    const filed =
      drawn < usageKeys ? await file(drawn + 1, drawOf(table, drawn)) : await standing();
    if (filed !== undefined) return filed;
    if (drawn >= usageKeys)
      throw new MyKeyError(
        'client-keys-used-up',
        `deploy with a larger clientKeys: ${usageKeys} clients are registered`,
      );
  }
  throw new MyKeyError(
    'dependency-unavailable',
    'repeat the request later: other registrations keep taking the next number',
  );
}

/**
 * Undefined: the number was taken, try the next.
 * @throws MyKeyError `service-not-found`
 */
async function drawFor(
  client: DynamoDBDocumentClient,
  table: string,
  clientId: string,
  usageKey: number,
  draw: TransactionItem,
): Promise<number | undefined> {
  const key = keyOf('CLIENT', clientId);
  const read = async () =>
    (
      await dependable(
        client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true })),
      )
    ).Item?.['record'] as Client | undefined;
  const known = await read();
  if (known === undefined) throw new MyKeyError('service-not-found', 'no such client');
  if (known.usageKey !== undefined) return known.usageKey;
  const update = {
    Update: {
      TableName: table,
      Key: key,
      UpdateExpression: 'SET #record.usageKey = :usageKey',
      ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#record.usageKey)',
      ExpressionAttributeNames: { '#record': 'record' },
      ExpressionAttributeValues: { ':usageKey': usageKey },
    },
  };
  const command = { ClientRequestToken: randomUUID(), TransactItems: [update, draw] };
  const refused = await transaction(
    () => client.send(new TransactWriteCommand(command)),
    () => 'refused' as const,
  );
  return refused === undefined ? usageKey : (await read())?.usageKey;
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
