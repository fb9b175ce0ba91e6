import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { removalPolicyOf } from './removal-policy.ts';

/**
 * An HMAC_256 key that never leaves KMS. Always kept when its stack goes, in trial stages for the
 * shortest waiting time: what was derived from it can't be derived again.
 */
export abstract class MacKey extends Key {
  constructor(
    scope: Construct,
    id: string,
    props: { configuration: StageConfiguration; purpose: string; alias: string },
  ) {
    super(scope, id, {
      alias: `my-key-platform/${props.configuration.stage}/${props.alias}`,
      description: `My Key Platform: ${props.purpose}`,
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      removalPolicy: removalPolicyOf(props.configuration),
    });
  }
}
