import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { MacKey } from './mac-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/**
 * Computes PPIDs from subject and sector. A principal that can use it can correlate the PPIDs of
 * services: only the functions that log people in (`authentications`, `reading-sessions`) are
 * granted it.
 */
export class PpidKey extends MacKey {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'PpidKey', { configuration, purpose: 'pairwise identifiers', alias: 'ppid' });
  }

  /** Permission to issue PPIDs. */
  grantIssue(fn: PlatformFunction): void {
    this.grantUse(fn, 'PPID_KEY_ID');
  }
}
