import { describe, expect, it } from '@jest/globals';
import { deliveriesOf, type Delivery } from './deliveries.ts';
import { synthesisePlatform } from './synthesise-platform.ts';

const shown = ({ sender, from, to, refusedBecause }: Delivery): string =>
  `${sender}: ${from} → ${to}${refusedBecause ? `: ${refusedBecause}` : ''}`;

describe.each(['dev', 'production'] as const)('stage %s', (stage) => {
  const deliveries = deliveriesOf(synthesisePlatform(stage, { alarmEmail: 'a@example.jp' }));

  it('lets every sender reach every target, by the policies of topic, queue, function and key', () => {
    expect(deliveries.filter(({ refusedBecause }) => refusedBecause).map(shown)).toEqual([]);
  });

  it('has a delivery of each kind that is checked', () => {
    expect(new Set(deliveries.map(({ sender }) => sender))).toEqual(
      new Set([
        'cloudwatch.amazonaws.com',
        'events.amazonaws.com',
        'apigateway.amazonaws.com',
        'lambda.amazonaws.com',
      ]),
    );
  });
});

const alarm = {
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { AlarmActions: [{ Ref: 'Topic' }] },
};
const topic = { Type: 'AWS::SNS::Topic', Properties: {} };
const allow = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: 'sns:Publish',
  Resource: { Ref: 'Topic' },
  Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
};
const policy = (statement: object) => ({
  Type: 'AWS::SNS::TopicPolicy',
  Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement: [statement] } },
});

const refusals = (resources: Readonly<Record<string, object>>): (string | undefined)[] =>
  deliveriesOf({ templates: { one: { toJSON: () => ({ Resources: resources }) } } }).map(
    ({ refusedBecause }) => refusedBecause,
  );
describe('a delivery that AWS would refuse is found', () => {
  it('is permitted where the policy allows it', () => {
    expect(refusals({ Alarm: alarm, Topic: topic, Policy: policy(allow) })).toEqual([undefined]);
  });

  it.each([
    ['whose policy holds only a Deny', { ...allow, Effect: 'Deny' }],
    ['whose policy names another service', { ...allow, Principal: { Service: 'x.amazonaws.com' } }],
    ['whose policy allows something else', { ...allow, Action: 'sns:Subscribe' }],
    ['that any account may use', { ...allow, Condition: {} }],
  ])('an alarm to a topic %s', (_, statement) => {
    expect(refusals({ Alarm: alarm, Topic: topic, Policy: policy(statement) })).toEqual([
      'the policy of Topic does not let cloudwatch.amazonaws.com sns:Publish for this account only',
    ]);
  });

  it('an alarm to a topic whose key does not know CloudWatch', () => {
    const encrypted = {
      ...topic,
      Properties: { KmsMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    };
    const key = { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Statement: [] } } };
    expect(refusals({ Alarm: alarm, Topic: encrypted, Policy: policy(allow), Key: key })).toEqual([
      'the policy of Key does not let cloudwatch.amazonaws.com kms:Decrypt for this account only',
    ]);
  });

  it.each<[string, Record<string, object>, string]>([
    [
      'a rule before a function',
      {
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { Targets: [{ Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }] },
        },
        Function: { Type: 'AWS::Lambda::Function', Properties: {} },
      },
      'Function has no permission for events.amazonaws.com',
    ],
    [
      'a rule before a queue',
      {
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { Targets: [{ Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }] },
        },
        Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      },
      'the policy of Queue does not let events.amazonaws.com sqs:SendMessage for this account only',
    ],
    [
      'a bucket before a queue',
      {
        Bucket: {
          Type: 'AWS::S3::Bucket',
          Properties: {
            NotificationConfiguration: {
              QueueConfigurations: [{ Queue: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
            },
          },
        },
        Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      },
      'the policy of Queue does not let s3.amazonaws.com sqs:SendMessage for this account only',
    ],
    [
      'a log group under a key that does not know CloudWatch Logs',
      {
        Group: {
          Type: 'AWS::Logs::LogGroup',
          Properties: { KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
        },
        Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Statement: [] } } },
      },
      'the policy of Key does not let logs kms:Decrypt for this account only',
    ],
    [
      "a function's failures before a queue that its role may not write",
      {
        Config: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Function' },
            DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Queue', 'Arn'] } } },
          },
        },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
        },
        Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      },
      'the role of Function may not sqs:SendMessage to Queue',
    ],
  ])('%s', (_, resources, why) => {
    expect(refusals(resources)).toEqual([why]);
  });
});
