import { KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { GuardedKey } from './guarded-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/**
 * The keys that sign notices to services (Ed25519): that of the configured generation and the one
 * before it. Both sign, so that receivers change over while either public key verifies.
 */
export class WebhookKeys extends Construct {
  readonly #keys: readonly WebhookKey[];

  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'WebhookKeys');
    const { webhookKey: current } = configuration;
    const generations = current === 1 ? [1] : [current, current - 1];
    this.#keys = generations.map((each) => new WebhookKey(scope, configuration, each));
  }

  grantSign(fn: PlatformFunction): void {
    for (const key of this.#keys) key.grantSignatures(fn);
    fn.addEnvironment('WEBHOOK_KEY_IDS', this.#ids);
  }

  grantPublish(fn: PlatformFunction): void {
    fn.allow(['kms:GetPublicKey'], ...this.#keys.map(({ keyArn }) => keyArn));
    fn.addEnvironment('WEBHOOK_KEY_IDS', this.#ids);
  }

  get #ids(): string {
    return this.#keys.map(({ keyId }) => keyId).join(',');
  }
}

class WebhookKey extends GuardedKey {
  readonly #generation: number;

  constructor(scope: Construct, configuration: StageConfiguration, generation: number) {
    super(scope, `Webhook${generation}Key`, {
      configuration,
      name: `webhook-${generation}`,
      purpose: `notices to services, generation ${generation}`,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      use: ['kms:Sign'],
    });
    this.#generation = generation;
  }

  grantSignatures(fn: PlatformFunction): void {
    this.grantUse(fn, `WEBHOOK_KEY_${this.#generation}_ID`);
  }
}
