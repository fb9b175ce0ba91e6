import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class TokensFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'tokens', {
      ...props,
      description: 'Issues access tokens for private_key_jwt',
      concurrencyClass: 'logins',
    });
    props.data.tokenKey.grantSignTokens(this);
    props.data.services.grantActions(this, 'GetItem');
    props.data.sessions.grantActions(this, 'PutItem');
  }
}
