import type { ClientIdentity } from '../platform-client.ts';

/** The deployment under test and the calling client. */
export interface SmokeTarget {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly identity: ClientIdentity;
  /** DER of a certificate that must be valid; absent: an untrusted one that must be refused. */
  readonly certificate: Uint8Array | undefined;
  /** Name of a CloudWatch alarm. */
  readonly alarm: string | undefined;
}

/** A step could not run because a precondition is missing; it says nothing about the deployment. */
export class StepNotRun extends Error {}
