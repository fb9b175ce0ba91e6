import { fileURLToPath } from 'node:url';
import {
  type CanaryPace,
  ConfigurationError,
  readSettings,
  replicatedKeys,
  retentionDefaults,
  type Settings,
} from './settings.ts';

export { ConfigurationError } from './settings.ts';

/**
 * Stage settings, typed and validated before anything is built. Stage defaults are below; the CDK
 * context (`cdk … -c name=value`) selects the stage and supplies operator settings, as defined in
 * `settings.ts`.
 */
export interface StageConfiguration {
  readonly stage: StageName;
  /** Content of deployment.json: trust profile and operator key, bundled into every function. */
  readonly deploymentFile: string;
  /** Public base URL of the API without a trailing slash; undefined: the gateway's own URL. */
  readonly publicBaseUrl?: string;
  readonly address: ApiAddress;
  /** Network of the functions that call J-LIS; undefined: Lambda's own network. */
  readonly network?: OwnNetwork | ExistingNetwork;
  /**
   * Removal policy of tables, keys and buckets when their stack is deleted; `retain` also enables
   * deletion protection.
   */
  readonly stored: 'retain' | 'destroy';
  /** One of CloudWatch's retention periods. */
  readonly logRetentionDays: 7 | 30 | 90 | 365 | 731;
  readonly alarms: AlarmRecipients;
  /**
   * Requests per second and burst of each route; `heavy` for bulk checks, `public` for routes
   * without a token.
   */
  readonly throttling: {
    readonly rate: number;
    readonly burst: number;
    readonly heavyRate: number;
    readonly publicRate: number;
  };
  /** Limits of one client, and the maximum number of clients. */
  readonly clients: {
    readonly rate: number;
    readonly burst: number;
    readonly requestsPerDay: number;
    /** Total number of API keys for clients. */
    readonly keys: number;
  };
  /** Serials that one service may check in bulk and in jobs in a day. */
  readonly checkedIdentifiersPerDay: number;
  /** Concurrent executions by class; 0 neither reserves nor limits. */
  readonly concurrency: {
    readonly logins: number;
    readonly bulk: number;
    readonly jobs: number;
    /** Functions of which one execution is enough; without the reservation, more are correct too. */
    readonly single: 0 | 1;
  };
  /** EventBridge schedule expression in UTC. J-LIS issues its lists daily. */
  readonly ingestionSchedule: string;
  /** Age in hours above which a list in service raises an alarm. */
  readonly listAgeAlarmHours: number;
  /** KMS keys of external buckets that contain lists. */
  readonly crlSourceKeyArns: readonly string[];
  /** AWS WAF managed rules for the API: about 10 USD a month. */
  readonly firewall: boolean;
  /** Requests from one address in five minutes. */
  readonly firewallRate: number;
  readonly tracing: boolean;
  /**
   * Sets the account-wide role with which API Gateway writes logs; false if another stack sets it.
   */
  readonly gatewayLoggingRole: boolean;
  /**
   * Key version for indexing and sealing people's records; records of the previous version remain
   * readable. After a change, `reseal` rewrites the table (`docs/identifiers.md`).
   */
  readonly identityKeyVersion: number;
  /** Generation of the key that signs notices to services; the one before signs beside it. */
  readonly webhookKey: number;
  /** `loopback` permits endpoints on the machine itself, as a sandbox has them. */
  readonly webhookTargets: 'public' | 'loopback';
  /** How long a person can cancel a deletion. */
  readonly deletionGraceDays: number;
  /** How long requests of persons and waiting user numbers are kept (docs/data-inventory.md). */
  readonly retention: {
    readonly openRequestsDays: number;
    readonly decidedRequestsDays: number;
    readonly waitingNumbersDays: number;
  };
  /** SHA-256 (hex) of production anchors in addition to the published pins. */
  readonly furtherAnchorPins: readonly string[];
  readonly monthlyBudgetUsd?: number;
  readonly keys: {
    /** The only roles that may disable and delete keys. */
    readonly breakGlassRoleArns: readonly string[];
    /** Published generations of the token key, and the one that signs. */
    readonly tokenGenerations: readonly number[];
    readonly tokenGeneration: number;
    /**
     * In a second Region: ARNs of the primary keys to replicate, by name (`replicatedKeys`); none in
     * the first.
     */
    readonly primaryArns: Readonly<Record<string, string>>;
  };
  /** How requests move to a new version; all at once when undefined. */
  readonly canary?: CanaryPace;
  /** Names of restored tables by the original table: `Identity` → `identity-restored`. */
  readonly restoredTables: Readonly<Record<string, string>>;
  readonly backup: { readonly daily: boolean; readonly copyVaultArn?: string };
}

export type StageName = 'dev' | 'sandbox' | 'test' | 'production';

export interface AlarmRecipients {
  readonly email?: string;
  /** An existing topic; otherwise the platform creates one. */
  readonly topicArn?: string;
}

export interface ApiAddress {
  readonly domain?: {
    readonly name: string;
    readonly certificateArn?: string;
    readonly hostedZone?: { readonly id: string; readonly name: string };
  };
  readonly mutualTls?: {
    readonly bucket: string;
    readonly key: string;
    readonly version?: string;
  };
  /** Interface endpoints; if not empty, the API is private. */
  readonly privateEndpointIds: readonly string[];
  /** Networks from which operator routes answer; empty: from anywhere. */
  readonly operatorNetworks: readonly string[];
}

interface Placement {
  /** `all` places every function in the network; those that call AWS alone have no route out. */
  readonly functions: 'jlis' | 'all';
}

export interface OwnNetwork extends Placement {
  readonly kind: 'own';
  readonly cidr: string;
  readonly egress:
    | { readonly way: 'nat'; readonly allocationIds: readonly string[] }
    | {
        readonly way: 'private-line';
        readonly gatewayId: string;
        readonly cidrs: readonly string[];
      };
}

export interface ExistingNetwork extends Placement {
  readonly kind: 'existing';
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** If not empty, endpoints are created there. */
  readonly routeTableIds: readonly string[];
}

type StageDefaults = Pick<
  StageConfiguration,
  'stored' | 'logRetentionDays' | 'listAgeAlarmHours' | 'firewall' | 'tracing' | 'concurrency'
> & {
  readonly rate: number;
  readonly burst: number;
  readonly heavyRate: number;
  readonly requestsPerDay: number;
  readonly checkedIdentifiersPerDay: number;
  readonly backup: boolean;
};

const trial: StageDefaults = {
  stored: 'destroy',
  logRetentionDays: 7,
  rate: 200,
  burst: 400,
  heavyRate: 20,
  requestsPerDay: 500_000,
  checkedIdentifiersPerDay: 1_000_000,
  listAgeAlarmHours: 30,
  firewall: false,
  tracing: false,
  // A new account has ten concurrent executions in total, and AWS lets no reservation go below them:
  // a single one would fail the deployment.
  concurrency: { logins: 0, bulk: 0, jobs: 0, single: 0 },
  backup: false,
};

const stageDefaults: Readonly<Record<StageName, StageDefaults>> = {
  dev: trial,
  // The sandbox runs this stage; its benchmarks must not be throttled.
  sandbox: {
    ...trial,
    rate: 10_000,
    burst: 5_000,
    heavyRate: 1_000,
    requestsPerDay: 1_000_000_000,
    concurrency: { ...trial.concurrency, single: 1 },
    checkedIdentifiersPerDay: 1_000_000_000,
  },
  test: { ...trial, stored: 'retain', logRetentionDays: 90, tracing: true },
  production: {
    stored: 'retain',
    logRetentionDays: 731,
    rate: 2_000,
    burst: 4_000,
    heavyRate: 50,
    // A login takes three requests: 1.6 million logins of one service a day.
    requestsPerDay: 5_000_000,
    // A city of a quarter of a million, four times, in bulk checks and jobs together.
    checkedIdentifiersPerDay: 1_000_000,
    listAgeAlarmHours: 30,
    firewall: true,
    tracing: true,
    // At 300 logins a second, each login function needs about 30 concurrent executions of 100 ms.
    concurrency: { logins: 50, bulk: 20, jobs: 20, single: 1 },
    backup: true,
  },
};

/** Default deployment of `cdk synth`; for stage dev only. */
export const exampleDeploymentFile = fileURLToPath(
  new URL('./deployment/example-deployment.json', import.meta.url),
);

/**
 * Reads and validates the settings.
 * @throws ConfigurationError with a one-line message
 */
export function readConfiguration(context: Readonly<Record<string, unknown>>): StageConfiguration {
  const given = readSettings(context);
  const stage = given.stage ?? 'dev';
  const defaults = stageDefaults[stage];
  const deploymentFile = given.deployment ?? (stage === 'dev' ? exampleDeploymentFile : undefined);
  if (deploymentFile === undefined)
    throw new ConfigurationError(
      `stage ${stage} needs -c deployment=<path of its deployment.json>`,
    );
  if (stage === 'production' && !given.alarmEmail && !given.alarmTopicArn)
    throw new ConfigurationError('stage production needs -c alarmEmail=… or -c alarmTopicArn=…');
  const publicBaseUrl = publicBaseUrlOf(given, stage);
  if (given.monthlyBudgetUsd && !given.alarmEmail && !given.alarmTopicArn)
    throw new ConfigurationError(
      '-c monthlyBudgetUsd needs -c alarmEmail=… or -c alarmTopicArn=…as recipient',
    );
  const rate = given.rate ?? defaults.rate;
  const network = networkOf(given);

  return {
    stage,
    deploymentFile,
    ...(publicBaseUrl === undefined ? {} : { publicBaseUrl }),
    address: addressOf(given, stage),
    ...(network && { network }),
    stored: defaults.stored,
    logRetentionDays: given.logRetentionDays ?? defaults.logRetentionDays,
    alarms: {
      ...(given.alarmEmail && { email: given.alarmEmail }),
      ...(given.alarmTopicArn && { topicArn: given.alarmTopicArn }),
    },
    throttling: {
      rate,
      burst: given.rate === undefined ? defaults.burst : given.rate * 2,
      heavyRate: given.heavyRate ?? defaults.heavyRate,
      publicRate: given.publicRate ?? Math.ceil(rate / 4),
    },
    clients: clientsOf(given, rate, defaults.requestsPerDay),
    checkedIdentifiersPerDay: given.checkedIdentifiersPerDay ?? defaults.checkedIdentifiersPerDay,
    concurrency: {
      logins: given.concurrencyLogins ?? defaults.concurrency.logins,
      bulk: given.concurrencyBulk ?? defaults.concurrency.bulk,
      jobs: given.concurrencyJobs ?? defaults.concurrency.jobs,
      single: defaults.concurrency.single,
    },
    // 05:30 in Japan, after the nightly issue of the lists.
    ingestionSchedule: given.ingestionSchedule ?? 'cron(30 20 * * ? *)',
    listAgeAlarmHours: defaults.listAgeAlarmHours,
    crlSourceKeyArns: given.crlSourceKeyArns ?? [],
    firewall: given.firewall ?? defaults.firewall,
    firewallRate: given.firewallRate ?? rate * 300,
    tracing: defaults.tracing,
    gatewayLoggingRole: given.gatewayLoggingRole ?? true,
    identityKeyVersion: given.identityKeyVersion ?? 1,
    deletionGraceDays: given.deletionGraceDays ?? 14,
    retention: {
      openRequestsDays: given.openRequestsDays ?? retentionDefaults.openRequestsDays,
      decidedRequestsDays: given.decidedRequestsDays ?? retentionDefaults.decidedRequestsDays,
      waitingNumbersDays: given.waitingNumbersDays ?? retentionDefaults.waitingNumbersDays,
    },
    webhookKey: given.webhookKey ?? 1,
    webhookTargets: webhookTargetsOf(given, stage),
    furtherAnchorPins: given.furtherAnchorPins ?? [],
    ...(given.monthlyBudgetUsd && { monthlyBudgetUsd: given.monthlyBudgetUsd }),
    keys: keysOf(given),
    ...(given.canary && { canary: given.canary }),
    restoredTables: restoredTablesOf(given),
    backup: backupOf(given, defaults.backup),
  };
}

/** A fifth of a route's rate: five clients at full rate saturate a route. */
function clientsOf(
  given: Settings,
  apiRate: number,
  requestsPerDay: number,
): StageConfiguration['clients'] {
  const rate = given.clientRate ?? Math.ceil(apiRate / 5);
  return {
    rate,
    burst: rate * 2,
    requestsPerDay: given.clientRequestsPerDay ?? requestsPerDay,
    keys: given.clientKeys ?? 200,
  };
}

function webhookTargetsOf(given: Settings, stage: StageName): 'public' | 'loopback' {
  const targets = given.webhookTargets ?? 'public';
  if (targets === 'loopback' && stage !== 'sandbox' && stage !== 'dev')
    throw new ConfigurationError('-c webhookTargets=loopback is for stages dev and sandbox');
  return targets;
}

function publicBaseUrlOf(given: Settings, stage: StageName): string | undefined {
  excludes(given, 'domainName', ['publicBaseUrl', 'withoutDomain']);
  const url = given.publicBaseUrl?.replace(/\/$/, '');
  if (stage === 'production' && url !== undefined && !url.startsWith('https:'))
    throw new ConfigurationError('-c publicBaseUrl must be https in stage production');
  return given.domainName === undefined ? url : `https://${given.domainName}`;
}

function addressOf(given: Settings, stage: StageName): ApiAddress {
  const { domainName, certificateArn, hostedZoneId, hostedZoneName, mutualTlsTruststore } = given;
  if (
    stage === 'production' &&
    domainName === undefined &&
    given.publicBaseUrl === undefined &&
    given.withoutDomain !== true
  )
    throw new ConfigurationError(
      'stage production needs -c domainName=…, or -c publicBaseUrl=… where a proxy has the name, or -c withoutDomain=true',
    );
  needs(given, 'certificateArn', 'domainName');
  needs(given, 'hostedZoneId', 'domainName');
  needs(given, 'hostedZoneId', 'hostedZoneName');
  needs(given, 'hostedZoneName', 'hostedZoneId');
  needs(given, 'mutualTlsTruststore', 'domainName');
  needs(given, 'mutualTlsTruststoreVersion', 'mutualTlsTruststore');
  // API Gateway supports no mutual TLS for private APIs.
  excludes(given, 'mutualTlsTruststore', ['privateEndpointIds']);
  if (domainName !== undefined && certificateArn === undefined && hostedZoneId === undefined)
    throw new ConfigurationError(
      '-c domainName needs -c certificateArn=…, or -c hostedZoneId=… and hostedZoneName=… to request one',
    );
  if (hostedZoneName !== undefined && !`.${domainName}`.endsWith(`.${hostedZoneName}`))
    throw new ConfigurationError(`-c domainName=${domainName} is not in zone ${hostedZoneName}`);
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(mutualTlsTruststore ?? '') ?? [];
  const version = given.mutualTlsTruststoreVersion;
  return {
    ...(domainName && {
      domain: {
        name: domainName,
        ...(certificateArn && { certificateArn }),
        ...(hostedZoneId && { hostedZone: { id: hostedZoneId, name: hostedZoneName! } }),
      },
    }),
    ...(mutualTlsTruststore && { mutualTls: { bucket, key, ...(version && { version }) } }),
    privateEndpointIds: given.privateEndpointIds ?? [],
    operatorNetworks: given.operatorNetworks ?? [],
  };
}

function networkOf(given: Settings): OwnNetwork | ExistingNetwork | undefined {
  const { vpc } = given;
  needs(given, 'vpcFunctions', 'vpc');
  const ownOnly = [
    'vpcCidr',
    'egress',
    'egressAllocationIds',
    'privateLineGatewayId',
    'privateLineCidrs',
  ] as const;
  const existingOnly = ['vpcSubnetIds', 'vpcRouteTableIds'] as const;
  const functions = given.vpcFunctions ?? 'jlis';
  if (vpc === undefined || vpc === 'own') {
    for (const name of existingOnly)
      if (given[name] !== undefined)
        throw new ConfigurationError(`-c ${name} needs -c vpc=vpc-…, a network that exists`);
  }
  if (vpc !== 'own')
    for (const name of ownOnly)
      if (given[name] !== undefined)
        throw new ConfigurationError(
          `-c ${name} needs -c vpc=own: it applies to that network only`,
        );
  if (vpc === undefined) return undefined;
  if (vpc !== 'own') {
    if (given.vpcSubnetIds === undefined)
      throw new ConfigurationError(`-c vpc=${vpc} needs -c vpcSubnetIds=subnet-…,subnet-…`);
    return {
      kind: 'existing',
      functions,
      vpcId: vpc,
      subnetIds: given.vpcSubnetIds,
      routeTableIds: given.vpcRouteTableIds ?? [],
    };
  }
  return {
    kind: 'own',
    functions,
    cidr: given.vpcCidr ?? '10.200.0.0/20',
    egress: egressOf(given),
  };
}

/** Number of availability zones of the own network: Lambda and NAT need two for redundancy. */
export const networkZones = 2;

function egressOf(given: Settings): OwnNetwork['egress'] {
  const { egressAllocationIds, privateLineGatewayId, privateLineCidrs } = given;
  if (given.egress === 'private-line') {
    excludes(given, 'egress', ['egressAllocationIds'], 'private-line');
    if (privateLineGatewayId === undefined || privateLineCidrs === undefined)
      throw new ConfigurationError(
        '-c egress=private-line needs -c privateLineGatewayId=… and -c privateLineCidrs=…',
      );
    return { way: 'private-line', gatewayId: privateLineGatewayId, cidrs: privateLineCidrs };
  }
  for (const name of ['privateLineGatewayId', 'privateLineCidrs'] as const)
    if (given[name] !== undefined)
      throw new ConfigurationError(`-c ${name} needs -c egress=private-line`);
  if (egressAllocationIds !== undefined && egressAllocationIds.length !== networkZones)
    throw new ConfigurationError(`-c egressAllocationIds needs ${networkZones}: one a zone`);
  return { way: 'nat', allocationIds: egressAllocationIds ?? [] };
}

function keysOf(given: Settings): StageConfiguration['keys'] {
  const tokenGenerations = given.tokenKeys ?? [1];
  const tokenGeneration = given.tokenKey ?? tokenGenerations[0]!;
  if (new Set(tokenGenerations).size < tokenGenerations.length)
    throw new ConfigurationError('-c tokenKeys names a generation twice');
  if (!tokenGenerations.includes(tokenGeneration))
    throw new ConfigurationError(
      `-c tokenKey=${tokenGeneration} is none of tokenKeys ${tokenGenerations.join(',')}: verifiers would not have its public key`,
    );
  return {
    breakGlassRoleArns: given.breakGlassRoleArns ?? [],
    tokenGenerations,
    tokenGeneration,
    primaryArns: primaryArnsOf(given),
  };
}

function primaryArnsOf({ primaryKeys = [] }: Settings): Readonly<Record<string, string>> {
  if (primaryKeys.length === 0) return {};
  const byName = primaryKeys.map((pair) => pair.split('=') as [string, string]);
  if (new Set(byName.map(([name]) => name)).size < byName.length)
    throw new ConfigurationError('-c primaryKeys names a key twice');
  if (new Set(byName.map(([, keyArn]) => keyArn)).size < byName.length)
    throw new ConfigurationError('-c primaryKeys gives one ARN to two keys');
  const primaryArns = Object.fromEntries(byName);
  const missing = replicatedKeys.filter((name) => primaryArns[name] === undefined);
  // Without one of them, the restored records could not be found, read or extended.
  if (missing.length > 0)
    throw new ConfigurationError(`-c primaryKeys lacks ${missing.join(', ')}: name all five keys`);
  return primaryArns;
}

function restoredTablesOf({ restoredTables = [] }: Settings): Readonly<Record<string, string>> {
  const byTable = restoredTables.map((pair) => pair.split('=') as [string, string]);
  if (new Set(byTable.map(([table]) => table)).size < byTable.length)
    throw new ConfigurationError('-c restoredTables names a table twice');
  return Object.fromEntries(byTable);
}

function backupOf(given: Settings, otherwise: boolean): StageConfiguration['backup'] {
  const daily = given.backup ?? otherwise;
  const { backupCopyVaultArn: copyVaultArn } = given;
  if (copyVaultArn !== undefined && !daily)
    throw new ConfigurationError('-c backupCopyVaultArn needs -c backup=true');
  return { daily, ...(copyVaultArn && { copyVaultArn }) };
}

function needs(given: Settings, name: keyof Settings, other: keyof Settings): void {
  if (given[name] !== undefined && given[other] === undefined)
    throw new ConfigurationError(`-c ${name} needs -c ${other}=…`);
}

function excludes(
  given: Settings,
  name: keyof Settings,
  others: readonly (keyof Settings)[],
  value?: string,
): void {
  const found = others.find((other) => given[other] !== undefined && given[other] !== false);
  if (given[name] !== undefined && found !== undefined)
    throw new ConfigurationError(
      `-c ${name}${value ? `=${value}` : ''} and -c ${found} exclude each other: give one`,
    );
}
