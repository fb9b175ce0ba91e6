/**
 * Why an invocation gave no result: the handler threw, its environment did not start, ran out of
 * time or ended, or a payload was over Lambda's limit.
 */
export type InvocationFailure =
  | 'handler'
  | 'init'
  | 'timeout'
  | 'crash'
  | 'request-too-large'
  | 'response-too-large';

export class InvocationError extends Error {
  override readonly name = 'InvocationError';
  readonly kind: InvocationFailure;
  readonly errorType: string;

  constructor(kind: InvocationFailure, errorType: string, message: string) {
    super(message);
    this.kind = kind;
    this.errorType = errorType;
  }
}
