import { randomUUID } from 'node:crypto';
import type { CreatedBy } from '../s3/s3-requests.ts';
import type { StoredObject } from '../s3/s3-store.ts';
import type { Resource, Templates } from '../template/evaluate.ts';
import type { Iam } from '../iam/iam.ts';
import { serviceFor } from '../iam/principals.ts';
import type { AsyncDelivery, Target } from './deliver.ts';
import { matchesPattern } from './event-pattern.ts';
import { nextDue } from './schedule.ts';

export interface EventBus {
  objectCreated(bucket: string, object: StoredObject, by: CreatedBy): void;
  /** Runs every schedule now, regardless of when it is due. */
  runSchedules(): void;
  close(): void;
}

interface RuleTarget {
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: { InputPathsMap?: Record<string, string>; InputTemplate: string };
  readonly RetryPolicy?: { MaximumRetryAttempts?: number };
}

interface Schedule {
  readonly expression: string;
  readonly timezone: string | undefined;
  readonly run: (at: number) => void;
  due: number | undefined;
}

/**
 * The default event bus with its rules, EventBridge Scheduler, and S3 notifications, as the
 * templates define them. Schedules follow the sandbox clock: a schedule skipped by a clock change
 * runs once.
 */
export function startEventBus(
  templates: Templates,
  delivery: AsyncDelivery,
  now: () => number,
  iam: Iam,
): EventBus {
  const { account, region } = templates.environment;
  const rules = templates
    .resources('AWS::Events::Rule')
    .filter(({ properties }) => properties['State'] !== 'DISABLED');
  const envelope = (
    source: string,
    type: string,
    resource: string,
    detail: object,
    at: number,
  ) => ({
    version: '0',
    id: randomUUID(),
    'detail-type': type,
    source,
    account,
    time: new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: [resource],
    detail,
  });
  const fire = (rule: Resource, event: object): void => {
    for (const target of (rule.properties['Targets'] ?? []) as RuleTarget[])
      delivery.deliver({
        arn: target.Arn,
        input: inputFor(target, event),
        ...handling(templates, target.Arn, iam),
        by: serviceFor('events', rule.identity.attributes['Arn'] ?? ''),
      });
  };

  const schedules: Schedule[] = [
    ...rules
      .filter(({ properties }) => properties['ScheduleExpression'] !== undefined)
      .map((rule) => ({
        expression: String(rule.properties['ScheduleExpression']),
        timezone: undefined,
        due: undefined,
        run: (at: number) => {
          const arn = rule.identity.attributes['Arn'] ?? '';
          fire(rule, envelope('aws.events', 'Scheduled Event', arn, {}, at));
        },
      })),
    ...templates
      .resources('AWS::Scheduler::Schedule')
      .filter(({ properties }) => properties['State'] !== 'DISABLED')
      .map(({ properties, identity }) => ({
        expression: String(properties['ScheduleExpression']),
        timezone: properties['ScheduleExpressionTimezone'] as string | undefined,
        due: undefined,
        run: () => {
          const { Arn, Input = '{}', RoleArn = '' } = properties['Target'] as RuleTarget;
          const scheduler = serviceFor('scheduler', identity.attributes['Arn'] ?? '');
          // EventBridge Scheduler drops what it may not deliver; nobody calls it who could be told.
          const by = iam.mayAssume(RoleArn, scheduler, 'schedule');
          if (by === undefined) return;
          const input: unknown = JSON.parse(Input);
          delivery.deliver({ arn: Arn, input, ...handling(templates, Arn, iam), by });
        },
      })),
  ];
  const plan = (schedule: Schedule, after: number) => {
    schedule.due = nextDue(schedule.expression, after, schedule.timezone);
  };
  let last = now();
  for (const schedule of schedules) plan(schedule, last);
  const timer = setInterval(() => {
    const at = now();
    for (const schedule of schedules) {
      const due = schedule.due !== undefined && at >= schedule.due;
      if (due) schedule.run(at);
      if (due || at < last) plan(schedule, at);
    }
    last = at;
  }, 500);
  timer.unref();

  return {
    objectCreated(bucket, object, by) {
      const at = now();
      const resource = templates
        .resources('AWS::S3::Bucket')
        .find(({ identity }) => identity.ref === bucket);
      if (resource === undefined) return;
      const configuration = notificationsOf(templates, resource);
      if (configuration.eventBridge) {
        const detail = objectDetail(bucket, object, by, account);
        const event = envelope('aws.s3', 'Object Created', `arn:aws:s3:::${bucket}`, detail, at);
        for (const rule of rules) {
          const pattern = rule.properties['EventPattern'] as Record<string, unknown> | undefined;
          if (pattern !== undefined && matchesPattern(pattern, event)) fire(rule, event);
        }
      }
      for (const { arn, events, prefix, suffix } of configuration.functions)
        if (
          events.some((name) => [`s3:ObjectCreated:*`, `s3:ObjectCreated:${by}`].includes(name)) &&
          object.key.startsWith(prefix) &&
          object.key.endsWith(suffix)
        )
          delivery.deliver({
            arn,
            input: { Records: [notificationRecord(bucket, object, by, region, at)] },
            ...handling(templates, arn, iam),
            by: serviceFor('s3', `arn:aws:s3:::${bucket}`),
          });
    },
    runSchedules() {
      for (const schedule of schedules) schedule.run(now());
    },
    close: () => clearInterval(timer),
  };
}

function inputFor(target: RuleTarget, event: object): unknown {
  if (target.Input !== undefined) return JSON.parse(target.Input);
  if (target.InputPath !== undefined) return at(event, target.InputPath);
  if (target.InputTransformer === undefined) return event;
  const { InputPathsMap = {}, InputTemplate } = target.InputTransformer;
  const text = InputTemplate.replaceAll(/("?)<([\w.-]+)>("?)/g, (_, open, name: string, close) => {
    const value = at(event, InputPathsMap[name] ?? '');
    // Inside quotation marks a value is inserted as text; elsewhere as JSON.
    if (open === '"' && close === '"') return JSON.stringify(value ?? '');
    return `${open}${typeof value === 'string' && open === '' && close === '' ? JSON.stringify(value) : String(value)}${close}`;
  });
  return JSON.parse(text);
}

/** `$.detail.object.key` */
const at = (event: object, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>(
      (value, name) => (value as Record<string, unknown> | undefined)?.[name],
      event,
    );

interface InvokeConfig {
  readonly MaximumRetryAttempts?: number;
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
}

/**
 * Lambda's handling of an asynchronous event; EventBridge's retries apply only to the invocation
 * request.
 */
function handling(
  templates: Templates,
  arn: string,
  iam: Iam,
): Pick<Target, 'retries' | 'onFailure'> {
  const configuration = templates
    .resources('AWS::Lambda::EventInvokeConfig')
    .find(({ properties }) =>
      [arn, arn.split(':').pop()].includes(properties['FunctionName'] as string),
    );
  const { MaximumRetryAttempts: retries = 2, DestinationConfig } = (configuration?.properties ??
    {}) as InvokeConfig;
  const destination = DestinationConfig?.OnFailure?.Destination;
  const fn = templates
    .resources('AWS::Lambda::Function')
    .find(({ identity }) => identity.attributes['Arn'] === arn);
  if (destination === undefined || fn === undefined) return { retries };
  const role = () =>
    iam.assume(String(fn.properties['Role']), serviceFor('lambda', arn), fn.identity.ref);
  return { retries, onFailure: { arn: destination, role } };
}

interface NotificationConfiguration {
  readonly EventBridgeConfiguration?: object;
  readonly LambdaConfigurations?: readonly LambdaConfiguration[];
  readonly LambdaFunctionConfigurations?: readonly LambdaConfiguration[];
}

interface LambdaConfiguration {
  readonly Event?: string;
  readonly Events?: readonly string[];
  readonly Function?: string;
  readonly LambdaFunctionArn?: string;
  readonly Filter?: {
    S3Key?: { Rules?: readonly FilterRule[] };
    Key?: { FilterRules?: readonly FilterRule[] };
  };
}

interface FilterRule {
  readonly Name: string;
  readonly Value: string;
}

/** Configuration of the bucket itself, or of CDK's custom resource for notifications. */
function notificationsOf(templates: Templates, bucket: Resource) {
  const own = bucket.properties['NotificationConfiguration'] as
    | NotificationConfiguration
    | undefined;
  const added = templates
    .resources('Custom::S3BucketNotifications')
    .filter(({ properties }) => properties['BucketName'] === bucket.identity.ref)
    .map(({ properties }) => properties['NotificationConfiguration'] as NotificationConfiguration);
  const all = [own, ...added].filter((configuration) => configuration !== undefined);
  return {
    eventBridge: all.some(({ EventBridgeConfiguration }) => EventBridgeConfiguration !== undefined),
    functions: all
      .flatMap((each) => [
        ...(each.LambdaConfigurations ?? []),
        ...(each.LambdaFunctionConfigurations ?? []),
      ])
      .map(({ Event, Events, Function, LambdaFunctionArn, Filter }) => {
        const filters = Filter?.S3Key?.Rules ?? Filter?.Key?.FilterRules ?? [];
        const filter = (name: string) =>
          filters.find(({ Name }) => Name.toLowerCase() === name)?.Value ?? '';
        return {
          arn: Function ?? LambdaFunctionArn ?? '',
          events: Events ?? [Event ?? ''],
          prefix: filter('prefix'),
          suffix: filter('suffix'),
        };
      }),
  };
}

const objectDetail = (bucket: string, object: StoredObject, by: CreatedBy, account: string) => ({
  version: '0',
  bucket: { name: bucket },
  object: {
    key: object.key,
    size: object.size,
    etag: object.etag,
    sequencer: object.modifiedAt.toString(16).toUpperCase().padStart(16, '0'),
  },
  'request-id': randomUUID(),
  requester: account,
  'source-ip-address': '127.0.0.1',
  reason: by === 'CompleteMultipartUpload' ? by : `${by}Object`,
});

const notificationRecord = (
  bucket: string,
  object: StoredObject,
  by: CreatedBy,
  region: string,
  time: number,
) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: region,
  eventTime: new Date(time).toISOString(),
  eventName: `ObjectCreated:${by}`,
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
    object: {
      key: encodeURIComponent(object.key).replaceAll('%20', '+').replaceAll('%2F', '/'),
      size: object.size,
      eTag: object.etag,
      sequencer: object.modifiedAt.toString(16).toUpperCase().padStart(16, '0'),
    },
  },
});
