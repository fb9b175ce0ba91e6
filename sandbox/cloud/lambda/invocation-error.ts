/**
 * Why an invocation returned no result: the handler threw, its environment failed to start, timed
 * out or ended, or a payload exceeded Lambda's limit.
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
