import type { Resource } from '../template/evaluate.ts';

/** Properties of `AWS::DynamoDB::Table` that CreateTable accepts unchanged. */
const sameInTemplate = [
  'AttributeDefinitions',
  'KeySchema',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
] as const;

/** DynamoDB Local's endpoint and credentials: each access key has its own tables. */
export interface TablesAddress {
  readonly endpoint: string;
  readonly accessKeyId: string;
}

/** Creates missing tables with their TTL attribute; all with on-demand capacity. */
export async function createTables(
  address: TablesAddress,
  tables: readonly Resource[],
): Promise<void> {
  await Promise.all(tables.map((table) => createTable(address, table)));
}

async function createTable(
  endpoint: TablesAddress,
  { properties, identity }: Resource,
): Promise<void> {
  const TableName = identity.ref;
  const given = sameInTemplate
    .filter((name) => properties[name] !== undefined)
    .map((name) => [name, withoutThroughput(properties[name])]);
  const created = await call(endpoint, 'CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    ...Object.fromEntries(given),
  });
  if (created.status === 400 && created.text.includes('ResourceInUseException')) return;
  if (created.status !== 200) throw new Error(`table ${TableName}: ${created.text}`);
  const ttl = properties['TimeToLiveSpecification'];
  if (ttl === undefined) return;
  const enabled = await call(endpoint, 'UpdateTimeToLive', {
    TableName,
    TimeToLiveSpecification: ttl,
  });
  if (enabled.status !== 200) throw new Error(`TTL of table ${TableName}: ${enabled.text}`);
}

/** Removes the indexes' provisioned throughput: all tables here use on-demand capacity. */
function withoutThroughput(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: Record<string, unknown>) => {
    const { ProvisionedThroughput: _, ...rest } = item;
    return rest;
  });
}

/** DynamoDB Local verifies no signature; it only reads the access key from it. */
export const authorizationOf = (accessKeyId: string): string =>
  `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/ap-northeast-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0`;

async function call({ endpoint, accessKeyId }: TablesAddress, operation: string, input: object) {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: authorizationOf(accessKeyId),
    },
    body: JSON.stringify(input),
  });
  return { status: answer.status, text: await answer.text() };
}
