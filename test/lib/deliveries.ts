/** What a service sends to a resource of the templates, and why AWS would refuse it, if it would. */
export interface Delivery {
  readonly sender: string;
  readonly from: string;
  readonly to: string;
  readonly refusedBecause?: string | undefined;
}

interface Statement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: unknown };
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

interface Found extends Resource {
  readonly id: string;
}

/** Follows alarms, rules, bucket notifications, failure destinations, log encryption and routes. */
export function deliveriesOf({
  templates,
}: {
  readonly templates: Readonly<Record<string, { toJSON(): object }>>;
}): readonly Delivery[] {
  const resources = new Resources(Object.values(templates).map((template) => template.toJSON()));
  return resources.all.flatMap((resource) => [...sentBy(resource, resources)]);
}

function* sentBy(resource: Found, resources: Resources): Generator<Delivery> {
  const { id, Type, Properties } = resource;
  const deliver = (sender: string, target: unknown): Delivery => {
    const to = resources.find(target);
    return {
      sender,
      from: id,
      to: to?.id ?? JSON.stringify(target),
      refusedBecause: to && refusal(sender, to, resources),
    };
  };
  switch (Type) {
    case 'AWS::CloudWatch::Alarm':
    case 'AWS::CloudWatch::CompositeAlarm':
      for (const actions of ['AlarmActions', 'OKActions', 'InsufficientDataActions'])
        for (const action of listOf(Properties[actions]))
          yield deliver('cloudwatch.amazonaws.com', action);
      break;
    case 'AWS::Events::Rule':
      for (const target of listOf(Properties['Targets'])) {
        const { Arn, DeadLetterConfig, RoleArn } = target as Readonly<Record<string, unknown>>;
        if (RoleArn === undefined) yield deliver('events.amazonaws.com', Arn);
        if (DeadLetterConfig !== undefined)
          yield deliver('events.amazonaws.com', (DeadLetterConfig as { Arn: unknown }).Arn);
      }
      break;
    case 'AWS::Budgets::Budget':
      for (const { Subscribers } of listOf(Properties['NotificationsWithSubscribers']) as {
        Subscribers: { SubscriptionType: string; Address: unknown }[];
      }[])
        for (const { SubscriptionType, Address } of Subscribers)
          if (SubscriptionType === 'SNS') yield deliver('budgets.amazonaws.com', Address);
      break;
    case 'AWS::S3::Bucket': {
      const { QueueConfigurations, TopicConfigurations, LambdaConfigurations } = (Properties[
        'NotificationConfiguration'
      ] ?? {}) as Readonly<Record<string, unknown>>;
      for (const [configurations, property] of [
        [QueueConfigurations, 'Queue'],
        [TopicConfigurations, 'Topic'],
        [LambdaConfigurations, 'Function'],
      ] as const)
        for (const configuration of listOf(configurations))
          yield deliver(
            's3.amazonaws.com',
            (configuration as Readonly<Record<string, unknown>>)[property],
          );
      break;
    }
    case 'AWS::SNS::Subscription':
      if (Properties['Protocol'] === 'lambda' || Properties['Protocol'] === 'sqs')
        yield deliver('sns.amazonaws.com', Properties['Endpoint']);
      break;
    case 'AWS::Logs::LogGroup':
      if (Properties['KmsKeyId'] !== undefined) yield deliver('logs', Properties['KmsKeyId']);
      break;
    case 'AWS::ApiGateway::Method': {
      const { Type: kind, Uri } = (Properties['Integration'] ?? {}) as Readonly<
        Record<string, unknown>
      >;
      if (kind === 'AWS_PROXY') yield deliver('apigateway.amazonaws.com', Uri);
      break;
    }
    case 'AWS::ApiGateway::Authorizer':
      yield deliver('apigateway.amazonaws.com', Properties['AuthorizerUri']);
      break;
    case 'AWS::Lambda::EventInvokeConfig': {
      const { OnFailure, OnSuccess } = (Properties['DestinationConfig'] ?? {}) as Readonly<
        Record<string, { Destination: unknown } | undefined>
      >;
      const fn = resources.find(Properties['FunctionName']);
      for (const destination of [OnFailure?.Destination, OnSuccess?.Destination]) {
        const to = destination === undefined ? undefined : resources.find(destination);
        if (fn && to)
          yield {
            sender: 'lambda.amazonaws.com',
            from: id,
            to: to.id,
            refusedBecause: refusalOfRole(fn, to, resources),
          };
      }
      break;
    }
  }
}

const publishing: Readonly<Record<string, string>> = {
  'AWS::SNS::Topic': 'sns:Publish',
  'AWS::SQS::Queue': 'sqs:SendMessage',
};

const policyTypes: Readonly<Record<string, readonly [type: string, property: string]>> = {
  'AWS::SNS::Topic': ['AWS::SNS::TopicPolicy', 'Topics'],
  'AWS::SQS::Queue': ['AWS::SQS::QueuePolicy', 'Queues'],
};

function refusal(sender: string, to: Found, resources: Resources): string | undefined {
  if (to.Type === 'AWS::KMS::Key')
    return keyRefusal(sender, to, ['kms:Decrypt', 'kms:GenerateDataKey']);
  if (to.Type === 'AWS::Lambda::Function' || to.Type === 'AWS::Lambda::Alias') {
    const permitted = resources.all.some(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::Permission' &&
        resources.find(Properties['FunctionName'])?.id === to.id &&
        Properties['Principal'] === sender &&
        Properties['SourceArn'] !== undefined,
    );
    return permitted ? undefined : `${to.id} has no permission for ${sender}`;
  }
  const action = publishing[to.Type];
  const [policyType, attached] = policyTypes[to.Type] ?? [];
  if (action === undefined) return undefined;
  const statements = resources.all
    .filter(
      ({ Type, Properties }) =>
        Type === policyType &&
        listOf(Properties[attached!]).some((target) => resources.find(target)?.id === to.id),
    )
    .flatMap(({ Properties }) => statementsOf(Properties['PolicyDocument']));
  if (!statements.some((statement) => lets(statement, sender, action)))
    return `the policy of ${to.id} does not let ${sender} ${action} for this account only`;
  const key = resources.find(to.Properties['KmsMasterKeyId']);
  return key && keyRefusal(sender, key, ['kms:Decrypt', 'kms:GenerateDataKey']);
}

function keyRefusal(sender: string, key: Found, actions: readonly string[]): string | undefined {
  const statements = statementsOf(key.Properties['KeyPolicy']);
  const refused = actions.find(
    (action) => !statements.some((statement) => lets(statement, sender, action)),
  );
  return (
    refused && `the policy of ${key.id} does not let ${sender} ${refused} for this account only`
  );
}

function refusalOfRole(fn: Found, to: Found, resources: Resources): string | undefined {
  const action = publishing[to.Type]!;
  const role = resources.find(fn.Properties['Role'])?.id;
  const allowed = resources.all.some(
    ({ Type, Properties }) =>
      Type === 'AWS::IAM::Policy' &&
      role !== undefined &&
      listOf(Properties['Roles']).some((attached) => resources.find(attached)?.id === role) &&
      statementsOf(Properties['PolicyDocument']).some(
        ({ Effect, Action, Resource }) =>
          Effect === 'Allow' &&
          covers(Action, action) &&
          listOf(Resource).some((named) => resources.find(named)?.id === to.id),
      ),
  );
  return allowed ? undefined : `the role of ${fn.id} may not ${action} to ${to.id}`;
}

/** Allowed to this service, and to nobody else's resources: a source account or source ARN is asked for. */
const lets = (
  { Effect, Principal, Action, Condition }: Statement,
  sender: string,
  action: string,
) =>
  Effect === 'Allow' &&
  listOf(Principal?.Service).some((service) => serviceName(service).startsWith(sender)) &&
  covers(Action, action) &&
  Object.values(Condition ?? {}).some((keys) =>
    Object.keys(keys).some((key) =>
      ['aws:SourceAccount', 'aws:SourceArn', 'kms:EncryptionContext:aws:logs:arn'].includes(key),
    ),
  );

const covers = (granted: string | readonly string[], action: string): boolean =>
  [granted]
    .flat()
    .some((pattern) =>
      pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action,
    );

/** `logs.<region>.amazonaws.com` is a join in the template. */
const serviceName = (service: unknown): string =>
  typeof service === 'string'
    ? service
    : (service as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1].map(String).join('');

const statementsOf = (document: unknown): readonly Statement[] =>
  (document as { Statement?: readonly Statement[] } | undefined)?.Statement ?? [];

const listOf = (value: unknown): readonly unknown[] => (value === undefined ? [] : [value].flat());

class Resources {
  readonly all: readonly Found[];
  readonly #byId: ReadonlyMap<string, Found>;
  readonly #exports = new Map<string, unknown>();

  constructor(templates: readonly object[]) {
    this.all = templates.flatMap((template) =>
      Object.entries((template as { Resources: Record<string, Resource> }).Resources).map(
        ([id, resource]) => ({ ...resource, id }),
      ),
    );
    this.#byId = new Map(this.all.map((found) => [found.id, found]));
    for (const template of templates)
      for (const { Value, Export } of Object.values(
        (template as { Outputs?: Record<string, { Value: unknown; Export?: { Name: string } }> })
          .Outputs ?? {},
      ))
        if (Export !== undefined) this.#exports.set(Export.Name, Value);
  }

  /** The resource that a reference names, through joins and exports; undefined for one elsewhere. */
  find(reference: unknown): Found | undefined {
    if (typeof reference !== 'object' || reference === null) return undefined;
    const [[name, argument]] = Object.entries(reference) as [[string, unknown]];
    switch (name) {
      case 'Ref':
        return this.#byId.get(String(argument));
      case 'Fn::GetAtt':
        return this.#byId.get((argument as readonly [string])[0]);
      case 'Fn::ImportValue':
        return this.find(this.#exports.get(String(argument)));
      case 'Fn::Join':
        return (argument as readonly [string, readonly unknown[]])[1]
          .map((part) => this.find(part))
          .find((found) => found !== undefined);
      default:
        return undefined;
    }
  }
}
