/**
 * Why IAM refuses, in AWS's words (IAM user guide, "Troubleshoot access denied error messages"). Each
 * service puts it into its own error form.
 */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** Who signed is not known, or did not sign this. */
export class NotAuthenticated extends Error {
  override readonly name = 'NotAuthenticated';
  readonly reason: 'missing' | 'unknown-key' | 'wrong-signature' | 'expired' | 'malformed';

  constructor(reason: NotAuthenticated['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
