import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';
import { documentation } from '../../../lib/documentation/documentation.ts';
import { viewerContents } from '../../../lib/documentation/viewer-contents.ts';

export class StatusFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    super(scope, 'status', {
      ...props,
      description: 'Status, OpenAPI document, reference and problem pages',
      files: { 'documentation.json': JSON.stringify(documentation()), ...viewerContents() },
    });
  }
}
