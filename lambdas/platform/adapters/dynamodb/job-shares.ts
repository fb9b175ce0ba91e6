import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { JobShare, JobStore, ShareLimits } from '../../../capabilities/jobs/ports.ts';
import { MyKeyError } from '../../../errors.ts';
import { conditional, dependable } from './failures.ts';
import { adapterLimits } from '../limits.ts';

type Shares = Pick<JobStore, 'takeShare' | 'changeShare' | 'giveBackShare'>;

/** The value of a job's attribute. */
type Held = Pick<JobShare, 'bytes' | 'active' | 'until'>;

/**
 * One item for each service, SERVICE#id / SHARES: one attribute for each of its jobs, and their
 * sums. Every write is conditional on the sums staying within the limits. Shares that are not
 * released expire.
 */
export function dynamoJobShares(client: DynamoDBDocumentClient, table: string): Shares {
  const read = async (owner: string): Promise<Readonly<Record<string, unknown>>> => {
    const command = new GetCommand({ TableName: table, Key: keyOf(owner), ConsistentRead: true });
    return (await dependable(client.send(command))).Item ?? {};
  };
  /** Replaces or removes one share and updates the sums; false if the share had changed. */
  const exchange = (owner: string, jobId: string, before: Held, after: Held | undefined) =>
    conditional(
      client
        .send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(owner),
            UpdateExpression: `${after ? 'SET #job = :after' : 'REMOVE #job'} ADD #jobs :jobs, #active :active, #stored :stored`,
            ConditionExpression: '#job = :before',
            ExpressionAttributeNames: { ...sums, '#job': attributeOf(jobId) },
            ExpressionAttributeValues: {
              ':before': before,
              ...(after && { ':after': after }),
              ':jobs': after ? 0 : -1,
              ':active': Number(after?.active ?? false) - Number(before.active),
              ':stored': (after?.bytes ?? 0) - before.bytes,
            },
          }),
        )
        .then(() => true),
      () => false,
    );
  const settle = async (owner: string, jobId: string, after: Held | undefined): Promise<void> => {
    for (let attempt = 0; attempt < adapterLimits.shareTries; attempt += 1) {
      const before = (await read(owner))[attributeOf(jobId)] as Held | undefined;
      if (before === undefined || (await exchange(owner, jobId, before, after))) return;
    }
    throw new MyKeyError(
      'dependency-unavailable',
      'repeat the request later: other writes keep changing the same item',
    );
  };

  return {
    async takeShare({ jobId, owner, bytes, active, until }, limits, now) {
      for (let attempt = 0; attempt < adapterLimits.shareTries; attempt += 1) {
        const taken = await conditional(
          client
            .send(
              new UpdateCommand({
                TableName: table,
                Key: keyOf(owner),
                UpdateExpression:
                  'SET #job = :share ADD #jobs :one, #active :active, #stored :bytes',
                ConditionExpression:
                  'attribute_not_exists(#job) AND (attribute_not_exists(#jobs) OR (#jobs < :mostJobs AND #active <= :mostActive AND #stored <= :mostStored))',
                ExpressionAttributeNames: { ...sums, '#job': attributeOf(jobId) },
                ExpressionAttributeValues: {
                  ':share': { bytes, active, until },
                  ':one': 1,
                  ':active': Number(active),
                  ':bytes': bytes,
                  ':mostJobs': limits.keptJobs,
                  ':mostActive': limits.activeJobs - Number(active),
                  ':mostStored': limits.storedBytes - bytes,
                },
              }),
            )
            .then(() => true),
          () => false,
        );
        if (taken) return undefined;
        const item = await read(owner);
        if (item[attributeOf(jobId)] !== undefined) return undefined;
        const over = Object.entries(item).filter(
          ([name, held]) => name.startsWith(prefix) && (held as Held).until <= now,
        );
        const full = exceeded(item, { bytes, active }, limits);
        if (full !== undefined && over.length === 0) return full;
        for (const [name, held] of over) {
          await exchange(owner, name.slice(prefix.length), held as Held, undefined);
        }
      }
      throw new MyKeyError(
        'dependency-unavailable',
        'repeat the request later: other writes keep changing the same item',
      );
    },
    changeShare: ({ jobId, owner, bytes, active, until }) =>
      settle(owner, jobId, { bytes, active, until }),
    giveBackShare: (owner, jobId) => settle(owner, jobId, undefined),
  };
}

const keyOf = (owner: string) => ({ pk: `SERVICE#${owner}`, sk: 'SHARES' });
const sums = { '#jobs': 'jobs', '#active': 'active', '#stored': 'stored' };
const prefix = 'job#';
const attributeOf = (jobId: string): string => `${prefix}${jobId}`;

function exceeded(
  item: Readonly<Record<string, unknown>>,
  { bytes, active }: Pick<Held, 'bytes' | 'active'>,
  limits: ShareLimits,
): keyof ShareLimits | undefined {
  const sum = (name: string): number => Number(item[name] ?? 0);
  if (sum('active') + Number(active) > limits.activeJobs) return 'activeJobs';
  if (sum('jobs') + 1 > limits.keptJobs) return 'keptJobs';
  return sum('stored') + bytes > limits.storedBytes ? 'storedBytes' : undefined;
}
