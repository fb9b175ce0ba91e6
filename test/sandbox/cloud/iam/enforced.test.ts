import {
  DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeKeyCommand, GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyStatement } from '../../../../sandbox/cloud/iam/policy-document.ts';
import { newCredentials } from '../../../../sandbox/cloud/iam/principals.ts';
import { signedHeaders } from '../../../../sandbox/cloud/iam/sigv4.ts';
import { type Fixture, startFixture } from '../fixture/start-fixture.ts';

let cloud: Fixture;
beforeAll(async () => {
  cloud = await startFixture();
}, 60_000);
afterAll(() => cloud.close());

const output = (name: string) => String(cloud.templates.outputs().get(`Fixture-Api.${name}`));
const table = () => `arn:aws:dynamodb:ap-northeast-1:000000000000:table/${output('Table')}`;
const bucket = () => `arn:aws:s3:::${output('Bucket')}`;

/** Somebody who may do this and nothing else. */
const whoMay = (...Statement: PolicyStatement[]) => cloud.iam.issueTo('Somebody', { Statement });
const allow = (Action: string | string[], Resource: string): PolicyStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
});

const settings = (service: string, credentials: ReturnType<typeof newCredentials>) => ({
  endpoint: cloud.endpoints[`AWS_ENDPOINT_URL_${service}`] ?? '',
  region: 'ap-northeast-1',
  maxAttempts: 1,
  forcePathStyle: true,
  credentials,
});

const item = { TableName: '', Key: { pk: { S: 'a' }, sk: { S: 'b' } } };
const calls = {
  DynamoDB: (who: ReturnType<typeof newCredentials>) =>
    new DynamoDBClient(settings('DYNAMODB', who)).send(
      new GetItemCommand({ ...item, TableName: output('Table') }),
    ),
  KMS: (who: ReturnType<typeof newCredentials>) =>
    new KMSClient(settings('KMS', who)).send(
      new DescribeKeyCommand({ KeyId: 'alias/fixture-mac' }),
    ),
  S3: (who: ReturnType<typeof newCredentials>) =>
    new S3Client(settings('S3', who)).send(
      new PutObjectCommand({ Bucket: output('Bucket'), Key: 'out/x', Body: 'x' }),
    ),
  'Step Functions': (who: ReturnType<typeof newCredentials>) =>
    new SFNClient(settings('SFN', who)).send(
      new StartExecutionCommand({ stateMachineArn: output('MachineArn'), input: '{}' }),
    ),
} as const;
const names = Object.keys(calls) as (keyof typeof calls)[];

describe('every service of the cloud', () => {
  it.each(names)('%s refuses whoever has no permission, as AWS does', async (name) => {
    const s3 = name === 'S3';
    await expect(calls[name](whoMay())).rejects.toMatchObject({
      name: s3 ? 'AccessDenied' : 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: arn:aws:sts::000000000000:assumed-role\/Somebody\/command-line is not authorized to perform: \w+:\w+ on resource: arn:aws:\S+ because no identity-based policy allows the \w+:\w+ action$/,
      ),
      $metadata: { httpStatusCode: s3 ? 403 : 400 },
    });
  });

  it.each(names)('%s lets through whoever has it', async (name) => {
    await calls[name](whoMay(allow('*', '*')));
  });

  it.each(names)('%s refuses credentials that it never gave', async (name) => {
    await expect(calls[name](newCredentials())).rejects.toMatchObject({
      name: name === 'S3' ? 'InvalidAccessKeyId' : 'UnrecognizedClientException',
    });
  });

  it.each(names)('%s refuses a known key with another secret', async (name) => {
    const who = { ...whoMay(allow('*', '*')), secretAccessKey: 'guessed' };
    await expect(calls[name](who)).rejects.toMatchObject({
      name: name === 'S3' ? 'SignatureDoesNotMatch' : 'InvalidSignatureException',
    });
  });
});

const invoke = (headers: Record<string, string>) =>
  fetch(`${cloud.lambdaEndpoint}/2015-03-31/functions/echo/invocations`, {
    method: 'POST',
    body: '{}',
    headers,
  });

const named = async (name: string, ...statements: PolicyStatement[]): Promise<number> => {
  const url = new URL(`${cloud.lambdaEndpoint}/2015-03-31/functions/${name}`);
  const scope = { region: 'ap-northeast-1', service: 'lambda' };
  const request = { method: 'POST', url, body: '{}' };
  const headers = signedHeaders(request, whoMay(...statements), scope, Date.now());
  return (await fetch(url, { ...request, headers })).status;
};
const arnOf = () =>
  String(
    cloud.templates
      .resources('AWS::Lambda::Function')
      .find(({ logicalId }) => logicalId.startsWith('Versioned'))?.identity.attributes['Arn'],
  );

describe('Lambda', () => {
  it('invokes nothing for a request without a signature, such as a form of a page can send', async () => {
    const answer = await invoke({
      'content-type': 'text/plain',
    });
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'MissingAuthenticationTokenException',
    ]);
  });

  it.each([
    [() => whoMay(allow('lambda:InvokeFunction', '*')), 200],
    [() => whoMay(), 403],
  ])('asks who may invoke', async (who, status) => {
    const url = new URL(`${cloud.lambdaEndpoint}/2015-03-31/functions/echo/invocations`);
    const scope = { region: 'ap-northeast-1', service: 'lambda' };
    const headers = signedHeaders({ method: 'POST', url, body: '{}' }, who(), scope, Date.now());
    expect((await invoke(headers)).status).toBe(status);
  });

  it.each([
    ['versioned/invocations?Qualifier=live', 403, 200],
    ['versioned:live/invocations', 403, 200],
    ['versioned/invocations', 200, 403],
    ['versioned/invocations?Qualifier=%24LATEST', 200, 403],
    ['versioned:999999999/invocations', 403, 404],
  ])(
    '%s is a right on the function (%i) or on its aliases and versions (%i)',
    async (name, onFunction, onQualified) => {
      expect([
        await named(name, allow('lambda:InvokeFunction', arnOf())),
        await named(name, allow('lambda:InvokeFunction', `${arnOf()}:*`)),
      ]).toEqual([onFunction, onQualified]);
    },
  );
});

const write = (...actions: string[]) => {
  const client = new DynamoDBClient(settings('DYNAMODB', whoMay(allow(actions, table()))));
  const TableName = output('Table');
  const Item = { pk: { S: 'a' }, sk: { S: 'b' } };
  const Key = { pk: { S: 'c' }, sk: { S: 'd' } };
  const ConditionExpression = 'attribute_not_exists(pk)';
  return client.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item } },
        { ConditionCheck: { TableName, Key, ConditionExpression } },
      ],
    }),
  );
};

describe('DynamoDB', () => {
  it('takes a transaction as the single actions of its parts', async () => {
    await write('dynamodb:PutItem', 'dynamodb:ConditionCheckItem');
    await expect(write('dynamodb:PutItem')).rejects.toThrow(/dynamodb:ConditionCheckItem/);
    await expect(write('dynamodb:ConditionCheckItem')).rejects.toThrow(/dynamodb:PutItem/);
  });
});

const client = (...statements: PolicyStatement[]) =>
  new S3Client(settings('S3', whoMay(...statements)));

const missing = () => new GetObjectCommand({ Bucket: output('Bucket'), Key: 'out/missing' });

describe('S3', () => {
  it('tells only who may list that an object is missing', async () => {
    const read = allow('s3:GetObject', `${bucket()}/*`);
    await expect(
      client(read, allow('s3:ListBucket', bucket())).send(missing()),
    ).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(client(read).send(missing())).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('deletes of many objects those that the caller may', async () => {
    const Bucket = output('Bucket');
    const everything = client(allow('*', '*'));
    for (const Key of ['mine/1', 'other/1'])
      await everything.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const Objects = [{ Key: 'mine/1' }, { Key: 'other/1' }];
    const { Deleted, Errors } = await client(allow('s3:DeleteObject', `${bucket()}/mine/*`)).send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['mine/1']);
    expect(Errors).toMatchObject([{ Key: 'other/1', Code: 'AccessDenied' }]);
  });
});

describe('KMS', () => {
  it('takes an alias for its key', async () => {
    const kms = new KMSClient(settings('KMS', whoMay(allow('kms:GenerateMac', '*'))));
    const Message = Buffer.from('x');
    const input = { KeyId: 'alias/fixture-mac', MacAlgorithm: 'HMAC_SHA_256', Message } as const;
    await kms.send(new GenerateMacCommand(input));
    await expect(kms.send(new DescribeKeyCommand({ KeyId: 'alias/fixture-mac' }))).rejects.toThrow(
      /not authorized to perform: kms:DescribeKey on resource: arn:aws:kms:/,
    );
  });
});
