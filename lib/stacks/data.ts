import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { AccessLogBucket } from '../constructs/access-log-bucket.ts';
import { ChallengeKey } from '../constructs/challenge-key.ts';
import { DailyBackup } from '../constructs/daily-backup.ts';
import { DataKey } from '../constructs/data-key.ts';
import { GuardedKey } from '../constructs/guarded-key.ts';
import { IdentityKeys } from '../constructs/identity-keys.ts';
import { JobsBucket } from '../constructs/jobs-bucket.ts';
import { PlatformTable } from '../constructs/platform-table.ts';
import { PpidKey } from '../constructs/ppid-key.ts';
import { RevocationBucket } from '../constructs/revocation-bucket.ts';
import { TokenKeys } from '../constructs/token-key.ts';
import { WebhookKeys } from '../constructs/webhook-keys.ts';

/** Resources that outlive deployments of code: tables, keys, buckets. */
export class DataStack extends Stack {
  /** Organisations, services, clients and their keys. */
  readonly services: PlatformTable;
  /** Short-lived items: challenges, used assertions, idempotency records. */
  readonly sessions: PlatformTable;
  /** Subjects, the certificate index, PPIDs, links to user numbers. */
  readonly identity: PlatformTable;
  /** Pages, generations and pointers of revocation lists. */
  readonly revocation: PlatformTable;
  /** Bulk jobs and their progress. */
  readonly jobs: PlatformTable;

  readonly ppidKey: PpidKey;
  readonly identityKeys: IdentityKeys;
  readonly challengeKey: ChallengeKey;
  readonly tokenKey: TokenKeys;
  /** Sign notices to services. */
  readonly webhookKeys: WebhookKeys;

  readonly dataKey: DataKey;

  readonly revocationBucket: RevocationBucket;
  readonly jobsBucket: JobsBucket;

  constructor(
    scope: Construct,
    id: string,
    props: StackProps & { readonly configuration: StageConfiguration },
  ) {
    super(scope, id, props);
    const { configuration } = props;
    const dataKey = new DataKey(this, configuration);
    this.dataKey = dataKey;
    const table = { configuration, dataKey };
    this.services = new PlatformTable(this, 'Services', table);
    this.sessions = new PlatformTable(this, 'Sessions', { ...table, itemsExpire: true });
    this.identity = new PlatformTable(this, 'Identity', { ...table, itemsExpire: true });
    this.revocation = new PlatformTable(this, 'Revocation', { ...table, itemsExpire: true });
    this.jobs = new PlatformTable(this, 'Jobs', { ...table, itemsExpire: true });

    this.ppidKey = new PpidKey(this, configuration);
    this.identityKeys = new IdentityKeys(this, configuration);
    this.challengeKey = new ChallengeKey(this, configuration);
    this.tokenKey = new TokenKeys(this, configuration);
    this.webhookKeys = new WebhookKeys(this, configuration);

    const accessLog = new AccessLogBucket(this, configuration);
    this.revocationBucket = new RevocationBucket(this, { configuration, dataKey, accessLog });
    this.jobsBucket = new JobsBucket(this, { configuration, dataKey, accessLog });
    if (configuration.backup.daily)
      new DailyBackup(this, { configuration, tables: [this.services, this.identity] });
  }

  /** Keys whose use is restricted to few functions. */
  get guardedKeys(): readonly GuardedKey[] {
    return this.node.findAll().filter((found) => found instanceof GuardedKey);
  }
}
