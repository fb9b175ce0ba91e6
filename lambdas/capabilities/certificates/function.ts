import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { oneCpu, PlatformFunction } from '../../../lib/constructs/platform-function.ts';

export class CertificatesFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'certificates', {
      ...props,
      description: 'Validates certificates',
      reachesJlis: true,
      memorySize: oneCpu,
    });
    props.data.revocation.grantActions(this, 'GetItem', 'BatchGetItem');
  }
}
