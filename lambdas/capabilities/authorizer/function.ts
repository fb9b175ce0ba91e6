import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

/**
 * Has the same timeout as the other functions: three tries of its table take up to 9 s, after which
 * it answers 503 itself; a function timeout would be a 500.
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
