import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient, DescribeKeyCommand } from '@aws-sdk/client-kms';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { signedHeaders } from '../../../sandbox/cloud/iam/sigv4.ts';
import { serviceFor } from '../../../sandbox/cloud/iam/principals.ts';
import { type Fixture, startFixture } from './fixture/start-fixture.ts';

let cloud: Fixture;
beforeAll(async () => {
  cloud = await startFixture();
}, 60_000);
afterAll(() => cloud.close());

interface Echo {
  readonly event: Record<string, unknown> & { requestContext: Record<string, unknown> };
  readonly environment: Record<string, string>;
  readonly context: { awsRequestId: string; memoryLimitInMB: string; left: number };
  readonly time: number;
  readonly constructed: number;
  readonly isDate: string;
}

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${cloud.url}${path}`, { headers });
const echoed = async (answer: Response): Promise<Echo> => (await answer.json()) as Echo;
const clientSettings = (service: string) => ({
  endpoint: cloud.endpoints[`AWS_ENDPOINT_URL_${service}`] ?? '',
  region: 'ap-northeast-1',
  credentials: cloud.operator,
});
const output = (name: string) => String(cloud.templates.outputs().get(`Fixture-Api.${name}`));

const functionArn = (id: string) =>
  String(
    cloud.templates
      .resources('AWS::Lambda::Function')
      .find(({ logicalId }) => logicalId.startsWith(id))?.identity.attributes['Arn'],
  );
const apiId = () => cloud.templates.resources('AWS::ApiGateway::RestApi')[0]!.identity.ref;

describe('the proxy event', () => {
  it('has the form of a REST API', async () => {
    const answer = await get('/things/a%20b?x=1&x=2&y=%C3%A9', { 'X-Mixed': 'Yes' });
    const { event, context } = await echoed(answer);
    expect(event).toMatchObject({
      resource: '/things/{id}',
      path: '/things/a%20b',
      httpMethod: 'GET',
      pathParameters: { id: 'a b' },
      queryStringParameters: { x: '2', y: 'é' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['é'] },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
      requestContext: {
        resourcePath: '/things/{id}',
        stage: 'try',
        httpMethod: 'GET',
        protocol: 'HTTP/1.1',
        domainName: 'localhost',
        identity: { sourceIp: '127.0.0.1' },
      },
    });
    expect((event['multiValueHeaders'] as Record<string, string[]>)['X-Mixed']).toEqual(['Yes']);
    expect(event.requestContext['requestId']).toBe(context.awsRequestId);
    expect(answer.headers.get('x-amzn-requestid')).toBe(context.awsRequestId);
    expect(context.memoryLimitInMB).toBe('256');
    expect(context.left).toBeGreaterThan(9000);
  });

  it('goes to the literal route before the one with a parameter', async () => {
    const { event } = await echoed(await get('/things/special'));
    expect(event['resource']).toBe('/things/special');
  });

  it('gives the rest of the path to a greedy parameter', async () => {
    const { event } = await echoed(await get('/files/a/b/c.txt'));
    expect(event['pathParameters']).toEqual({ path: 'a/b/c.txt' });
  });

  it('carries binary media types as base64, both ways', async () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    const answer = await fetch(`${cloud.url}/bytes`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', accept: 'application/octet-stream' },
      body: bytes,
    });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answer.headers.get('x-amzn-remapped-www-authenticate')).toBe('Basic');
  });
});

describe('a request that cannot be read', () => {
  const long = 'a'.repeat(11_000);
  it.each([
    ['long headers', () => get('/things/1', { 'X-Long': long })],
    ['a long address', () => get(`/things/1?x=${long}`)],
  ])('is refused with a problem document: %s', async (_, ask) => {
    const answer = await ask();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      431,
      'application/problem+json',
    ]);
    expect(await answer.json()).toMatchObject({
      type: `${cloud.url}/problems/headers-too-large`,
      code: 'headers-too-large',
      detail: expect.stringContaining('10240 bytes'),
      instance: `urn:mykey:request:${answer.headers.get('x-request-id')}`,
    });
  });

  it('is refused also where it is no HTTP', async () => {
    const socket = connect(Number(new URL(cloud.url).port), '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nno header\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"request-invalid"/);
  });
});

describe('functions', () => {
  it('get the variables that the templates give them, over stacks, and nothing of this process', async () => {
    process.env['LEAKED'] = 'yes';
    const { environment } = await echoed(await get('/things/1'));
    expect(environment).toMatchObject({
      OWN: 'Echo',
      TABLE: output('Table'),
      BUCKET: output('Bucket'),
      JOINED: 'a/y/ap-northeast-1',
      CHOSEN: 'right',
      SUBSTITUTED: '000000000000-n',
      AWS_REGION: 'ap-northeast-1',
    });
    expect(environment).not.toHaveProperty('LEAKED');
    expect(environment).not.toHaveProperty('HOME');
  });

  it('are the version that their alias stands for', async () => {
    const { environment } = await echoed(await get('/live'));
    const [version] = cloud.templates
      .resources('AWS::Lambda::Version')
      .filter(({ logicalId }) => logicalId.startsWith('Versioned'));
    expect(environment['AWS_LAMBDA_FUNCTION_VERSION']).toMatch(/^[1-9]\d*$/);
    expect(version!.identity.ref).toBe(
      `${functionArn('Versioned')}:${environment['AWS_LAMBDA_FUNCTION_VERSION']}`,
    );
    const unversioned = await echoed(await get('/things/1'));
    expect(unversioned.environment['AWS_LAMBDA_FUNCTION_VERSION']).toBe('$LATEST');
  });

  it('may be called by the alias alone where the permission stands on the alias', async () => {
    const gateway = serviceFor(
      'apigateway',
      `arn:aws:execute-api:ap-northeast-1:000000000000:${apiId()}/try/GET/live`,
    );
    const may = (resource: string): boolean =>
      cloud.iam.may(gateway, { action: 'lambda:InvokeFunction', resource });
    expect(may(`${functionArn('Versioned')}:live`)).toBe(true);
    expect(may(functionArn('Versioned'))).toBe(false);
    const permissions = cloud.iam
      .grants()
      .filter(({ resource }) => resource === `${functionArn('Versioned')}:live`);
    cloud.iam.withhold(permissions.map(({ id }) => id));
    try {
      expect((await get('/live')).status).toBe(500);
      // Not the one for the console's test invocations, which is withheld too.
      const missed = permissions.filter(({ id }) => id.includes('/try/GET/live'));
      expect([...cloud.iam.missed]).toEqual(missed.map(({ id }) => id));
    } finally {
      cloud.iam.withhold([]);
    }
    expect((await get('/live')).status).toBe(200);
    expect([...cloud.iam.missed]).toEqual([]);
  });

  it('see a clock that was moved, in every way of asking', async () => {
    cloud.offset[0] = 86_400_000n;
    const { time, constructed, isDate } = await echoed(await get('/things/1'));
    cloud.offset[0] = 0n;
    const tomorrow = Date.now() + 86_400_000;
    expect(Math.abs(time - tomorrow)).toBeLessThan(5000);
    expect(Math.abs(constructed - tomorrow)).toBeLessThan(5000);
    expect(isDate).toBe('1970-01-01T00:00:00.000Z');
  });

  it('serve many requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => get(`/things/${n}`)));
    const ids = await Promise.all(
      answers.map(async (answer) => (await echoed(answer)).event['pathParameters']),
    );
    expect(ids).toEqual(Array.from({ length: 40 }, (_, n) => ({ id: String(n) })));
  });
});

const trouble = (body: string) => fetch(`${cloud.url}/trouble`, { method: 'POST', body });

describe('a function in trouble', () => {
  it.each(['throw', 'exit', 'crash', 'hang', 'spin', 'memory', 'malformed', 'huge'])(
    '(%s) is a 502 that tells nothing, and the next request works',
    async (how) => {
      const answer = await trouble(how);
      expect([answer.status, await answer.text()]).toEqual([
        502,
        '{"message":"Internal server error"}',
      ]);
      expect((await trouble('fine')).status).toBe(200);
    },
  );

  it('(dead between two requests) is not asked again', async () => {
    expect((await trouble('later')).status).toBe(200);
    await delay(200);
    expect(await (await trouble('fine')).text()).toBe('served 1');
  });

  it('gets no body of more than 10 MB, and no event over 6 MB', async () => {
    for (const bytes of [10_000_001, 7_000_000]) {
      const answer = await trouble('x'.repeat(bytes));
      expect(answer.status).toBe(413);
    }
    expect((await trouble('fine')).status).toBe(200);
  });
});

const invoke = (bytes: number, type: string) => {
  const url = new URL(`${cloud.lambdaEndpoint}/2015-03-31/functions/echo/invocations`);
  const body = JSON.stringify('x'.repeat(bytes - 2));
  const request = { method: 'POST', url, body };
  const scope = { region: 'ap-northeast-1', service: 'lambda' };
  const headers = signedHeaders(request, cloud.operator, scope, Date.now());
  return fetch(url, { ...request, headers: { ...headers, 'x-amz-invocation-type': type } });
};

describe('an event for later', () => {
  it('is refused above 256 KB, where one that is waited for may have 6 MB', async () => {
    expect((await invoke(262_145, 'Event')).status).toBe(413);
    expect((await invoke(262_144, 'Event')).status).toBe(202);
    expect((await invoke(262_145, 'RequestResponse')).status).toBe(200);
    expect((await invoke(6_291_457, 'RequestResponse')).status).toBe(413);
  });
});

describe('a route that is not there', () => {
  it.each([
    ['/nothing', 'GET'],
    ['/files/a', 'POST'],
    ['/', 'GET'],
  ])('%s %s is refused as API Gateway does', async (path, method) => {
    const answer = await fetch(`${cloud.url}${path}`, { method });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({ message: 'Missing Authentication Token' });
  });
});

describe('CORS preflight', () => {
  it('is answered without a function', async () => {
    const answer = await fetch(`${cloud.url}/shared`, { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });
});

const guarded = (token: string, name = 'a') =>
  get(`/guarded/${name}`, { authorization: `Bearer ${token}` });

const contextOf = async (answer: Response) =>
  (await echoed(answer)).event.requestContext['authorizer'] as Record<string, string>;

describe('a token authorizer', () => {
  it('hands its context, as strings, to the function', async () => {
    expect(await contextOf(await guarded('good-context'))).toMatchObject({
      principalId: 'someone',
      code: 'token-bad',
      flag: 'true',
    });
  });

  it('is asked once for a token within its TTL, by the sandbox clock', async () => {
    const first = await contextOf(await guarded('good-cached'));
    expect(await contextOf(await guarded('good-cached', 'b'))).toEqual(first);
    cloud.offset[0] = 61_000n;
    const later = await contextOf(await guarded('good-cached'));
    cloud.offset[0] = 0n;
    expect(later['asked']).not.toBe(first['asked']);
  });

  it('has its cached policy evaluated for every method', async () => {
    expect((await guarded('good-one', 'first')).status).toBe(200);
    expect((await guarded('good-one', 'second')).status).toBe(401);
  });

  it('denies with the gateway response and its context', async () => {
    const answer = await guarded('bad');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('x-path')).toBe('/guarded/a');
    expect(await answer.json()).toEqual({
      code: 'token-bad',
      request: answer.headers.get('x-amzn-requestid'),
    });
  });

  it.each([
    ['unauthorized', 401],
    ['broken', 500],
    ['shapeless', 500],
  ])('that answers %s is a %d', async (token, status) => {
    expect((await guarded(token)).status).toBe(status);
  });

  it('is not asked where the header is missing', async () => {
    const answer = await get('/guarded/a');
    expect([answer.status, await answer.json()]).toEqual([401, { message: 'Unauthorized' }]);
  });
});

describe('a request authorizer', () => {
  it('sees the request; its policy decides for this method', async () => {
    const answer = await get('/keyed?who=me', { 'x-key': 'good-key' });
    // What it allows is /guarded/*.
    expect([answer.status, (await answer.json()) as object]).toMatchObject([
      401,
      { code: 'token-bad' },
    ]);
  });
});

describe('resources', () => {
  it('are as the templates say: a table with its TTL, a key of its spec under its alias', async () => {
    const dynamodb = new DynamoDBClient(clientSettings('DYNAMODB'));
    const { TimeToLiveDescription } = await dynamodb.send(
      new DescribeTimeToLiveCommand({ TableName: output('Table') }),
    );
    expect(TimeToLiveDescription).toEqual({
      AttributeName: 'expiresAt',
      TimeToLiveStatus: 'ENABLED',
    });
    const kms = new KMSClient(clientSettings('KMS'));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/fixture-mac' }));
    expect(KeyMetadata?.KeySpec).toBe('HMAC_256');
    dynamodb.destroy();
    kms.destroy();
  });
});

const recorded = () => cloud.logs.filter((line) => line.startsWith('Recorder: event '));

const untilRecorded = async (text: string): Promise<string> => {
  for (;;) {
    await cloud.settled();
    const found = recorded().find((line) => line.includes(text));
    if (found !== undefined) return found;
    await delay(50);
  }
};

describe('events', () => {
  it('tell of an object that was put under the prefix, and of no other', async () => {
    const s3 = new S3Client(clientSettings('S3'));
    for (const Key of ['out/other', 'in/list.crl'])
      await s3.send(new PutObjectCommand({ Bucket: output('Bucket'), Key, Body: 'abc' }));
    s3.destroy();
    const line = await untilRecorded('in/list.crl');
    expect(JSON.parse(line.slice('Recorder: event '.length))).toMatchObject({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: output('Bucket') }, object: { key: 'in/list.crl', size: 3 } },
    });
    expect(recorded().some((each) => each.includes('out/other'))).toBe(false);
  });

  it('come on schedule, once, when the clock is moved over the time', async () => {
    cloud.offset[0] = 86_400_000n;
    const line = await untilRecorded('Scheduled Event');
    cloud.offset[0] = 0n;
    expect(JSON.parse(line.slice('Recorder: event '.length))).toMatchObject({
      source: 'aws.events',
      detail: {},
    });
    expect(recorded().filter((each) => each.includes('Scheduled Event'))).toHaveLength(1);
  });
});

const run = async (items: unknown, name: string) => {
  const s3 = new S3Client(clientSettings('S3'));
  await s3.send(
    new PutObjectCommand({ Bucket: output('Bucket'), Key: name, Body: JSON.stringify(items) }),
  );
  s3.destroy();
  const sfn = new SFNClient(clientSettings('SFN'));
  const stateMachineArn = output('MachineArn');
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn,
      name,
      input: JSON.stringify({ key: name, factor: 10 }),
    }),
  );
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') {
      sfn.destroy();
      return execution;
    }
    await delay(50);
  }
};

describe('a state machine', () => {
  it('maps the items of an S3 object, retries one, and keeps their order', async () => {
    const { status, output: result } = await run([11, 12, 13, 14, 15], 'ordered');
    expect([status, JSON.parse(result ?? 'null')]).toEqual([
      'SUCCEEDED',
      { sum: [11, 12, 13, 14, 15].map((item, index) => ({ index, product: item * 10 })) },
    ]);
  });

  it('fails by name where an item cannot be done', async () => {
    const { status, error } = await run([1, 666], 'hopeless');
    expect([status, error]).toEqual(['FAILED', 'States.ExceedToleratedFailureThreshold']);
  });

  it('is started only once under a name, and stopping what is done changes nothing', async () => {
    const sfn = new SFNClient(clientSettings('SFN'));
    const stateMachineArn = output('MachineArn');
    await run([1], 'once');
    const again = new StartExecutionCommand({ stateMachineArn, name: 'once', input: '{}' });
    await expect(sfn.send(again)).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    const executionArn = `${stateMachineArn.replace('stateMachine', 'execution')}:once`;
    await sfn.send(new StopExecutionCommand({ executionArn }));
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).toBe('SUCCEEDED');
    sfn.destroy();
  });
});
