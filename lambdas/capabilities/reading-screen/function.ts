import type { Construct } from 'constructs';
import type { CapabilityFunctionProps } from '../../../lib/capability-functions.ts';
import { PlatformFunction } from '../../../lib/constructs/platform-function.ts';
import { screenFiles } from './screen-files.ts';

export class ReadingScreenFunction extends PlatformFunction {
  constructor(scope: Construct, props: CapabilityFunctionProps) {
    const { script, style } = screenFiles();
    super(scope, 'reading-screen', {
      ...props,
      description: 'The page at which staff read cards',
      files: { 'screen.js': script, 'screen.css': style },
    });
    props.data.services.grantActions(this, 'GetItem');
  }
}
