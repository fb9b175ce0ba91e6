import { Lazy, Stack, Tags } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, type KeyProps } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { PlatformFunction } from './platform-function.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { makeReplica } from './replica-key.ts';

export interface GuardedKeyProps extends Pick<KeyProps, 'keySpec' | 'keyUsage'> {
  readonly configuration: StageConfiguration;
  /** Names the alias and the tag of roles that may use it, such as `index`. */
  readonly name: string;
  readonly purpose: string;
  /**
   * KMS actions that only granted functions may use, whatever IAM policies of the account allow.
   */
  readonly use: readonly string[];
}

/** Actions that disable or delete a key, or change its key policy. */
const undoing = [
  'kms:ScheduleKeyDeletion',
  'kms:DisableKey',
  'kms:DeleteImportedKeyMaterial',
  'kms:UpdatePrimaryRegion',
  'kms:DisableKeyRotation',
];

/**
 * A multi-Region key whose key policy denies its use to every role except those granted by tag and
 * ARN. Where data is retained, it also denies disabling and deletion to everyone but the
 * break-glass roles. Multi-Region cannot be enabled later; a second Region needs it. There, the key
 * is the replica of the primary key that `primaryKeys` names.
 */
export abstract class GuardedKey extends Key {
  readonly #tag: string;
  readonly #stage: string;
  readonly #users = new Set<string>();
  readonly #use: readonly string[];

  constructor(scope: Construct, id: string, props: GuardedKeyProps) {
    const { configuration, name, purpose, use, ...kind } = props;
    super(scope, id, {
      ...kind,
      alias: `my-key-platform/${configuration.stage}/${name}`,
      description: `My Key Platform: ${purpose}`,
      multiRegion: true,
      removalPolicy: removalPolicyOf(configuration),
    });
    this.#stage = configuration.stage;
    this.#tag = `my-key-platform:uses-${name}-key`;
    this.#use = use;
    const refuse = (sid: string, conditions: Record<string, Record<string, unknown>>): void => {
      this.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: [...use],
          resources: ['*'],
          conditions,
        }),
      );
    };
    refuse('OnlyRolesWithItsTag', {
      StringNotEquals: { [`aws:PrincipalTag/${this.#tag}`]: configuration.stage },
    });
    refuse('OnlyRolesOfItsFunctions', {
      ArnNotLike: { 'aws:PrincipalArn': Lazy.list({ produce: () => [...this.#users].sort() }) },
    });
    denyUndoing(this, configuration);
    const primaryArn = configuration.keys.primaryArns[name];
    if (primaryArn !== undefined) makeReplica(this, primaryArn);
  }

  /** Grants use: in the role, in the key policy, and in the function's environment. */
  protected grantUse(
    fn: PlatformFunction,
    environmentName: string,
    actions: readonly string[] = this.#use,
  ): void {
    fn.allow(actions, this.keyArn);
    Tags.of(fn.role!).add(this.#tag, this.#stage);
    const { partition, account } = Stack.of(this);
    this.#users.add(`arn:${partition}:iam::${account}:role${fn.rolePath}*`);
    fn.addEnvironment(environmentName, this.keyId);
  }
}

/** Where data is retained, deleting a key makes it unreadable: only break-glass roles may. */
export function denyUndoing(
  key: Key,
  { stored, keys }: Pick<StageConfiguration, 'stored' | 'keys'>,
  options: {
    /** DynamoDB uses a table's key through KMS grants that it creates. */
    readonly grantsOfServices?: true;
  } = {},
): void {
  if (stored !== 'retain') return;
  const { partition, account } = Stack.of(key);
  const root = `arn:${partition}:iam::${account}:root`;
  // CloudFormation updates the key policy when a function is granted the key.
  const deployment = `arn:${partition}:iam::${account}:role/cdk-*-cfn-exec-role-*`;
  const refuse = (sid: string, actions: string[], ...but: readonly string[]): void => {
    key.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions,
        resources: ['*'],
        conditions: { ArnNotLike: { 'aws:PrincipalArn': [...keys.breakGlassRoleArns, ...but] } },
      }),
    );
  };
  refuse('OnlyBreakGlassEndsIt', undoing, root);
  refuse(
    'OnlyDeploymentsChangeThis',
    ['kms:PutKeyPolicy', ...(options.grantsOfServices ? [] : ['kms:CreateGrant'])],
    root,
    deployment,
  );
}
