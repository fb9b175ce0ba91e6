import type { Template } from 'aws-cdk-lib/assertions';

/**
 * Quotas that AWS enforces while it deploys, which neither CDK nor the sandbox does. From the pages
 * "quotas" or "limits" of each service; sizes in characters of JSON without spaces.
 */
export const awsQuotas = {
  /** CloudFormation: a template in S3, in bytes; what one template may hold. */
  templateBytes: 1_048_576,
  resources: 500,
  outputs: 200,
  parameters: 200,
  /** IAM: all inline policies of one role together, one managed policy, one trust policy. */
  inlinePolicies: 10_240,
  managedPolicy: 6_144,
  trustPolicy: 2_048,
  /** KMS, S3, Lambda and API Gateway: policies of a key, a bucket, a function and an API. */
  keyPolicy: 32_768,
  bucketPolicy: 20_480,
  functionPolicy: 20_480,
  apiPolicy: 8_192,
  /** Lambda: all environment variables of one function together; a description. */
  environment: 4_096,
  functionDescription: 256,
  /** API Gateway: paths of one REST API. */
  apiResources: 300,
  /** Step Functions: one definition. */
  definition: 1_048_576,
  alarmDescription: 1_024,
  targetsOfRule: 5,
} as const;

type QuotaName = keyof typeof awsQuotas;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Variables that Lambda sets itself and refuses to take. */
const reservedVariable = /^(AWS_(?!NODEJS_CONNECTION_REUSE)|_HANDLER$|_X_AMZN|LAMBDA_)/;

/** IAM takes Latin-1 (a typographic apostrophe is refused), EC2 less; neither is in a schema. */
const descriptions: readonly (readonly [type: string, property: string, allowed: RegExp])[] = [
  ['AWS::IAM::Role', 'Description', /^[\t\n\r\u0020-\u007e\u00a1-\u00ff]{0,1000}$/],
  ['AWS::IAM::ManagedPolicy', 'Description', /^[\t\n\r\u0020-\u007e\u00a1-\u00ff]{0,1000}$/],
  ['AWS::EC2::SecurityGroup', 'GroupDescription', /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/],
  ['AWS::EC2::SecurityGroupIngress', 'Description', /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/],
];

const tagValue = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/** What AWS would refuse in these templates, by resource. */
export function quotaViolationsOf(templates: readonly Template[]): readonly string[] {
  return templates.flatMap((template, n) => violationsIn(template.toJSON(), `template ${n}`));
}

function violationsIn(template: Readonly<Record<string, unknown>>, name: string): string[] {
  const found: string[] = [];
  const hold = (quota: QuotaName, where: string, value: number) => {
    if (value > awsQuotas[quota]) found.push(`${quota} of ${where}: ${value}`);
  };
  const count = (section: string) => Object.keys(template[section] ?? {}).length;
  hold('templateBytes', name, Buffer.byteLength(JSON.stringify(template)));
  hold('resources', name, count('Resources'));
  hold('outputs', name, count('Outputs'));
  hold('parameters', name, count('Parameters'));

  const inline = new Map<string, number>();
  const invocations = new Map<string, number>();
  let apiResources = 0;
  const resources = Object.entries((template['Resources'] ?? {}) as Record<string, Resource>);
  for (const [id, { Type, Properties: properties = {} }] of resources) {
    const size = (property: string) => sizeOf(properties[property]);
    switch (Type) {
      case 'AWS::IAM::Role':
        hold('trustPolicy', id, size('AssumeRolePolicyDocument'));
        for (const { PolicyDocument } of (properties['Policies'] ?? []) as Policy[])
          add(inline, { Ref: id }, sizeOf(PolicyDocument));
        break;
      case 'AWS::IAM::Policy':
        for (const role of (properties['Roles'] ?? []) as unknown[])
          add(inline, role, size('PolicyDocument'));
        break;
      case 'AWS::IAM::ManagedPolicy':
        hold('managedPolicy', id, size('PolicyDocument'));
        break;
      case 'AWS::KMS::Key':
      case 'AWS::KMS::ReplicaKey':
        hold('keyPolicy', id, size('KeyPolicy'));
        break;
      case 'AWS::S3::BucketPolicy':
        hold('bucketPolicy', id, size('PolicyDocument'));
        break;
      case 'AWS::Lambda::Permission':
        // Lambda makes a statement with Sid, Effect, Principal, Action, Resource and Condition of it.
        add(invocations, properties['FunctionName'], sizeOf(properties) + 200);
        break;
      case 'AWS::Lambda::Function': {
        const { Variables = {} } = (properties['Environment'] ?? {}) as { Variables?: object };
        const texts = Object.entries(rendered(Variables) as object).flat();
        hold('environment', id, Buffer.byteLength(texts.join('')));
        hold('functionDescription', id, size('Description'));
        for (const variable of Object.keys(Variables))
          if (reservedVariable.test(variable))
            found.push(`reserved variable of ${id}: ${variable}`);
        break;
      }
      case 'AWS::ApiGateway::RestApi':
        hold('apiPolicy', id, size('Policy'));
        break;
      case 'AWS::ApiGateway::Resource':
        apiResources += 1;
        break;
      case 'AWS::StepFunctions::StateMachine':
        hold('definition', id, size('DefinitionString'));
        break;
      case 'AWS::CloudWatch::Alarm':
        hold('alarmDescription', id, size('AlarmDescription'));
        break;
      case 'AWS::Events::Rule':
        hold('targetsOfRule', id, ((properties['Targets'] ?? []) as unknown[]).length);
        break;
    }
    for (const [type, property, allowed] of descriptions) {
      const text = properties[property];
      if (type === Type && typeof text === 'string' && !allowed.test(text))
        found.push(`${property} of ${id}: ${text}`);
    }
    const rules = [properties['SecurityGroupIngress'], properties['SecurityGroupEgress']].flat();
    for (const rule of rules as readonly ({ readonly Description?: string } | undefined)[])
      if (!descriptions[3]![2].test(rule?.Description ?? ''))
        found.push(`Description of a rule of ${id}: ${rule!.Description}`);
    const tags = properties['Tags'];
    for (const { Value } of (Array.isArray(tags) ? tags : []) as { Value: unknown }[])
      if (typeof Value === 'string' && !tagValue.test(Value)) found.push(`tag of ${id}: ${Value}`);
  }
  for (const [role, characters] of inline) hold('inlinePolicies', role, characters);
  for (const [fn, characters] of invocations) hold('functionPolicy', fn, characters);
  hold('apiResources', name, apiResources);
  return found;
}

interface Policy {
  readonly PolicyDocument: unknown;
}

/** Adds a size to the sum of whatever shares a quota. */
function add(sizes: Map<string, number>, of: unknown, size: number): void {
  const key = JSON.stringify(of);
  sizes.set(key, (sizes.get(key) ?? 0) + size);
}

const sizeOf = (value: unknown): number => {
  const full = rendered(value);
  return (typeof full === 'string' ? full : JSON.stringify(full ?? '')).length;
};

/** As long as the longest ARN that a template of the platform refers to: a role in a path. */
const reference = 'x'.repeat(128);

/** With text for every reference, rather too long than too short. */
function rendered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rendered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined]] = entries;
  if (entries.length !== 1 || !(name === 'Ref' || name.startsWith('Fn::')))
    return Object.fromEntries(entries.map(([key, one]) => [key, rendered(one)]));
  if (name === 'Fn::Join') {
    const [by, parts] = argument as [string, unknown[]];
    return parts.map((part) => String(rendered(part))).join(by);
  }
  return typeof argument === 'string' && argument.startsWith('AWS::')
    ? 'ap-northeast-1'
    : reference;
}

/** Executions that the functions of these templates reserve of the account's. */
export const reservedExecutions = (templates: readonly Template[]): number =>
  templates
    .flatMap((template) => Object.values(template.findResources('AWS::Lambda::Function')))
    .reduce((sum, { Properties }) => sum + Number(Properties.ReservedConcurrentExecutions ?? 0), 0);
