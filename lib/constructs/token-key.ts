import { KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { GuardedKey } from './guarded-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/**
 * The keys that sign access tokens (ES256). Every configured generation is published and accepted;
 * one signs. A rotation publishes the next key, signs with it an hour later and removes the
 * previous one another hour later, so that verifiers always have the key.
 */
export class TokenKeys extends Construct {
  readonly #signing: TokenKey;
  readonly #others: readonly TokenKey[];

  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'TokenKeys');
    const { tokenGenerations, tokenGeneration } = configuration.keys;
    const keys = tokenGenerations.map((generation) => ({
      generation,
      key: new TokenKey(scope, configuration, generation),
    }));
    this.#signing = keys.find(({ generation }) => generation === tokenGeneration)!.key;
    this.#others = keys.map(({ key }) => key).filter((key) => key !== this.#signing);
  }

  /** Permission to issue tokens and to publish the keys that verify them. */
  grantSignTokens(fn: PlatformFunction): void {
    this.#signing.grantSignatures(fn);
    this.grantVerifyTokens(fn);
  }

  /** The function verifies with the public keys; KMS is not called. */
  grantVerifyTokens(fn: PlatformFunction): void {
    const keys = [this.#signing, ...this.#others];
    fn.allow(['kms:GetPublicKey'], ...keys.map(({ keyArn }) => keyArn));
    fn.addEnvironment('TOKEN_KEY_ID', this.#signing.keyId);
    if (this.#others.length > 0)
      fn.addEnvironment('OTHER_TOKEN_KEY_IDS', this.#others.map(({ keyId }) => keyId).join(','));
  }
}

class TokenKey extends GuardedKey {
  constructor(scope: Construct, configuration: StageConfiguration, generation: number) {
    // The first key's construct id has no number, so that adding a second leaves it unchanged.
    const suffix = generation === 1 ? '' : String(generation);
    super(scope, `Token${suffix}Key`, {
      configuration,
      name: `token${suffix && `-${suffix}`}`,
      purpose: `access tokens, generation ${generation}`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      use: ['kms:Sign'],
    });
  }

  grantSignatures(fn: PlatformFunction): void {
    this.grantUse(fn, 'TOKEN_KEY_ID');
  }
}
