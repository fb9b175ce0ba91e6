import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/**
 * What a restore to point in time leaves: a new table with the same keys and items. A restored table
 * lacks time to live, which docs/deploy.md has the operator switch on; so it is here.
 */
export async function copyTable(
  client: DynamoDBClient,
  from: string,
  to: string,
): Promise<{ readonly items: number }> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: from }));
  await client.send(
    new CreateTableCommand({
      TableName: to,
      KeySchema: Table!.KeySchema,
      AttributeDefinitions: Table!.AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName: to });
  const lived = await client.send(new DescribeTimeToLiveCommand({ TableName: from }));
  const { AttributeName } = lived.TimeToLiveDescription ?? {};
  if (AttributeName !== undefined)
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: to,
        TimeToLiveSpecification: { Enabled: true, AttributeName },
      }),
    );
  let items = 0;
  for await (const page of pages(client, from)) {
    items += page.length;
    await write(
      client,
      to,
      page.map((Item) => ({ PutRequest: { Item } })),
    );
  }
  return { items };
}

/** Deletes every item, so that nothing can be answered from the table. @returns how many there were */
export async function emptyTable(client: DynamoDBClient, table: string): Promise<number> {
  let items = 0;
  for await (const page of pages(client, table)) {
    items += page.length;
    await write(
      client,
      table,
      page.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk: pk!, sk: sk! } } })),
    );
  }
  return items;
}

async function* pages(client: DynamoDBClient, table: string): AsyncGenerator<readonly Item[]> {
  let from: Item | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({ TableName: table, ExclusiveStartKey: from }),
    );
    yield Items;
    from = LastEvaluatedKey;
  } while (from !== undefined);
}

type Write = NonNullable<
  NonNullable<ConstructorParameters<typeof BatchWriteItemCommand>[0]['RequestItems']>[string]
>[number];

async function write(client: DynamoDBClient, table: string, requests: Write[]): Promise<void> {
  for (let at = 0; at < requests.length; at += 25) {
    let left = requests.slice(at, at + 25);
    while (left.length > 0) {
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
      );
      left = UnprocessedItems?.[table] ?? [];
    }
  }
}
