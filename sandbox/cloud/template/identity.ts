import { hash } from 'node:crypto';
import type { Environment } from './evaluate.ts';

/** The values of `Ref` and `Fn::GetAtt` for a resource. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Named {
  readonly type: string;
  readonly stack: string;
  readonly logicalId: string;
  /** An evaluated string property. */
  readonly property: (name: string) => string | undefined;
}

/** Names and ARNs by resource type, identical at every start. */
export function identify(resource: Named, { account, region }: Environment): Identity {
  const { type, stack, logicalId, property } = resource;
  const generated = `${stack}-${logicalId}`;
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  const short = (length: number) => hash('sha256', generated).slice(0, length);
  switch (type) {
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable': {
      const ref = property('TableName') ?? generated;
      return { ref, attributes: { Arn: arn('dynamodb', `table/${ref}`) } };
    }
    case 'AWS::KMS::Key': {
      const ref = short(32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
      return { ref, attributes: { Arn: arn('kms', `key/${ref}`), KeyId: ref } };
    }
    case 'AWS::KMS::Alias':
      return { ref: property('AliasName') ?? `alias/${generated}`, attributes: {} };
    case 'AWS::S3::Bucket': {
      const ref = property('BucketName') ?? bucketName(generated, short(8));
      const domain = `${ref}.s3.amazonaws.com`;
      return { ref, attributes: { Arn: `arn:aws:s3:::${ref}`, DomainName: domain } };
    }
    case 'AWS::Lambda::Function': {
      const ref = property('FunctionName') ?? generated.slice(0, 64);
      return { ref, attributes: { Arn: arn('lambda', `function:${ref}`) } };
    }
    case 'AWS::Lambda::Version': {
      // Lambda counts what it publishes. Here the number follows from the logical id, which CDK makes
      // anew for other code or configuration: another version has another number.
      const version = String((Number.parseInt(short(8), 16) % 999_999) + 1);
      const ref = arn('lambda', `function:${property('FunctionName')}:${version}`);
      return { ref, attributes: { Version: version, FunctionArn: ref } };
    }
    case 'AWS::Lambda::Alias': {
      const ref = arn('lambda', `function:${property('FunctionName')}:${property('Name')}`);
      return { ref, attributes: { AliasArn: ref } };
    }
    case 'AWS::StepFunctions::StateMachine': {
      const name = property('StateMachineName') ?? generated.slice(0, 80);
      const ref = arn('states', `stateMachine:${name}`);
      return { ref, attributes: { Arn: ref, Name: name } };
    }
    case 'AWS::ApiGateway::RestApi':
      return { ref: short(10), attributes: { RootResourceId: short(12), RestApiId: short(10) } };
    case 'AWS::ApiGateway::Stage':
      return { ref: property('StageName') ?? 'prod', attributes: {} };
    case 'AWS::ApiGateway::DomainName':
      return { ref: property('DomainName') ?? generated, attributes: {} };
    case 'AWS::ApiGateway::DomainNameV2': {
      const ref = arn('apigateway', `/domainnames/${property('DomainName')}+${short(10)}`);
      return { ref, attributes: { DomainNameArn: ref, DomainNameId: short(10) } };
    }
    case 'AWS::Events::Rule': {
      const ref = property('Name') ?? generated.slice(0, 64);
      return { ref, attributes: { Arn: arn('events', `rule/${ref}`) } };
    }
    case 'AWS::SQS::Queue': {
      const name = property('QueueName') ?? generated.slice(0, 80);
      const url = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
      return { ref: url, attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: url } };
    }
    case 'AWS::SNS::Topic': {
      const name = property('TopicName') ?? generated;
      return { ref: arn('sns', name), attributes: { TopicArn: arn('sns', name), TopicName: name } };
    }
    case 'AWS::IAM::Role': {
      const ref = property('RoleName') ?? generated.slice(0, 64);
      const path = property('Path') ?? '/';
      const attributes = { Arn: `arn:aws:iam::${account}:role${path}${ref}`, RoleId: short(20) };
      return { ref, attributes };
    }
    case 'AWS::IAM::ManagedPolicy': {
      const name = property('ManagedPolicyName') ?? generated.slice(0, 128);
      return { ref: `arn:aws:iam::${account}:policy/${name}`, attributes: {} };
    }
    case 'AWS::Logs::LogGroup': {
      const ref = property('LogGroupName') ?? generated;
      return { ref, attributes: { Arn: arn('logs', `log-group:${ref}:*`) } };
    }
    default:
      return { ref: generated, attributes: { Arn: arn('sandbox', generated) } };
  }
}

/** Bucket names are lower case, at most 63 characters (S3 user guide, bucket naming rules). */
const bucketName = (generated: string, suffix: string): string =>
  `${generated
    .toLowerCase()
    .replaceAll(/[^a-z\d-]/g, '-')
    .slice(0, 50)}-${suffix}`;
