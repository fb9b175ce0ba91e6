import type { Environment } from '../template/evaluate.ts';
import type { Need } from './authorize.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The actions that a DynamoDB request needs (service authorization reference, "Actions, resources,
 * and condition keys for Amazon DynamoDB"): a transaction needs those of its parts.
 */
export function dynamoDbNeeds(
  operation: string,
  input: Json,
  { account, region }: Environment,
): Need[] {
  const table = (name: unknown): string =>
    String(name).startsWith('arn:')
      ? String(name)
      : `arn:aws:dynamodb:${region}:${account}:table/${String(name)}`;
  const need = (action: string, name: unknown): Need => ({
    action: `dynamodb:${action}`,
    resource: table(name),
  });
  switch (operation) {
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys((input['RequestItems'] ?? {}) as Json).map((name) =>
        need(operation, name),
      );
    case 'TransactWriteItems':
      return ((input['TransactItems'] ?? []) as Json[]).flatMap((item) =>
        Object.entries(item).map(([kind, part]) =>
          need(
            kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`,
            (part as Json)['TableName'],
          ),
        ),
      );
    case 'TransactGetItems':
      return ((input['TransactItems'] ?? []) as Json[]).map((item) =>
        need('GetItem', (item['Get'] as Json | undefined)?.['TableName']),
      );
    case 'ListTables':
      return [{ action: 'dynamodb:ListTables', resource: '*' }];
    default: {
      const { resource } = need(operation, input['TableName']);
      const index = input['IndexName'];
      const whole = typeof index === 'string' ? `${resource}/index/${index}` : resource;
      return [{ action: `dynamodb:${operation}`, resource: whole }];
    }
  }
}

export interface S3Call {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly copySource?: string | undefined;
}

export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

/** The actions that an S3 request needs; DeleteObjects is asked for each of its keys. */
export function s3Needs({ method, bucket, key, query, copySource }: S3Call): Need[] {
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  const onBucket = (action: string, context = {}): Need[] => [
    { action: `s3:${action}`, resource: `arn:aws:s3:::${bucket}`, context },
  ];
  if (key === '') {
    if (query.has('delete')) return [];
    if (method === 'PUT') return onBucket('CreateBucket');
    if (method === 'GET' && query.has('location')) return onBucket('GetBucketLocation');
    return onBucket('ListBucket', { 's3:prefix': query.get('prefix') ?? '' });
  }
  const onObject = (action: string): Need => ({
    action: `s3:${action}`,
    resource: objectArn(bucket, key),
  });
  if (method === 'GET' || method === 'HEAD') {
    if (query.has('uploadId')) return [onObject('ListMultipartUploadParts')];
    return [onObject(query.has('versionId') ? 'GetObjectVersion' : 'GetObject')];
  }
  if (method === 'DELETE')
    return [onObject(query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject')];
  const [, from = '', fromKey = ''] = /^\/?([^/]+)\/(.*)$/s.exec(copySource ?? '') ?? [];
  return [
    onObject('PutObject'),
    ...(copySource === undefined
      ? []
      : [{ action: 's3:GetObject', resource: objectArn(from, fromKey) }]),
  ];
}
