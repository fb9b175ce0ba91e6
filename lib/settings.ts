import * as z from 'zod';
import { nearestName } from '../lambdas/platform/nearest-name.ts';

/**
 * All operator settings of `cdk … -c name=value`: format, example and meaning of each.
 * `readConfiguration` reads this table and refuses every other name; a test keeps the table in
 * docs/deploy.md equal.
 */
export interface Setting<T = unknown> {
  readonly form: z.ZodType<T, string>;
  /** Shown in the error for an invalid value; for a choice, the allowed values. */
  readonly like: string;
  readonly means: string;
  /** The default. */
  readonly otherwise: string;
}

const define = <T>(
  form: z.ZodType<T, string>,
  like: string,
  means: string,
  otherwise: string,
): Setting<T> => ({ form, like, means, otherwise });

const text = (pattern: RegExp) => z.string().regex(pattern);
const list = (item: RegExp) =>
  z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(text(item)).nonempty());
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const whole = (least: number, most: number) =>
  text(/^\d+$/).transform(Number).pipe(z.int().min(least).max(most));
const choice = <const V extends readonly [string, ...string[]]>(values: V) => ({
  form: z.enum(values) as z.ZodType<V[number], string>,
  like: `one of ${values.join(', ')}`,
});
const arn = (service: string) => new RegExp(String.raw`^arn:[\w-]+:${service}:[\w-]*:\d{12}:\S+$`);

const stages = choice(['dev', 'sandbox', 'test', 'production']);
const retention = choice(['7', '30', '90', '365', '731']);
const egressWays = choice(['nat', 'private-line']);
const placements = choice(['jlis', 'all']);
const webhookTargets = choice(['public', 'loopback']);
const canaryPaces = choice([
  '10percent-5minutes',
  '10percent-10minutes',
  '10percent-15minutes',
  '10percent-30minutes',
  '10percent-every-1minute',
  '10percent-every-2minutes',
  '10percent-every-3minutes',
  '10percent-every-10minutes',
]);

const cidr = String.raw`\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}`;
const cidrs = list(new RegExp(`^${cidr}$`));

/**
 * Keys without which records of the first Region cannot be found, read or continued in a second.
 * Token and challenge keys are made anew there: what they sign lives for minutes.
 */
export const replicatedKeys = ['data', 'index', 'service', 'bucket', 'ppid'] as const;

/**
 * Shown in docs/data-inventory.md. Three years: as long as a claim for damages of an act by an operator
 * runs (Civil Code of Japan, Article 724). A user number waits for a year: most people of a register log in
 * within one, and the service can hand in the rest again.
 */
export const retentionDefaults = {
  openRequestsDays: 90,
  decidedRequestsDays: 1_095,
  waitingNumbersDays: 365,
} as const;

export const settings = {
  // what is deployed
  stage: define(stages.form, stages.like, 'Which trust, protection and size', 'dev'),
  deployment: define(
    z.string(),
    'path/to/deployment.json',
    'The trust profile and the operator’s public keys',
    'the example, in stage dev; needed in the others',
  ),
  furtherAnchorPins: define(
    list(/^[0-9a-f]{64}$/),
    'a SHA-256 in hex',
    'SHA-256 of further CA certificates (DER) that a production stage may trust in addition to the two published ones, such as a new generation of JPKI’s CA that is not pinned yet. It weakens nothing else, and trusts nothing that `deployment.json` does not name',
    'the published pins alone',
  ),

  // where callers reach it
  domainName: define(
    text(/^(?=.{4,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)+$/),
    'api.example.jp',
    'The host name of the API: issuer and audience of tokens; the gateway’s own address is switched off',
    'the gateway’s own address',
  ),
  certificateArn: define(
    text(arn('acm')),
    'arn:aws:acm:…',
    'A certificate for `domainName` in ACM, in the same Region',
    'one is requested and proved in the hosted zone',
  ),
  hostedZoneId: define(
    text(/^Z[A-Z\d]{5,31}$/),
    'Z0123456789ABC',
    'The Route 53 zone that gets the record of `domainName`, and the proof of its certificate',
    'the output `DomainTarget` says what to put into the DNS',
  ),
  hostedZoneName: define(
    text(/^[a-z\d-]+(\.[a-z\d-]+)+$/),
    'example.jp',
    'The name of that zone',
    'needed with hostedZoneId',
  ),
  withoutDomain: define(
    flag,
    'true or false',
    'Says that a production stage shall answer at the gateway’s own address, which changes if the API is ever made anew: every token’s issuer with it',
    'false',
  ),
  publicBaseUrl: define(
    text(/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/),
    'https://api.example.jp',
    'The address at which a proxy of one’s own serves the API; excludes domainName',
    'https://domainName, else the gateway’s own address',
  ),
  mutualTlsTruststore: define(
    text(/^s3:\/\/[^/\s]+\/\S+$/),
    's3://bucket/truststore.pem',
    'CA certificates whose client certificates alone may connect (mutual TLS); needs domainName',
    'no client certificate is asked for',
  ),
  mutualTlsTruststoreVersion: define(
    text(/^\S+$/),
    'an object version',
    'The version of that object: an update of the truststore is a deployment',
    'the version at the time of the deployment',
  ),
  privateEndpointIds: define(
    list(/^vpce-[\da-f]+$/),
    'vpce-0123456789abcdef0',
    'Interface endpoints for execute-api through which alone the API is reached: an intranet, LGWAN',
    'the API is public',
  ),
  operatorNetworks: define(
    cidrs,
    '203.0.113.0/24',
    'From where alone the routes that register and change services answer',
    'from everywhere',
  ),

  // the way to J-LIS
  vpc: define(
    text(/^(own|vpc-[\da-f]+)$/),
    'own or vpc-0123456789abcdef0',
    'Functions that talk to J-LIS run inside: in a network made for them, or in one that exists',
    'no network: outgoing addresses change',
  ),
  vpcFunctions: define(
    placements.form,
    placements.like,
    '`all` places every function inside, those that call AWS alone without a way out',
    'jlis',
  ),
  vpcCidr: define(
    text(new RegExp(`^${cidr}$`)),
    '10.200.0.0/20',
    'The addresses of the own network',
    '10.200.0.0/20',
  ),
  vpcSubnetIds: define(
    list(/^subnet-[\da-f]+$/),
    'subnet-0123456789abcdef0',
    'Private subnets of an existing network that have the way to J-LIS',
    'needed with an existing network',
  ),
  vpcRouteTableIds: define(
    list(/^rtb-[\da-f]+$/),
    'rtb-0123456789abcdef0',
    'Route tables of those subnets: the endpoints for DynamoDB, S3, KMS, Step Functions and Logs are made there',
    'the existing network has its endpoints',
  ),
  egress: define(
    egressWays.form,
    egressWays.like,
    'How the own network reaches J-LIS: by NAT with fixed addresses, or by a private line',
    'nat',
  ),
  egressAllocationIds: define(
    list(/^eipalloc-[\da-f]+$/),
    'eipalloc-0123456789abcdef0',
    'Elastic IPs that J-LIS knows already, one for each of the two zones',
    'two are created, retained, and shown in the output `EgressAddresses`',
  ),
  privateLineGatewayId: define(
    text(/^(tgw|vgw)-[\da-f]+$/),
    'tgw-… or vgw-…',
    'The transit gateway or virtual private gateway of the private line',
    'needed with egress=private-line',
  ),
  privateLineCidrs: define(
    cidrs,
    '10.1.0.0/16,10.2.0.0/16',
    'What lies behind the private line',
    'needed with egress=private-line',
  ),
  crlSourceKeyArns: define(
    list(arn('kms')),
    'arn:aws:kms:…',
    'KMS keys of foreign buckets that hold lists (`s3://` sources)',
    'such lists are under S3’s own keys',
  ),

  // load
  rate: define(
    whole(1, 100_000),
    'requests a second',
    'Requests a second of each route, which API Gateway counts by itself; twice as many at once',
    '200; production 2000',
  ),
  heavyRate: define(
    whole(1, 10_000),
    'requests a second',
    'The same for bulk checks',
    '20; production 50',
  ),
  publicRate: define(
    whole(1, 10_000),
    'requests a second',
    'The same for each route that asks for no token: tokens, keys, documentation',
    'a quarter of `rate`',
  ),
  clientRate: define(
    whole(1, 10_000),
    'requests a second',
    'Requests a second of one client over all routes; twice as many at once',
    'a fifth of `rate`: five clients at full speed together fill a route',
  ),
  clientRequestsPerDay: define(
    whole(1, 2_000_000_000),
    'requests a day',
    'Requests of one client from midnight to midnight, UTC. A login takes three',
    '500000; production 5000000',
  ),
  checkedIdentifiersPerDay: define(
    whole(1, 2_000_000_000),
    'identifiers a day',
    'Serials that one service may ask for in bulk checks and jobs together, from midnight to midnight, UTC. A city of a quarter of a million asks four times; where a service has more people, set more, or a number of its own (PUT …/grants). Jobs by PPID do not count',
    '1000000',
  ),
  clientKeys: define(
    whole(1, 9_900),
    'clients',
    'Clients that can be registered in all, each with rate and quota of its own. More is a deployment; never fewer than are registered',
    '200',
  ),
  concurrencyLogins: define(
    whole(0, 10_000),
    'executions at once',
    'Reserved for each function that a login needs (authorizer, tokens, challenges, authentications, reading sessions); 0 reserves nothing',
    '0; production 50',
  ),
  concurrencyBulk: define(
    whole(0, 10_000),
    'executions at once',
    'The most that bulk checks may take; 0 sets no bound',
    '0; production 20',
  ),
  concurrencyJobs: define(
    whole(0, 10_000),
    'executions at once',
    'The most that the chunks of jobs may take; 0 sets no bound',
    '0; production 20',
  ),

  // operation
  alarmEmail: define(
    text(/^[^\s@]+@[^\s@]+$/),
    'operations@example.jp',
    'Who gets the alarms, after confirming AWS’s mail',
    'production needs this or alarmTopicArn',
  ),
  alarmTopicArn: define(
    text(arn('sns')),
    'arn:aws:sns:…',
    'A topic that exists; its policy and key must admit cloudwatch.amazonaws.com, and budgets.amazonaws.com with monthlyBudgetUsd',
    'a topic is made',
  ),
  ingestionSchedule: define(
    text(/^(cron|rate)\(.+\)$/),
    'cron(30 20 * * ? *)',
    'When lists are loaded, UTC',
    'cron(30 20 * * ? *): 05:30 in Japan',
  ),
  logRetentionDays: define(
    retention.form.transform((value) => Number(value) as 7 | 30 | 90 | 365 | 731),
    retention.like,
    'How long logs are kept',
    '7; test 90; production 731',
  ),
  firewall: define(flag, 'true or false', 'AWS WAF before the API', 'false; production true'),
  firewallRate: define(
    whole(100, 20_000_000),
    'requests in five minutes',
    'Requests of one address in five minutes, before it waits. A vendor’s many municipalities may share one address',
    'what `rate` lets through in five minutes',
  ),
  gatewayLoggingRole: define(
    flag,
    'true or false',
    'Sets the account-wide role by which API Gateway writes logs; false where another stack does',
    'true',
  ),
  monthlyBudgetUsd: define(
    whole(1, 10_000_000),
    'US dollars',
    'Tells the alarm recipient at 80 % and when 100 % of the account’s cost of a month is forecast',
    'no budget',
  ),

  // keys, restore, upgrade
  breakGlassRoleArns: define(
    list(arn('iam')),
    'arn:aws:iam::123456789012:role/break-glass',
    'The roles that alone may disable or delete a key, or change its policy to permit that',
    'only the account’s root user may',
  ),
  tokenKeys: define(
    text(/^\d{1,4}(,\d{1,4}){0,2}$/).transform((value) => value.split(',').map(Number)),
    '1 or 1,2 or 1,2,3',
    'Generations of the token key that are published; see tokenKey',
    '1',
  ),
  tokenKey: define(
    whole(1, 9999),
    'one of tokenKeys',
    'The generation that signs',
    'the first of tokenKeys',
  ),
  identityKeyVersion: define(
    whole(1, 9999),
    '2',
    'Version of the keys that file and seal persons; raised by one once all records are of the version before (docs/identifiers.md)',
    '1',
  ),
  webhookKey: define(
    whole(1, 9999),
    '2',
    'Generation of the key that signs notices to services; the one before signs beside it (docs/webhooks.md)',
    '1',
  ),
  webhookTargets: define(
    webhookTargets.form,
    webhookTargets.like,
    'Where notices to services may go: public addresses only, or loopback as well, for stages dev and sandbox',
    'public',
  ),
  deletionGraceDays: define(
    whole(1, 90),
    'days',
    'How long a person can cancel a deletion; it is executed in the night after',
    '14',
  ),
  openRequestsDays: define(
    whole(7, 365),
    'days',
    'How long a request on behalf of a person is kept that no second operator approves',
    String(retentionDefaults.openRequestsDays),
  ),
  decidedRequestsDays: define(
    whole(90, 3650),
    'days',
    'How long decided requests are kept as evidence: on behalf of persons, and for correction',
    String(retentionDefaults.decidedRequestsDays),
  ),
  waitingNumbersDays: define(
    whole(30, 1095),
    'days',
    'How long a user number waits for its person’s login since the service last handed it in; then it is deleted',
    String(retentionDefaults.waitingNumbersDays),
  ),
  canary: define(
    canaryPaces.form,
    canaryPaces.like,
    'How CodeDeploy moves requests to a new version: a tenth first and the rest after so many minutes, or a tenth every so many; it goes back where the new version fails',
    'all at once, without CodeDeploy',
  ),
  restoredTables: define(
    list(/^(Services|Sessions|Identity|Revocation|Jobs)=[\w.-]{3,255}$/),
    'Identity=identity-restored',
    'Tables that were restored under another name: functions, grants and alarms point at them',
    'the tables of the data stack',
  ),
  primaryKeys: define(
    list(
      new RegExp(
        String.raw`^(${replicatedKeys.join('|')})=arn:[\w-]+:kms:[\w-]+:\d{12}:key/mrk-[\da-f]{32}$`,
      ),
    ),
    'index=arn:aws:kms:…:key/mrk-…',
    `In a second Region: the primary keys of the first, of which the stacks make replicas; all of ${replicatedKeys.join(', ')}`,
    'the first Region: keys of its own',
  ),
  backup: define(
    flag,
    'true or false',
    'Daily backups of services and identities by AWS Backup, kept 35 days, in addition to point-in-time recovery',
    'false; production true',
  ),
  backupCopyVaultArn: define(
    text(arn('backup')),
    'arn:aws:backup:…',
    'A vault, best of another account, that gets a copy of every backup; needs backup',
    'no copy',
  ),
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof settings;

export type Settings = {
  readonly [Name in SettingName]?: z.output<(typeof settings)[Name]['form']>;
};

/** CodeDeploy's predefined configurations for Lambda (`LambdaCanary10Percent5Minutes`, `LambdaLinear…`). */
export type CanaryPace = NonNullable<Settings['canary']>;

/** An invalid or missing setting, with a one-line message for the terminal. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads the given settings and refuses unknown ones.
 * @throws ConfigurationError with a one-line message
 */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(context)) {
    if (isOfCdk(name)) continue;
    if (!(name in settings))
      throw new ConfigurationError(
        `-c ${name} is not a setting${nearestName(name, Object.keys(settings))}`,
      );
    if (value === undefined || value === '') continue;
    if (typeof value !== 'string') throw new ConfigurationError(`-c ${name} must be text`);
    const { form, like } = settings[name as SettingName];
    const parsed = form.safeParse(value);
    if (!parsed.success)
      throw new ConfigurationError(
        `-c ${name}=${value} must ${like.startsWith('one of ') ? 'be' : 'look like'} ${like}`,
      );
    read[name] = parsed.data;
  }
  return read;
}

/** CDK's own context (feature flags, looked-up values) has a colon or slash in its names. */
const isOfCdk = (name: string): boolean => /[:/]/.test(name) || name === 'cli-telemetry';
