import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NotAuthenticated } from '../../../../sandbox/cloud/iam/access-denied.ts';
import { newCredentials } from '../../../../sandbox/cloud/iam/principals.ts';
import { sha256, signedHeaders, verifySignature } from '../../../../sandbox/cloud/iam/sigv4.ts';
import { type LoopbackServer, serveLoopback } from '../../../../sandbox/cloud/serve-loopback.ts';

const region = 'ap-northeast-1';
const credentials = newCredentials();
const find = (id: string) => (id === credentials.accessKeyId ? credentials : undefined);

let server: LoopbackServer;
/** How the last request was judged, and the request to judge again with a change. */
let last: { outcome: string; request: Parameters<typeof verifySignature>[0]; service: string };
const judge = (
  request: Parameters<typeof verifySignature>[0],
  service: string,
  now = Date.now(),
): string => {
  try {
    return verifySignature(request, find, { region, service, clocks: [now] });
  } catch (cause) {
    if (cause instanceof NotAuthenticated) return cause.reason;
    throw cause;
  }
};

beforeAll(async () => {
  server = await serveLoopback(async (incoming, body) => {
    const { method = '', url: target = '', headers } = incoming;
    const json = headers['x-amz-target'] !== undefined;
    const service = json ? 'dynamodb' : 's3';
    const content = await body(1_000_000);
    const request = { method, target, headers, ...(json && { bodyHash: sha256(content) }) };
    last = { outcome: judge(request, service), request, service };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
  });
});
afterAll(() => server.close());

const s3 = () => new S3Client({ region, credentials, endpoint: server.url, forcePathStyle: true });

describe('a request that the AWS SDK signed', () => {
  it.each(['plain', 'a b+c', 'ü/鍵', "it's(1)*!~", 'a//b', '%41', 'x=y&z'])(
    'is its signer’s, for the key %s',
    async (Key) => {
      const client = s3();
      await client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'x' }));
      expect(last.outcome).toBe(credentials.accessKeyId);
      await client.send(new GetObjectCommand({ Bucket: 'bucket', Key, VersionId: 'a/b =c' }));
      expect(last.outcome).toBe(credentials.accessKeyId);
      client.destroy();
    },
  );

  it('is its signer’s over a JSON body, and no longer when the body is another', async () => {
    const client = new DynamoDBClient({ region, credentials, endpoint: server.url });
    await client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'x' } } }));
    expect(last.outcome).toBe(credentials.accessKeyId);
    expect(judge({ ...last.request, bodyHash: sha256('{}') }, 'dynamodb')).toBe('wrong-signature');
    client.destroy();
  });

  it.each([
    ['method', { method: 'DELETE' }],
    ['path', { target: '/bucket/other' }],
    ['query', { target: '/bucket/key?acl' }],
  ])('is nobody’s with another %s', async (_what, change) => {
    const client = s3();
    await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
    expect(judge({ ...last.request, ...change }, 's3')).toBe('wrong-signature');
    client.destroy();
  });

  it('is nobody’s with a wrong secret, token, key id, service, or at another time', async () => {
    const sign = async (other: Partial<typeof credentials>) => {
      const client = new DynamoDBClient({
        region,
        credentials: { ...credentials, ...other },
        endpoint: server.url,
      });
      await client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'x' } } }));
      client.destroy();
      return last.outcome;
    };
    expect(await sign({ secretAccessKey: 'another' })).toBe('wrong-signature');
    expect(await sign({ sessionToken: 'another' })).toBe('unknown-key');
    expect(await sign({ accessKeyId: 'ASIA0000' })).toBe('unknown-key');
    await sign({});
    expect(judge(last.request, 'kms')).toBe('wrong-signature');
    expect(judge(last.request, 'dynamodb', Date.now() + 14 * 60_000)).toBe(credentials.accessKeyId);
    expect(judge(last.request, 'dynamodb', Date.now() + 16 * 60_000)).toBe('wrong-signature');
    const { authorization: _, ...headers } = last.request.headers;
    expect(judge({ ...last.request, headers }, 'dynamodb')).toBe('missing');
  });
});

describe('a URL that the AWS SDK presigned', () => {
  it('is its signer’s until it expires, for its object and no other', async () => {
    const client = s3();
    const command = new PutObjectCommand({ Bucket: 'bucket', Key: 'up loads/a', ContentLength: 3 });
    const url = await getSignedUrl(client, command, {
      expiresIn: 60,
      unhoistableHeaders: new Set(['content-length']),
    });
    await fetch(url, { method: 'PUT', body: 'abc' });
    expect(last.outcome).toBe(credentials.accessKeyId);
    const { request } = last;
    expect(judge(request, 's3', Date.now() + 61_000)).toBe('expired');
    const longer = request.target.replace('X-Amz-Expires=60', 'X-Amz-Expires=600');
    expect(judge({ ...request, target: longer }, 's3')).toBe('wrong-signature');
    const other = request.target.replace('/a?', '/b?');
    expect(judge({ ...request, target: other }, 's3')).toBe('wrong-signature');
    expect(judge({ ...request, method: 'GET' }, 's3')).toBe('wrong-signature');
    client.destroy();
  });
});

describe('a request that the sandbox signs', () => {
  it('is its signer’s', () => {
    const url = new URL('http://127.0.0.1:1/2015-03-31/functions/a%3Ab/invocations');
    const request = { method: 'POST', url, body: '{}' };
    const headers = signedHeaders(request, credentials, { region, service: 'lambda' }, Date.now());
    const sent = { method: 'POST', target: url.pathname, headers: { ...headers, host: url.host } };
    expect(judge({ ...sent, bodyHash: sha256('{}') }, 'lambda')).toBe(credentials.accessKeyId);
  });
});
