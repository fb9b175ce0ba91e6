import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Cloud } from '../../../sandbox/cloud/start-cloud.ts';

export const kindsOfPlace = ['table', 'bucket', 'log', 'queue', 'history'] as const;

export type KindOfPlace = (typeof kindsOfPlace)[number];

/** A part of what a platform keeps: an item, an object, a log, a queue, a history of executions. */
export interface Piece {
  readonly kind: KindOfPlace;
  /** The table's or bucket's name, or the folder. */
  readonly place: string;
  /** The item's key, the object's file. */
  readonly label: string;
  readonly octets: Buffer;
}

export type Item = Readonly<Record<string, unknown>>;

/** Folders of a sandbox's data, and what AWS would keep in their place. */
const folders: Readonly<Record<string, KindOfPlace>> = {
  s3: 'bucket',
  logs: 'log',
  queues: 'queue',
  executions: 'history',
  'execution-histories': 'history',
};

/**
 * Everything that the platform keeps, past IAM: what a thief has who copies tables, buckets, logs,
 * queues and histories. Not the simulated J-LIS's own memory, and not what is inside KMS.
 */
export async function readPlaces(folder: string, cloud: Cloud): Promise<readonly Piece[]> {
  return [...(await itemsIn(folder, cloud)).map(pieceOf), ...filesIn(folder)];
}

export interface StoredItem {
  readonly table: string;
  readonly item: Item;
}

/** The tables past IAM: DynamoDB Local keeps them under its own access key. */
export function tablesOf(folder: string, { tablesPort }: Cloud): DynamoDBDocumentClient {
  const accessKeyId = readFileSync(join(folder, 'dynamodb', 'access-key'), 'utf8').trim();
  return DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: `http://127.0.0.1:${tablesPort}`,
      region: 'ap-northeast-1',
      credentials: { accessKeyId, secretAccessKey: 'unread' },
    }),
  );
}

export async function itemsIn(folder: string, cloud: Cloud): Promise<readonly StoredItem[]> {
  const client = tablesOf(folder, cloud);
  const found: StoredItem[] = [];
  try {
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    for (const table of TableNames) {
      let from: Item | undefined;
      do {
        const page = await client.send(
          new ScanCommand({ TableName: table, ExclusiveStartKey: from, ConsistentRead: true }),
        );
        found.push(...(page.Items ?? []).map((item) => ({ table, item })));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
    }
  } finally {
    client.destroy();
  }
  return found;
}

const pieceOf = ({ table, item }: StoredItem): Piece => ({
  kind: 'table',
  place: table,
  label: [item['pk'], item['sk']].map(String).join(' '),
  octets: Buffer.concat(octetsOf(item)),
});

/** Texts as UTF-8, octets as they are, each followed by a line feed. */
function octetsOf(value: unknown): Buffer[] {
  if (value instanceof Uint8Array) return [Buffer.from(value), Buffer.from('\n')];
  if (value instanceof Set) return [...(value as Set<unknown>)].flatMap(octetsOf);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, each]) => [
      Buffer.from(`${name}=`),
      ...octetsOf(each),
    ]);
  return [Buffer.from(`${String(value)}\n`)];
}

const filesIn = (folder: string): readonly Piece[] =>
  Object.entries(folders).flatMap(([name, kind]) =>
    readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
      .map((file) => join(folder, name, file))
      .filter((path) => statSync(path).isFile())
      .map((path) => ({ path, label: relative(join(folder, name), path) }))
      .map(({ path, label }) =>
        kind === 'bucket'
          ? { kind, place: label.split('/')[0]!, label: keyOf(path), octets: readFileSync(path) }
          : { kind, place: name, label, octets: readFileSync(path) },
      ),
  );

/** An object's key stands in the file beside it, which names the object's file. */
function keyOf(path: string): string {
  const siblings = readdirSync(dirname(path)).filter((name) => name.endsWith('.json'));
  for (const name of siblings) {
    const { key, file } = JSON.parse(readFileSync(join(dirname(path), name), 'utf8')) as {
      readonly key: string;
      readonly file: string;
    };
    if ([name, basename(file)].includes(basename(path))) return key;
  }
  return basename(path);
}
