import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class LibraryLinksFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'library-links', {
      ...props,
      description: 'Links My Key IDs to library user numbers',
    });
    const { identityKeys, identity } = props.data;
    // A person's My Key IDs are sealed under the person's bucket key.
    identityKeys.grantFind(this);
    identity.grantActions(this, 'GetItem', 'Query', 'PutItem', 'DeleteItem');
  }
}
