import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { awsQuotas, quotaViolationsOf, reservedExecutions } from './quota-violations.ts';
import { synthesisePlatform, type SynthesisedPlatform } from './synthesise-platform.ts';

const guide = (page: string): string =>
  readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');

const templatesOf = ({ templates, clientKeys }: SynthesisedPlatform): readonly Template[] => [
  ...Object.values(templates),
  ...clientKeys,
];

describe('production with everything that can be asked for', () => {
  let templates: readonly Template[];
  beforeAll(() => {
    const synthesised = synthesisePlatform('production', {
      publicBaseUrl: undefined,
      domainName: 'api.example.jp',
      hostedZoneId: 'Z0123456789ABC',
      hostedZoneName: 'example.jp',
      vpc: 'own',
      operatorNetworks: '203.0.113.0/24,198.51.100.0/24,192.0.2.0/24',
      canary: '10percent-5minutes',
      monthlyBudgetUsd: '500',
      breakGlassRoleArns: 'arn:aws:iam::123456789012:role/break-glass',
    });
    templates = templatesOf(synthesised);
  }, 60_000);

  it('is within the quotas that AWS enforces while it deploys', () => {
    expect(quotaViolationsOf(templates)).toEqual([]);
  });

  it('reserves as many executions as the guide tells to ask for', () => {
    const reserved = reservedExecutions(templates);
    expect(guide('deploy.md')).toContain(`production reserves ${reserved} `);
    expect(guide('deploy.ja.md')).toContain(`本番は ${reserved} を予約`);
    // What a Region grants by default, of which 100 stay for everything else.
    expect(reserved).toBeLessThanOrEqual(1_000 - 100);
  });
});

describe('a trial', () => {
  it('deploys in a new account, whose ten executions cannot be reserved', () => {
    const templates = templatesOf(synthesisePlatform('dev'));
    expect(reservedExecutions(templates)).toBe(0);
    expect(quotaViolationsOf(templates)).toEqual([]);
  });
});

const long = 'x'.repeat(2_000);
const statements = (count: number) => ({
  Statement: Array.from({ length: count }, () => ({ Action: long })),
});
const resource = (Type: string, Properties: object, copies = 1) =>
  Template.fromJSON({
    Resources: Object.fromEntries(
      Array.from({ length: copies }, (_, n) => [`R${n}`, { Type, Properties }]),
    ),
  });
const named = (section: string, count: number) =>
  Template.fromJSON({
    [section]: Object.fromEntries(Array.from({ length: count }, (_, n) => [`N${n}`, {}])),
  });
const role = { Ref: 'Role' };

describe('what AWS would refuse is found', () => {
  const cases: Readonly<Record<keyof typeof awsQuotas, Template>> = {
    templateBytes: resource('X', { long }, 520),
    resources: resource('X', {}, 501),
    outputs: named('Outputs', 201),
    parameters: named('Parameters', 201),
    inlinePolicies: resource(
      'AWS::IAM::Policy',
      { Roles: [role], PolicyDocument: statements(2) },
      3,
    ),
    managedPolicy: resource('AWS::IAM::ManagedPolicy', { PolicyDocument: statements(4) }),
    trustPolicy: resource('AWS::IAM::Role', { AssumeRolePolicyDocument: statements(2) }),
    keyPolicy: resource('AWS::KMS::Key', { KeyPolicy: statements(17) }),
    bucketPolicy: resource('AWS::S3::BucketPolicy', { PolicyDocument: statements(11) }),
    functionPolicy: resource('AWS::Lambda::Permission', { FunctionName: role }, 60),
    apiPolicy: resource('AWS::ApiGateway::RestApi', { Policy: statements(5) }),
    environment: resource('AWS::Lambda::Function', {
      Environment: { Variables: { a: long, b: long, c: role } },
    }),
    functionDescription: resource('AWS::Lambda::Function', { Description: long }),
    apiResources: resource('AWS::ApiGateway::Resource', {}, 301),
    definition: resource('AWS::StepFunctions::StateMachine', {
      DefinitionString: { 'Fn::Join': ['', Array.from({ length: 600 }, () => long)] },
    }),
    alarmDescription: resource('AWS::CloudWatch::Alarm', { AlarmDescription: long }),
    targetsOfRule: resource('AWS::Events::Rule', { Targets: [1, 2, 3, 4, 5, 6] }),
  };

  it.each(Object.entries(cases))('too much of %s', (quota, template) => {
    expect(quotaViolationsOf([template]).map((line) => line.split(' ')[0])).toContain(quota);
  });

  it.each<[string, Template]>([
    ['a typographic apostrophe in a role', resource('AWS::IAM::Role', { Description: 'J-LIS’s' })],
    [
      'an apostrophe in a security group',
      resource('AWS::EC2::SecurityGroup', { GroupDescription: "J-LIS's" }),
    ],
    [
      'an apostrophe in a rule of one',
      resource('AWS::EC2::SecurityGroup', { SecurityGroupEgress: [{ Description: "AWS's" }] }),
    ],
    ['a comma in a tag', resource('X', { Tags: [{ Key: 'a', Value: 'b, c' }] })],
    [
      'a variable that Lambda sets',
      resource('AWS::Lambda::Function', { Environment: { Variables: { AWS_REGION: 'x' } } }),
    ],
  ])('%s', (_, template) => {
    expect(quotaViolationsOf([template])).toHaveLength(1);
  });
});
