import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dependable } from '../../../lambdas/platform/adapters/dynamodb/failures.ts';
import { requestLimits } from '../../../lambdas/platform/adapters/request-limits.ts';

/** Takes every request and never answers, as a table that hangs. */
let hanging: Server;
let asked = 0;
beforeAll(async () => {
  hanging = createServer(() => void (asked += 1));
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
});
afterAll(() => hanging.closeAllConnections());
afterAll(() => void hanging.close());

describe('a service that takes a request and never answers', () => {
  it('is tried again and then given up, before the function’s own time is over', async () => {
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`,
      region: 'ap-northeast-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 2,
      // Long enough for a busy machine to hand the request over before it is given up.
      requestHandler: requestLimits(500),
    });
    await expect(dependable(client.send(new ListTablesCommand({})))).rejects.toMatchObject({
      code: 'dependency-unavailable',
      cause: { name: 'TimeoutError' },
    });
    expect(asked).toBe(2);
    client.destroy();
  });
});
