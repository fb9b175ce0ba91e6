import type { StoredObject } from './s3-store.ts';
import { element } from './xml.ts';

/** ListObjectsV2: keys in UTF-8 byte order, grouped at the delimiter, in pages of max-keys. */
export function listObjects(
  bucket: string,
  objects: ReadonlyMap<string, StoredObject>,
  query: URLSearchParams,
): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const pageSize = Math.min(Number(query.get('max-keys') ?? 1000), 1000);
  const token = query.get('continuation-token');
  const after =
    token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();

  const found = [...objects.values()]
    .filter(({ key }) => key.startsWith(prefix) && key > after)
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const contents: StoredObject[] = [];
  const prefixes = new Set<string>();
  let last = '';
  let truncated = false;
  for (const object of found) {
    const cut = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const common = cut === -1 ? undefined : object.key.slice(0, cut + delimiter.length);
    if (common !== undefined && (prefixes.has(common) || after.startsWith(common))) {
      last = object.key;
      continue;
    }
    if (contents.length + prefixes.size === pageSize) {
      truncated = true;
      break;
    }
    if (common === undefined) contents.push(object);
    else prefixes.add(common);
    last = object.key;
  }

  return `<ListBucketResult>${[
    element('Name', bucket),
    element('Prefix', prefix),
    element('KeyCount', String(contents.length + prefixes.size)),
    element('MaxKeys', String(pageSize)),
    element('IsTruncated', String(truncated)),
    truncated ? element('NextContinuationToken', Buffer.from(last).toString('base64url')) : '',
    ...contents.map((object) => `<Contents>${contentOf(object)}</Contents>`),
    ...[...prefixes].map((name) => `<CommonPrefixes>${element('Prefix', name)}</CommonPrefixes>`),
  ].join('')}</ListBucketResult>`;
}

const contentOf = (object: StoredObject): string =>
  element('Key', object.key) +
  element('LastModified', new Date(object.modifiedAt).toISOString()) +
  element('ETag', `"${object.etag}"`) +
  element('Size', String(object.size)) +
  element('StorageClass', 'STANDARD');
