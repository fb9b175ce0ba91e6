import {
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from '../../../capabilities/jobs/job.ts';
import type { ChunkOutcome, JobStore } from '../../../capabilities/jobs/ports.ts';
import { MyKeyError } from '../../../errors.ts';
import { conditional, dependable } from './failures.ts';
import { dynamoJobShares } from './job-shares.ts';
import { ownWrite } from './own-write.ts';

/**
 * Jobs table, one partition for each job: JOB#id / JOB, and JOB#id / CHUNK#00000 for each finished
 * chunk. The job's `expiresAt` is stored as `validUntil`: the TTL attribute is in seconds, and
 * items remain readable for up to two days after it.
 */
export function dynamoJobStore(client: DynamoDBDocumentClient, table: string): JobStore {
  const get = async (key: { pk: string; sk: string }) => {
    const command = new GetCommand({ TableName: table, Key: key, ConsistentRead: true });
    return (await dependable(client.send(command))).Item;
  };
  const chunkItems = async (jobId: string, attributes?: string) => {
    const items: Record<string, unknown>[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await dependable(
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
            ExpressionAttributeValues: { ':pk': jobKey(jobId).pk, ':prefix': chunkPrefix },
            ConsistentRead: true,
            ...(attributes === undefined ? {} : { ProjectionExpression: attributes }),
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        ),
      );
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  };

  const shares = dynamoJobShares(client, table);
  return {
    ...shares,
    async create(job) {
      const command = new PutCommand({
        TableName: table,
        Item: { ...jobKey(job.jobId), ...jobAttributes(job) },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      return conditional(
        client.send(command).then(() => 'created' as const),
        () => 'stood' as const,
      );
    },
    async find(jobId) {
      const item = await get(jobKey(jobId));
      return item && jobOf(item);
    },
    async change(jobId, from, change) {
      const { writeToken, refusedItself } = ownWrite();
      const attributes = Object.entries({ ...jobAttributes(change), writeToken });
      const states = Object.fromEntries(from.map((state, index) => [`:from${index}`, state]));
      return conditional(
        client
          .send(
            new UpdateCommand({
              TableName: table,
              Key: jobKey(jobId),
              UpdateExpression: `SET ${attributes.map((_, i) => `#a${i} = :a${i}`).join(', ')}`,
              ConditionExpression: `#state IN (${Object.keys(states).join(', ')})`,
              ExpressionAttributeNames: {
                '#state': 'state',
                ...Object.fromEntries(attributes.map(([name], i) => [`#a${i}`, name])),
              },
              ExpressionAttributeValues: {
                ...states,
                ...Object.fromEntries(attributes.map(([, value], i) => [`:a${i}`, value])),
              },
              ReturnValues: 'ALL_NEW',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          )
          .then(({ Attributes }) => jobOf(Attributes!)),
        async (refusal) => {
          if (!refusedItself(refusal)) return undefined;
          const item = await get(jobKey(jobId));
          return item && jobOf(item);
        },
      );
    },
    keepOutcome(job, outcome) {
      const { index, ...rest } = outcome;
      return conditional(
        client
          .send(
            new PutCommand({
              TableName: table,
              Item: { ...chunkKey(job.jobId, index), ...rest, expiresAt: seconds(job.expiresAt) },
              ConditionExpression: 'attribute_not_exists(pk)',
            }),
          )
          .then(() => outcome),
        async () => outcomeOf((await get(chunkKey(job.jobId, index)))!),
      );
    },
    async findOutcome(jobId, index) {
      const item = await get(chunkKey(jobId, index));
      return item && outcomeOf(item);
    },
    async outcomes(jobId) {
      return (await chunkItems(jobId)).map(outcomeOf);
    },
    async remove(jobId) {
      const keys = [...(await chunkItems(jobId, 'pk, sk')), jobKey(jobId)];
      // BatchWriteItem accepts 25 items.
      for (let at = 0; at < keys.length; at += 25) {
        await removeAll(client, table, keys.slice(at, at + 25));
      }
    },
  };
}

/** Resends unprocessed items of a throttled batch after a pause. */
async function removeAll(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly Record<string, unknown>[],
): Promise<void> {
  let requests = keys.map((Key) => ({ DeleteRequest: { Key } }));
  for (let attempt = 0; requests.length > 0; attempt += 1) {
    if (attempt === 5)
      throw new MyKeyError(
        'dependency-unavailable',
        'repeat the request later: the table is throttling writes',
      );
    await delay(attempt === 0 ? 0 : 50 * 2 ** attempt);
    const command = new BatchWriteCommand({ RequestItems: { [table]: requests } });
    const { UnprocessedItems } = await dependable(client.send(command));
    requests = (UnprocessedItems?.[table] ?? []) as typeof requests;
  }
}

const jobKey = (jobId: string) => ({ pk: `JOB#${jobId}`, sk: 'JOB' });
const chunkPrefix = 'CHUNK#';
/** Zero-padded, so that keys sort in file order. */
const chunkKey = (jobId: string, index: number) => ({
  pk: `JOB#${jobId}`,
  sk: `${chunkPrefix}${String(index).padStart(6, '0')}`,
});

const seconds = (ms: number): number => Math.ceil(ms / 1000);

function jobAttributes(job: Partial<Job>): Record<string, unknown> {
  const { expiresAt, ...rest } = job;
  return expiresAt === undefined
    ? rest
    : { ...rest, validUntil: expiresAt, expiresAt: seconds(expiresAt) };
}

function jobOf({
  pk: _pk,
  sk: _sk,
  writeToken: _token,
  validUntil,
  ...rest
}: Record<string, unknown>): Job {
  return { ...rest, expiresAt: validUntil } as Job;
}

function outcomeOf({
  pk: _pk,
  sk,
  expiresAt: _seconds,
  ...rest
}: Record<string, unknown>): ChunkOutcome {
  return { ...rest, index: Number(String(sk).slice(chunkPrefix.length)) } as ChunkOutcome;
}
