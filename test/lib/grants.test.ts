import { beforeAll, describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { grantsOfFunctions, grantsOfRole, type Grants } from './granted-actions.ts';
import { synthesisePlatform, type SynthesisedPlatform } from './synthesise-platform.ts';

const read = ['dynamodb:BatchGetItem', 'dynamodb:GetItem'];
const idempotency = [
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
];
const identityKeys = {
  IndexKey: ['kms:GenerateMac'],
  ServiceKey: ['kms:GenerateMac'],
  BucketKey: ['kms:GenerateMac'],
};
const executions =
  'arn:AWS::Partition:states:AWS::Region:AWS::AccountId:execution:my-key-platform-dev-jobs:*';

/** Everything that every function may do, beside writing its own log. */
const expected: Readonly<Record<string, Grants>> = {
  Authorizer: { TokenKey: ['kms:GetPublicKey'], ServicesTable: ['dynamodb:GetItem'] },
  Tokens: {
    TokenKey: ['kms:GetPublicKey', 'kms:Sign'],
    ServicesTable: ['dynamodb:GetItem'],
    SessionsTable: ['dynamodb:PutItem'],
  },
  Services: {
    ServicesTable: [
      'dynamodb:ConditionCheckItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ],
    SessionsTable: idempotency,
  },
  Challenges: { SessionsTable: ['dynamodb:PutItem'] },
  Authentications: {
    PpidKey: ['kms:GenerateMac'],
    ...identityKeys,
    SessionsTable: idempotency,
    IdentityTable: ['dynamodb:ConditionCheckItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
    RevocationTable: read,
  },
  AttributeStatus: {
    ...identityKeys,
    IdentityTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    RevocationTable: read,
  },
  Certificates: { RevocationTable: read },
  RevocationChecks: {
    RevocationTable: [...read, 'dynamodb:Query'],
    'RevocationBucket/filters/*': ['s3:GetObject'],
  },
  Jobs: {
    JobsTable: [
      'dynamodb:BatchWriteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ],
    SessionsTable: idempotency,
    'JobsBucket/uploads/*': ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    'JobsBucket/chunks/*': ['s3:DeleteObject'],
    'JobsBucket/results/*': ['s3:DeleteObject', 's3:GetObject'],
    JobsBucket: ['s3:ListBucket'],
    BulkJobMachine: ['states:StartExecution'],
    [executions]: ['states:StopExecution'],
  },
  Status: {},
  JobPlan: {
    JobsTable: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'JobsBucket/uploads/*': ['s3:GetObject'],
    'JobsBucket/chunks/*': ['s3:PutObject'],
    RevocationTable: ['dynamodb:GetItem'],
  },
  JobChunk: {
    JobsTable: ['dynamodb:GetItem', 'dynamodb:PutItem'],
    'JobsBucket/uploads/*': ['s3:GetObject'],
    'JobsBucket/chunks/*': ['s3:GetObject', 's3:PutObject'],
    RevocationTable: ['dynamodb:BatchGetItem'],
    'RevocationBucket/filters/*': ['s3:GetObject'],
    IdentityTable: ['dynamodb:GetItem', 'dynamodb:Query'],
    ...identityKeys,
  },
  JobFinish: {
    JobsTable: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'JobsBucket/uploads/*': ['s3:DeleteObject'],
    'JobsBucket/chunks/*': ['s3:DeleteObject', 's3:GetObject'],
    'JobsBucket/results/*': ['s3:AbortMultipartUpload', 's3:PutObject'],
  },
  IngestCrl: {
    RevocationTable: [
      'dynamodb:BatchWriteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ],
    'RevocationBucket/drops/*': ['s3:GetObject'],
    'RevocationBucket/filters/*': ['s3:PutObject'],
    DeadLetters: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
  },
  WatchLists: { RevocationTable: ['dynamodb:Query'] },
};

describe('grants', () => {
  let platform: SynthesisedPlatform;
  let granted: Record<string, Grants>;
  beforeAll(() => {
    platform = synthesisePlatform('dev');
    granted = Object.fromEntries(
      Object.values(platform.templates).flatMap((template) =>
        Object.entries(grantsOfFunctions(template)),
      ),
    );
  });

  it('gives rights to exactly the functions that exist', () => {
    expect(Object.keys(granted).toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  it.each(Object.keys(expected))('gives %s what it needs and nothing else', (name) => {
    expect(granted[name]).toEqual(expected[name]);
  });

  it('lets only authentications MAC with the PPID key, and says so in the key itself', () => {
    const withKey = Object.keys(granted).filter((name) => 'PpidKey' in granted[name]!);
    expect(withKey).toEqual(['Authentications']);

    const tag = 'my-key-platform:ppid-issuer';
    const roles = Object.values(platform.templates).flatMap((template) =>
      Object.entries(template.findResources('AWS::IAM::Role')),
    ) as [string, { Properties: { Tags?: { Key: string }[] } }][];
    const tagged = roles.filter(([, role]) => role.Properties.Tags?.some(({ Key }) => Key === tag));
    expect(tagged.map(([id]) => id)).toEqual([expect.stringMatching(/^AuthenticationsRole/)]);

    platform.templates.data.hasResourceProperties('AWS::KMS::Key', {
      KeySpec: 'HMAC_256',
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Action: 'kms:GenerateMac',
            Condition: { StringNotEquals: { [`aws:PrincipalTag/${tag}`]: 'dev' } },
          }),
          Match.objectLike({ Effect: 'Deny', Action: 'kms:VerifyMac' }),
        ]),
      },
    });
  });

  it('lets the state machine run its three functions, read manifests and run its own chunks', () => {
    const roles = platform.templates.jobs.findResources('AWS::IAM::Role');
    const roleId = Object.keys(roles).find((id) => id.startsWith('BulkJobRole'))!;
    expect(grantsOfRole(platform.templates.jobs, roleId)).toEqual({
      JobPlan: ['lambda:InvokeFunction'],
      JobChunk: ['lambda:InvokeFunction'],
      JobFinish: ['lambda:InvokeFunction'],
      'JobsBucket/chunks/*': ['s3:GetObject'],
      'arn:AWS::Partition:states:AWS::Region:AWS::AccountId:stateMachine:my-key-platform-dev-jobs':
        ['states:StartExecution'],
      [executions]: ['states:DescribeExecution', 'states:StopExecution'],
    });
  });
});
