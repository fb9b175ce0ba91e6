import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { PlatformFunction } from './platform-function.ts';
import { removalPolicyOf } from './removal-policy.ts';

/** Signs access tokens (ES256). */
export class TokenKey extends Key {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'TokenKey', {
      alias: `my-key-platform/${configuration.stage}/token`,
      description: 'My Key Platform: access tokens',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: removalPolicyOf(configuration),
    });
  }

  /** The right to issue tokens, and to publish the key that verifies them. */
  grantSignTokens(fn: PlatformFunction): void {
    fn.allow(['kms:Sign', 'kms:GetPublicKey'], this.keyArn);
    fn.addEnvironment('TOKEN_KEY_ID', this.keyId);
  }

  /** Verification happens in the function, by the public key. */
  grantVerifyTokens(fn: PlatformFunction): void {
    fn.allow(['kms:GetPublicKey'], this.keyArn);
    fn.addEnvironment('TOKEN_KEY_ID', this.keyId);
  }
}
