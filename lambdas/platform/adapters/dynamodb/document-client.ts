import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { requestLimits } from '../request-limits.ts';

/**
 * One client per process, which keeps connections alive between calls. Reads take milliseconds;
 * after these timeouts a retry is better, at most three tries, within Lambda's own timeout.
 */
export const dynamoDbClient = (): DynamoDBClient =>
  new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: requestLimits(3_000),
  });

/** The same with the document client's plain JavaScript values. */
export const documentClient = (client: DynamoDBClient = dynamoDbClient()): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
