import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

/**
 * Its timeout is that of the other functions: the three tries of its table take 9 s, and a problem
 * that it answers itself is a 503, where a timeout would be a 500.
 */
export class AuthorizerFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'authorizer', {
      ...props,
      description: 'Checks access tokens before every protected route',
      concurrencyClass: 'logins',
    });
    props.data.tokenKey.grantVerifyTokens(this);
    props.data.services.grantActions(this, 'GetItem');
  }
}
