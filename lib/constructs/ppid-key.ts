import { Tags } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { MacKey } from './mac-key.ts';
import type { PlatformFunction } from './platform-function.ts';

const issuerTag = 'my-key-platform:ppid-issuer';

/**
 * Turns a subject and a sector into a PPID. Whoever may MAC with it can relate the PPIDs of two
 * services, so the key itself refuses every principal but the issuing function's role, whatever
 * IAM allows elsewhere in the account. VerifyMac would confirm a guess and is open to nobody.
 */
export class PpidKey extends MacKey {
  readonly #stage: string;

  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'PpidKey', { configuration, purpose: 'pairwise identifiers', alias: 'ppid' });
    this.#stage = configuration.stage;
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyTheIssuerOfPpids',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:GenerateMac'],
        resources: ['*'],
        conditions: {
          StringNotEquals: { [`aws:PrincipalTag/${issuerTag}`]: configuration.stage },
        },
      }),
    );
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NobodyConfirmsGuesses',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:VerifyMac'],
        resources: ['*'],
      }),
    );
  }

  /** The right to issue PPIDs: one function has it. */
  grantIssue(fn: PlatformFunction): void {
    fn.allow(['kms:GenerateMac'], this.keyArn);
    if (fn.role) Tags.of(fn.role).add(issuerTag, this.#stage);
    fn.addEnvironment('PPID_KEY_ID', this.keyId);
  }
}
