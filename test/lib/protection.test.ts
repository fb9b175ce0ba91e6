import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from '@jest/globals';

import { deployedEntries } from '../../lib/constructs/function-bundles.ts';
import { withoutHash } from './granted-actions.ts';
import { violationsOf } from './rule-violations.ts';
import { synthesisePlatform, type SynthesisedPlatform } from './synthesise-platform.ts';

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const resourcesOf = (template: Template): Record<string, Resource> =>
  (template.toJSON() as { Resources: Record<string, Resource> }).Resources;

/** Properties by which CloudFormation takes a name instead of making one. */
const physicalNames = new Set(['TableName', 'BucketName', 'LogGroupName', 'QueueName', 'Name']);

/** Without the id of a stack or resource in it, the name is the same at every attempt. */
const isFixed = (value: unknown): boolean =>
  typeof value === 'string' || !/"Ref":"(AWS::StackId|(?!AWS::)\w+)"/.test(JSON.stringify(value));

/** What stands in an environment as it is; everything else refers to a resource of the templates. */
const plainSettings: ReadonlySet<string> = new Set([
  'STAGE',
  'PUBLIC_BASE_URL',
  'IDENTITY_KEY_VERSION',
  'CLIENT_USAGE_KEYS',
  'CHECKED_IDENTIFIERS_PER_DAY',
  'WEBHOOK_TARGETS',
  'DELETION_GRACE_DAYS',
  'OPEN_REQUESTS_DAYS',
  'DECIDED_REQUESTS_DAYS',
  'WAITING_NUMBERS_DAYS',
]);

describe.each(['dev', 'sandbox', 'test', 'production'] as const)('stage %s', (stage) => {
  let synthesised: SynthesisedPlatform;
  let all: readonly (readonly [string, Resource])[];
  const ofType = (type: string): Resource[] =>
    all.filter(([, { Type }]) => Type === type).map(([, resource]) => resource);
  beforeAll(() => {
    synthesised = synthesisePlatform(stage);
    all = Object.values(synthesised.templates).flatMap((template) =>
      Object.entries(resourcesOf(template)),
    );
  });

  it('breaks no rule of AWS or NIST that is not acknowledged with a reason', () => {
    expect(violationsOf(synthesised.platform)).toEqual([]);
  });

  it('encrypts tables with the data key and restores them to any second', () => {
    const { data } = synthesised.templates;
    expect(Object.keys(data.findResources('AWS::DynamoDB::Table')).map(withoutHash)).toEqual([
      'ServicesTable',
      'SessionsTable',
      'IdentityTable',
      'RevocationTable',
      'JobsTable',
    ]);
    const kept = stage === 'test' || stage === 'production';
    data.allResourcesProperties('AWS::DynamoDB::Table', {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: {
        SSEEnabled: true,
        SSEType: 'KMS',
        KMSMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] },
      },
      DeletionProtectionEnabled: kept,
    });
  });

  it('lets items expire only where some are written to expire', () => {
    const expiring = synthesised.templates.data.findResources('AWS::DynamoDB::Table', {
      Properties: { TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } },
    });
    expect(Object.keys(expiring).map(withoutHash)).toEqual([
      'SessionsTable',
      'IdentityTable',
      'RevocationTable',
      'JobsTable',
    ]);
  });

  it('gives no name of its own to what outlives its stack: the next attempt would meet it', () => {
    const named = all.filter(
      ([, { DeletionPolicy, Properties }]) =>
        DeletionPolicy?.startsWith('Retain') &&
        Object.entries(Properties).some(
          ([property, value]) => physicalNames.has(property) && isFixed(value),
        ),
    );
    expect(named.map(([id]) => id)).toEqual([]);
  });

  it('keeps what cannot be made again where it is not a trial', () => {
    const lasting = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key'].flatMap((type) =>
      Object.values(synthesised.templates.data.findResources(type) as Record<string, Resource>),
    );
    const policies = new Set(lasting.map(({ DeletionPolicy }) => DeletionPolicy));
    const kept = stage === 'test' || stage === 'production';
    expect([...policies]).toEqual([kept ? 'RetainExceptOnCreate' : 'Delete']);
  });

  it('has the four keys by their purpose', () => {
    const keys = ofType('AWS::KMS::Key').map(({ Properties }) => [
      Properties['KeySpec'] ?? 'SYMMETRIC_DEFAULT',
      Properties['KeyUsage'] ?? 'ENCRYPT_DECRYPT',
    ]);
    expect(keys).toEqual(
      expect.arrayContaining([
        ['HMAC_256', 'GENERATE_VERIFY_MAC'],
        ['HMAC_256', 'GENERATE_VERIFY_MAC'],
        ['ECC_NIST_P256', 'SIGN_VERIFY'],
        ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
      ]),
    );
    for (const { Properties } of ofType('AWS::KMS::Key'))
      if (Properties['KeySpec'] === undefined) expect(Properties['EnableKeyRotation']).toBe(true);
  });

  it('keeps buckets private, encrypted, logged, and accessible over TLS only', () => {
    const { data } = synthesised.templates;
    data.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: Match.anyValue(),
      LifecycleConfiguration: Match.anyValue(),
    });
    const buckets = ofType('AWS::S3::Bucket');
    expect(buckets).toHaveLength(3);
    expect(buckets.filter(({ Properties }) => Properties['LoggingConfiguration'])).toHaveLength(2);
    data.resourceCountIs('AWS::S3::BucketPolicy', 3);
    data.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    });
  });

  it('keeps logs for the time of the stage, everywhere', () => {
    const groups = ofType('AWS::Logs::LogGroup');
    // One a function, the gateway's access log and its own errors, three state machines'.
    expect(groups).toHaveLength(deployedEntries.length + 5);
    const days = groups.map(({ Properties }) => Properties['RetentionInDays']);
    expect(new Set(days)).toEqual(new Set([synthesised.configuration.logRetentionDays]));
  });

  it('lets state machines write their logs and, where the stage traces, ask X-Ray what to trace', () => {
    const machines = ofType('AWS::StepFunctions::StateMachine');
    const policies = ofType('AWS::IAM::Policy').map(({ Properties }) => JSON.stringify(Properties));
    const having = (action: string): number =>
      policies.filter((text) => text.includes(`"${action}"`)).length;
    expect(having('logs:CreateLogDelivery')).toBe(machines.length);
    for (const action of ['xray:GetSamplingRules', 'xray:GetSamplingTargets'])
      expect([action, having(action)]).toEqual([
        action,
        synthesised.configuration.tracing ? machines.length : 0,
      ]);
  });

  it('puts names and settings into the environment of functions, no secret', () => {
    const functions = ofType('AWS::Lambda::Function');
    expect(functions).toHaveLength(deployedEntries.length);
    const names = functions.flatMap(({ Properties }) => {
      const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
      for (const [name, value] of Object.entries(Variables))
        if (!plainSettings.has(name)) expect([name, typeof value]).toEqual([name, 'object']);
      return Object.keys(Variables);
    });
    expect([...new Set(names)].toSorted()).toEqual(
      [
        'BUCKET_KEY_ID',
        'CHALLENGE_KEY_ID',
        'INDEX_KEY_ID',
        'IDENTITY_KEY_VERSION',
        'CLIENT_USAGE_KEYS',
        'CHECKED_IDENTIFIERS_PER_DAY',
        'IDENTITY_TABLE',
        'JOBS_BUCKET',
        'JOBS_STATE_MACHINE_ARN',
        'JOBS_TABLE',
        'PPID_KEY_ID',
        'REVOCATION_BUCKET',
        'REVOCATION_TABLE',
        'SERVICE_KEY_ID',
        'SERVICES_TABLE',
        'SESSIONS_TABLE',
        'STAGE',
        'TOKEN_KEY_ID',
        'WEBHOOK_KEY_1_ID',
        'WEBHOOK_KEY_IDS',
        'DELETION_GRACE_DAYS',
        'OPEN_REQUESTS_DAYS',
        'DECIDED_REQUESTS_DAYS',
        'WAITING_NUMBERS_DAYS',
        'WEBHOOK_TARGETS',
        'PUBLIC_BASE_URL',
      ].toSorted(),
    );
  });

  it('runs every function on Node 24 and arm64, by one handler name', () => {
    const { api } = synthesised.templates;
    api.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
  });
});
