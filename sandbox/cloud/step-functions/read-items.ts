import type { S3Store } from '../s3/s3-store.ts';

export interface ItemReader {
  readonly Resource: string;
  readonly ReaderConfig?: {
    readonly InputType?: 'CSV' | 'JSON' | 'JSONL';
    readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
    readonly CSVHeaders?: readonly string[];
    readonly MaxItems?: number;
  };
}

/** The items of a distributed map from S3: an object's rows, or the objects of a prefix. */
export async function readItems(
  store: S3Store,
  { Resource, ReaderConfig = {} }: ItemReader,
  { Bucket = '', Key = '', Prefix = '' }: { Bucket?: string; Key?: string; Prefix?: string },
): Promise<unknown[]> {
  const items = Resource.endsWith('listObjectsV2')
    ? listed(store, Bucket, Prefix)
    : parsed(await contentOf(store, Bucket, Key), ReaderConfig);
  const { MaxItems = 0 } = ReaderConfig;
  return MaxItems > 0 ? items.slice(0, MaxItems) : items;
}

const listed = (store: S3Store, bucket: string, prefix: string): unknown[] =>
  [...store.bucket(bucket).values()]
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, size, etag, modifiedAt }) => ({
      Etag: `"${etag}"`,
      Key: key,
      LastModified: Math.floor(modifiedAt / 1000),
      Size: size,
      StorageClass: 'STANDARD',
    }));

async function contentOf(store: S3Store, bucket: string, key: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.read(store.get(bucket, key))) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parsed(text: string, config: NonNullable<ItemReader['ReaderConfig']>): unknown[] {
  const lines = () => text.split(/\r?\n/).filter((line) => line !== '');
  if (config.InputType === 'JSONL') return lines().map((line) => JSON.parse(line) as unknown);
  if (config.InputType === 'CSV') {
    const rows = lines().map(csvFields);
    const given = config.CSVHeaderLocation === 'GIVEN';
    const names = given ? (config.CSVHeaders ?? []) : (rows.shift() ?? []);
    return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? ''])));
  }
  const items: unknown = JSON.parse(text);
  if (Array.isArray(items)) return items;
  throw new Error('States.ItemReaderFailed: the object is not a JSON array');
}

/** RFC 4180 fields of one line. */
const csvFields = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
