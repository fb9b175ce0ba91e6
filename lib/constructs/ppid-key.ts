import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { MacKey } from './mac-key.ts';
import type { PlatformFunction } from './platform-function.ts';

/**
 * Turns a subject and a sector into a PPID. Whoever may MAC with it can relate the PPIDs of two
 * services: the functions that log persons in (`authentications`, `reading-sessions`) have that right.
 */
export class PpidKey extends MacKey {
  constructor(scope: Construct, configuration: StageConfiguration) {
    super(scope, 'PpidKey', { configuration, purpose: 'pairwise identifiers', alias: 'ppid' });
  }

  /** The right to issue PPIDs. */
  grantIssue(fn: PlatformFunction): void {
    this.grantUse(fn, 'PPID_KEY_ID');
  }
}
