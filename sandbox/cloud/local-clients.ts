import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

const local = {
  region: 'ap-northeast-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** A client of DynamoDB Local (`startDynamoDb`) at the endpoint. */
export const localDynamoDb = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({ ...local, endpoint });

/** A client of the sandbox's S3 (`startS3`) at the endpoint. */
export const localS3 = (endpoint: string, credentials = local.credentials): S3Client =>
  new S3Client({ ...local, credentials, endpoint, forcePathStyle: true });

/** Creates an empty table with the platform's keys: `pk` and `sk`, both strings. */
export async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [attribute('pk'), attribute('sk')],
    }),
  );
}

/** Creates an empty bucket. */
export const createBucket = (client: S3Client, bucket: string): Promise<unknown> =>
  client.send(new CreateBucketCommand({ Bucket: bucket }));

const attribute = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const });
