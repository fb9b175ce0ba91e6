import type { ClientIdentity } from '../platform-client.ts';

/** The deployment that is tried, and by whom. */
export interface SmokeTarget {
  /** Base URL without a slash at its end. */
  readonly url: string;
  readonly identity: ClientIdentity;
  /** DER of a certificate that must be valid; none: a strange one that must not be. */
  readonly certificate: Uint8Array | undefined;
  /** Name of a CloudWatch alarm. */
  readonly alarm: string | undefined;
}

/** A step that says nothing about the deployment: what it needs is not there. */
export class StepNotRun extends Error {}
