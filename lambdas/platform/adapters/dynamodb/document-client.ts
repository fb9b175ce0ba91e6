import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { requestLimits } from '../request-limits.ts';

/**
 * One client a process: connections are kept alive between calls. A read takes milliseconds; what
 * takes longer than these limits is better retried, three times at most, inside Lambda's own limit.
 */
export const dynamoDbClient = (): DynamoDBClient =>
  new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: requestLimits(3_000),
  });

/** The same, taking and giving plain values. */
export const documentClient = (client: DynamoDBClient = dynamoDbClient()): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
