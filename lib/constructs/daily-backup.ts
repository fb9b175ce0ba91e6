import { Duration, type Stack } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import { denyUndoing } from './guarded-key.ts';
import type { PlatformTable } from './platform-table.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { deploymentLimits } from '../limits.ts';

/**
 * A daily backup of the tables that cannot be reloaded: services and identities. Point-in-time
 * recovery corrects mistakes; this backup survives deletion of the table and, with a copy in
 * another account, loss of this account.
 */
export class DailyBackup extends Construct {
  constructor(
    scope: Stack,
    props: {
      readonly configuration: StageConfiguration;
      readonly tables: readonly PlatformTable[];
    },
  ) {
    super(scope, 'Backup');
    const { configuration, tables } = props;
    const { copyVaultArn } = configuration.backup;
    const encryptionKey = new Key(this, 'Key', {
      description: 'My Key Platform: backups',
      enableKeyRotation: true,
      removalPolicy: removalPolicyOf(configuration),
    });
    denyUndoing(encryptionKey, configuration, { grantsOfServices: true });
    const vault = new BackupVault(this, 'Vault', {
      encryptionKey,
      removalPolicy: removalPolicyOf(configuration),
    });
    const plan = new BackupPlan(this, 'Plan', {
      backupVault: vault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'Daily',
          // 03:30 in Japan.
          scheduleExpression: Schedule.cron({ hour: '18', minute: '30' }),
          deleteAfter: Duration.days(deploymentLimits.backupKeptDays),
          ...(copyVaultArn && {
            copyActions: [
              {
                destinationBackupVault: BackupVault.fromBackupVaultArn(
                  this,
                  'Copies',
                  copyVaultArn,
                ),
                deleteAfter: Duration.days(deploymentLimits.backupKeptDays),
              },
            ],
          }),
        }),
      ],
    });
    const selection = plan.addSelection('Tables', {
      resources: tables.map((table) => BackupResource.fromArn(table.servingArn)),
    });
    acknowledge(
      selection,
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
      "The role of AWS Backup's own service: AWS defines what it needs.",
    );
  }
}
