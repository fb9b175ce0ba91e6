/** Messages between the sandbox and a function's worker. */
export interface WorkerSettings {
  /** File URL of the module that exports the handler. */
  readonly module: string;
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memorySize: number;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly clockOffset: SharedArrayBuffer;
}

export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly event: string;
  readonly timeoutMs: number;
}

export type WorkerMessage =
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'ready'; readonly initMs: number }
  | { readonly kind: 'init-failed'; readonly errorType: string; readonly errorMessage: string }
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'error'; readonly errorType: string; readonly errorMessage: string };
