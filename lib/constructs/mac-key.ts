import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { GuardedKey } from './guarded-key.ts';

/**
 * An HMAC_256 key that never leaves KMS. Values derived from it cannot be recreated without it.
 * VerifyMac would confirm guesses, so it is granted to nobody.
 */
export abstract class MacKey extends GuardedKey {
  constructor(
    scope: Construct,
    id: string,
    props: { configuration: StageConfiguration; purpose: string; alias: string },
  ) {
    super(scope, id, {
      configuration: props.configuration,
      name: props.alias,
      purpose: props.purpose,
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      use: ['kms:GenerateMac'],
    });
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
}
