/**
 * IAM's refusal messages in AWS's wording (IAM user guide, "Troubleshoot access denied error
 * messages"). Each service wraps them in its own error format.
 */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** The signer is unknown, or the signature is not of this request. */
export class NotAuthenticated extends Error {
  override readonly name = 'NotAuthenticated';
  readonly reason: 'missing' | 'unknown-key' | 'wrong-signature' | 'expired' | 'malformed';

  constructor(reason: NotAuthenticated['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
