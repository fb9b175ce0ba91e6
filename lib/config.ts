import { fileURLToPath } from 'node:url';

/**
 * What differs between stages, typed and checked before anything is built. The defaults of a stage
 * stand below; the context (`cdk … -c name=value`) names the stage and what only the operator knows.
 */
export interface StageConfiguration {
  readonly stage: StageName;
  /** deployment.json: the trust profile and the operator's key, bundled into every function. */
  readonly deploymentFile: string;
  /** Where callers reach the API, without a trailing slash; the gateway's own address when undefined. */
  readonly publicBaseUrl?: string;
  /** What becomes of tables, keys and buckets when their stack goes; `retain` also protects them from deletion. */
  readonly stored: 'retain' | 'destroy';
  /** One of CloudWatch's retention periods. */
  readonly logRetentionDays: 7 | 30 | 90 | 365 | 731;
  readonly alarms: AlarmRecipients;
  /** Requests a second and burst for the whole API; `heavy` for bulk checks and other long calls. */
  readonly throttling: {
    readonly rate: number;
    readonly burst: number;
    readonly heavyRate: number;
  };
  /** EventBridge schedule expression, UTC. J-LIS issues its lists once a day. */
  readonly ingestionSchedule: string;
  /** The age in hours above which a list that serves raises an alarm. */
  readonly listAgeAlarmHours: number;
  /** Managed WAF rules before the API: about 10 USD a month. */
  readonly firewall: boolean;
  readonly tracing: boolean;
  /** Sets the account-wide role by which API Gateway writes logs; false where another stack sets it. */
  readonly gatewayLoggingRole: boolean;
  /**
   * Names and seals of persons' records are made with keys of this version; those of the version before
   * are still read. A higher one is followed by `npx mykey identity reseal`.
   */
  readonly identityKeyVersion: number;
  /** SHA-256 (hex) of further production anchors, beside the published pins. */
  readonly furtherAnchorPins: readonly string[];
}

export type StageName = 'dev' | 'sandbox' | 'test' | 'production';

export interface AlarmRecipients {
  readonly email?: string;
  /** A topic that exists; else the platform creates its own. */
  readonly topicArn?: string;
}

/** A wrong or missing setting, in one line for the person at the terminal. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

type StageDefaults = Pick<
  StageConfiguration,
  | 'stored'
  | 'logRetentionDays'
  | 'throttling'
  | 'listAgeAlarmHours'
  | 'firewall'
  | 'tracing'
  | 'gatewayLoggingRole'
>;

const trial: StageDefaults = {
  stored: 'destroy',
  logRetentionDays: 7,
  throttling: { rate: 200, burst: 400, heavyRate: 20 },
  listAgeAlarmHours: 30,
  firewall: false,
  tracing: false,
  gatewayLoggingRole: true,
};

const stageDefaults: Readonly<Record<StageName, StageDefaults>> = {
  dev: trial,
  // A laptop serves this one: its benchmarks must not meet a throttle.
  sandbox: { ...trial, throttling: { rate: 10_000, burst: 5_000, heavyRate: 1_000 } },
  test: { ...trial, stored: 'retain', logRetentionDays: 90, tracing: true },
  production: {
    stored: 'retain',
    logRetentionDays: 731,
    throttling: { rate: 2_000, burst: 4_000, heavyRate: 50 },
    listAgeAlarmHours: 30,
    firewall: true,
    tracing: true,
    gatewayLoggingRole: true,
  },
};

/** The deployment that `cdk synth` takes where none is named; only for stage dev. */
export const exampleDeploymentFile = fileURLToPath(
  new URL('./deployment/example-deployment.json', import.meta.url),
);

const settings = [
  'stage',
  'deployment',
  'publicBaseUrl',
  'alarmEmail',
  'alarmTopicArn',
  'ingestionSchedule',
  'logRetentionDays',
  'firewall',
  'gatewayLoggingRole',
  'furtherAnchorPins',
  'identityKeyVersion',
] as const;

/** Reads and checks the settings. @throws ConfigurationError in one line */
export function readConfiguration(
  context: (name: (typeof settings)[number]) => unknown,
): StageConfiguration {
  const text = (name: (typeof settings)[number]): string | undefined => {
    const value = context(name);
    if (value === undefined || value === '') return undefined;
    if (typeof value !== 'string') throw new ConfigurationError(`-c ${name} must be text`);
    return value;
  };
  const matching = (name: (typeof settings)[number], form: RegExp, example: string) => {
    const value = text(name);
    if (value !== undefined && !form.test(value))
      throw new ConfigurationError(`-c ${name}=${value} must look like ${example}`);
    return value;
  };
  const flag = (name: (typeof settings)[number], otherwise: boolean): boolean =>
    (matching(name, /^(true|false)$/, 'true or false') ?? String(otherwise)) === 'true';

  const stage = oneOf('stage', text('stage') ?? 'dev', ['dev', 'sandbox', 'test', 'production']);
  const defaults = stageDefaults[stage];
  const deploymentFile =
    text('deployment') ?? (stage === 'dev' ? exampleDeploymentFile : undefined);
  if (deploymentFile === undefined)
    throw new ConfigurationError(
      `stage ${stage} needs -c deployment=<path of its deployment.json>`,
    );
  const publicBaseUrl = matching(
    'publicBaseUrl',
    /^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/,
    'https://api.example.jp',
  )?.replace(/\/$/, '');
  if (stage === 'production' && publicBaseUrl !== undefined && !publicBaseUrl.startsWith('https:'))
    throw new ConfigurationError('-c publicBaseUrl must be https in stage production');
  const email = matching('alarmEmail', /^[^\s@]+@[^\s@]+$/, 'operations@example.jp');
  const topicArn = matching('alarmTopicArn', /^arn:[\w-]+:sns:[\w-]*:\d{12}:\S+$/, 'arn:aws:sns:…');
  if (stage === 'production' && email === undefined && topicArn === undefined)
    throw new ConfigurationError('stage production needs -c alarmEmail=… or -c alarmTopicArn=…');
  const retention = text('logRetentionDays');

  return {
    ...defaults,
    stage,
    deploymentFile,
    ...(publicBaseUrl === undefined ? {} : { publicBaseUrl }),
    alarms: { ...(email && { email }), ...(topicArn && { topicArn }) },
    // 05:30 in Japan, after the night's issue.
    ingestionSchedule:
      matching('ingestionSchedule', /^(cron|rate)\(.+\)$/, 'cron(30 20 * * ? *)') ??
      'cron(30 20 * * ? *)',
    logRetentionDays: retention ? retentionDays(retention) : defaults.logRetentionDays,
    firewall: flag('firewall', defaults.firewall),
    gatewayLoggingRole: flag('gatewayLoggingRole', defaults.gatewayLoggingRole),
    identityKeyVersion: Number(matching('identityKeyVersion', /^[1-9]\d{0,3}$/, '2') ?? '1'),
    furtherAnchorPins:
      matching('furtherAnchorPins', /^[0-9a-f]{64}(,[0-9a-f]{64})*$/, 'a SHA-256 in hex')?.split(
        ',',
      ) ?? [],
  };
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new ConfigurationError(`-c ${name}=${value} must be one of ${allowed.join(', ')}`);
  return found;
}

function retentionDays(value: string): StageConfiguration['logRetentionDays'] {
  const days = Number(value);
  if (days === 7 || days === 30 || days === 90 || days === 365 || days === 731) return days;
  throw new ConfigurationError(`-c logRetentionDays=${value} must be one of 7, 30, 90, 365, 731`);
}
