import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import {
  gatewayTimeout,
  oneCpu,
  PlatformFunction,
} from '../../../lib/constructs/platform-function.ts';

export class RevocationChecksFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'revocation-checks', {
      ...props,
      description: 'Checks serials in bulk and reports the age of the CRLs',
      concurrencyClass: 'bulk',
      memorySize: oneCpu,
      timeout: gatewayTimeout,
    });
    const { revocation, revocationBucket, sessions } = props.data;
    const { checkedIdentifiersPerDay } = props.configuration;
    this.addEnvironment('CHECKED_IDENTIFIERS_PER_DAY', String(checkedIdentifiersPerDay));
    sessions.grantActions(this, 'UpdateItem');
    revocation.grantActions(this, 'GetItem', 'BatchGetItem', 'Query');
    revocationBucket.grantReadFilters(this);
  }
}
