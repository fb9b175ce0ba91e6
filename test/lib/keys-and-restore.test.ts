import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { grantsOfFunctions } from './granted-actions.ts';
import { synthesisePlatform, type SynthesisedPlatform } from './synthesise-platform.ts';

interface KeyResource {
  readonly Properties: {
    readonly MultiRegion?: boolean;
    readonly Description: string;
    readonly KeyPolicy: { readonly Statement: readonly Statement[] };
  };
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
}

const breakGlass = 'arn:aws:iam::123456789012:role/break-glass';

const keysOf = (template: Template): KeyResource['Properties'][] =>
  Object.values(template.findResources('AWS::KMS::Key') as Record<string, KeyResource>).map(
    ({ Properties }) => Properties,
  );

describe('keys of a production stage', () => {
  let synthesised: SynthesisedPlatform;
  beforeAll(() => {
    synthesised = synthesisePlatform('production', {
      breakGlassRoleArns: breakGlass,
      tokenKeys: '1,2',
      tokenKey: '2',
    });
  });
  const guarded = () =>
    keysOf(synthesised.templates.data).filter(
      ({ Description }) => !/at rest|backups/.test(Description),
    );

  it('can be replicated to a second Region', () => {
    const kept = keysOf(synthesised.templates.data).filter(
      ({ Description }) => !Description.includes('backups'),
    );
    expect(kept.length).toBeGreaterThanOrEqual(6);
    for (const { MultiRegion } of kept) expect(MultiRegion).toBe(true);
  });

  it('refuse use to every role without the tag, and to every role of another path', () => {
    for (const { KeyPolicy } of guarded()) {
      const refusals = KeyPolicy.Statement.filter(
        ({ Effect, Action }) => Effect === 'Deny' && /kms:(GenerateMac|Sign)$/.test(String(Action)),
      );
      expect(refusals.map(({ Condition }) => Object.keys(Condition!)[0])).toEqual([
        'StringNotEquals',
        'ArnNotLike',
      ]);
    }
  });

  it('are not in the policy for operators at a terminal, nor is the table of persons', () => {
    const policies = Object.values(synthesised.templates).flatMap((template) =>
      Object.values(template.findResources('AWS::IAM::ManagedPolicy')),
    );
    expect(policies.length).toBeGreaterThan(0);
    for (const policy of policies) {
      expect(JSON.stringify(policy)).not.toMatch(/kms:|dynamodb:Scan|IdentityTable/);
    }
  });

  it('may be disabled and deleted by break-glass roles and the root user alone', () => {
    for (const { KeyPolicy } of keysOf(synthesised.templates.data)) {
      const refusal = KeyPolicy.Statement.find(({ Sid }) => Sid === 'OnlyBreakGlassEndsIt');
      expect(refusal).toMatchObject({
        Effect: 'Deny',
        Action: expect.arrayContaining(['kms:ScheduleKeyDeletion', 'kms:DisableKey']),
      });
      const but = refusal!.Condition!['ArnNotLike']!['aws:PrincipalArn']!;
      expect(but[0]).toBe(breakGlass);
      expect(JSON.stringify(but[1])).toMatch(/:root/);
      expect(but).toHaveLength(2);
    }
  });

  it('sign tokens with the configured generation, and verify with all', () => {
    const grants = {
      ...grantsOfFunctions(synthesised.templates.api),
    };
    const withSign = Object.entries(grants['Tokens']!).filter(([, actions]) =>
      actions.includes('kms:Sign'),
    );
    expect(withSign.map(([key]) => key)).toEqual(['Token2Key']);
    for (const name of ['Tokens', 'Authorizer'])
      expect(Object.keys(grants[name]!)).toEqual(expect.arrayContaining(['TokenKey', 'Token2Key']));
    synthesised.templates.api.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          TOKEN_KEY_ID: { 'Fn::ImportValue': Match.stringLikeRegexp('Token2Key') },
          OTHER_TOKEN_KEY_IDS: { 'Fn::ImportValue': Match.stringLikeRegexp('TokenKey') },
        }),
      },
    });
  });

  it('are monitored for deletion, and for use by principals other than the functions', () => {
    const { observability } = synthesised.templates;
    for (const eventName of ['DisableKey', 'GenerateMac'])
      observability.hasResourceProperties('AWS::Events::Rule', {
        State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
        EventPattern: Match.objectLike({
          source: ['aws.kms'],
          detail: Match.objectLike({ eventName: Match.arrayWith([eventName]) }),
        }),
      });
  });

  it('backs up services and persons every day, and copies to a vault elsewhere where told', () => {
    synthesised.templates.data.hasResourceProperties('AWS::Backup::BackupSelection', {
      BackupSelection: { Resources: [Match.anyValue(), Match.anyValue()] },
    });
    const backupCopyVaultArn = 'arn:aws:backup:ap-northeast-1:210987654321:backup-vault:copies';
    const { data } = synthesisePlatform('dev', { backup: 'true', backupCopyVaultArn }).templates;
    data.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          Match.objectLike({
            CopyActions: [Match.objectLike({ DestinationBackupVaultArn: backupCopyVaultArn })],
          }),
        ],
      },
    });
  });
});

describe('a trial', () => {
  it('lets its keys go with it', () => {
    for (const { KeyPolicy } of keysOf(synthesisePlatform('dev').templates.data))
      expect(KeyPolicy.Statement.map(({ Sid }) => Sid)).not.toContain('OnlyBreakGlassEndsIt');
  });
});

describe('a restored table', () => {
  it('is where functions, grants and alarms point, and the old one nowhere', () => {
    const { templates } = synthesisePlatform('dev', {
      restoredTables: 'Identity=identity-restored',
    });
    const grants = grantsOfFunctions(templates.api)['Authentications']!;
    expect(Object.keys(grants)).not.toContain('IdentityTable');
    expect(
      Object.keys(grants).filter((name) => name.endsWith('table/identity-restored')),
    ).toHaveLength(1);
    templates.api.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ IDENTITY_TABLE: 'identity-restored' }) },
    });
    const alarms = JSON.stringify(templates.observability.toJSON());
    expect(alarms).toContain('"Value":"identity-restored"');
    expect(alarms).not.toContain('IdentityTable');
  });
});

const primaryArn = (n: number): string =>
  `arn:aws:kms:ap-northeast-1:123456789012:key/mrk-${String(n).repeat(32)}`;

const policies = (template: Template, type: string): Map<string, unknown> =>
  new Map(
    Object.entries(template.findResources(type) as Record<string, KeyResource>).map(
      ([id, { Properties }]) => [id, Properties.KeyPolicy],
    ),
  );

describe('a second Region', () => {
  const names = ['data', 'index', 'service', 'bucket', 'ppid'];
  let data: Template;
  let firstRegion: Template;
  beforeAll(() => {
    firstRegion = synthesisePlatform('production').templates.data;
    const primaryKeys = names.map((name, n) => `${name}=${primaryArn(n)}`).join(',');
    data = synthesisePlatform('production', { primaryKeys }).templates.data;
  });

  it('has replicas of the keys that records need, with what AWS::KMS::ReplicaKey takes alone', () => {
    const replicas = Object.values(data.findResources('AWS::KMS::ReplicaKey')) as {
      Properties: Readonly<Record<string, unknown>>;
    }[];
    expect(
      replicas.map(({ Properties }) => String(Properties['PrimaryKeyArn'])).toSorted(),
    ).toEqual(names.map((_, n) => primaryArn(n)));
    for (const { Properties } of replicas)
      expect(Object.keys(Properties).toSorted()).toEqual(
        expect.arrayContaining(['Description', 'KeyPolicy', 'PrimaryKeyArn']),
      );
    for (const { Properties } of replicas)
      for (const name of Object.keys(Properties))
        expect([
          'Description',
          'KeyPolicy',
          'PendingWindowInDays',
          'PrimaryKeyArn',
          'Tags',
        ]).toContain(name);
  });

  it('guards each replica by the key policy of its primary key', () => {
    const primary = policies(firstRegion, 'AWS::KMS::Key');
    const replicas = policies(data, 'AWS::KMS::ReplicaKey');
    expect(replicas.size).toBe(names.length);
    for (const [id, policy] of replicas) expect(policy).toEqual(primary.get(id));
  });

  it('makes its own token and challenge keys', () => {
    const descriptions = keysOf(data).map(({ Description }) => Description);
    expect(descriptions.filter((text) => /access tokens|challenges/.test(text))).toHaveLength(2);
    expect(descriptions.filter((text) => /pairwise|certificate|serial|at rest/.test(text))).toEqual(
      [],
    );
  });
});
