/** A refusal in KMS's own words: `type` is the exception name an AWS SDK client sees as `error.name`. */
export class KmsError extends Error {
  override readonly name = 'KmsError';
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export const invalid = (message: string): KmsError =>
  new KmsError('ValidationException', `1 validation error detected: ${message}`);
