import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { UsageKey } from '../constructs/client-usage.ts';

/** Two resources per key; CloudFormation allows 500 in a stack. */
export const keysOfOneStack = 200;

export interface ClientKeysStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  /** The number of the stack's first key. */
  readonly first: number;
  readonly clientPlanId: string;
}

/**
 * API keys assigned to registered clients, one each (docs/decisions/0014-a-pool-of-api-keys.md).
 */
export class ClientKeysStack extends Stack {
  constructor(scope: Construct, id: string, props: ClientKeysStackProps) {
    super(scope, id, props);
    const { configuration, first, clientPlanId: planId } = props;
    const { stage, clients } = configuration;
    for (let holder = first; holder < first + keysOfOneStack && holder <= clients.keys; holder++)
      new UsageKey(this, `Client${holder}`, { stage, holder, planId });
  }
}
