import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { moveDateBy } from './movable-date.ts';
import type { Invocation, WorkerMessage, WorkerSettings } from './worker-protocol.ts';

/**
 * The worker side of one execution environment: loads the handler, then answers one event at a
 * time.
 */
type Handler = (event: unknown, context: object, callback?: unknown) => unknown;

const settings = workerData as WorkerSettings;
const port = parentPort;
if (port === null) throw new Error('this module runs as a worker');
const say = (message: WorkerMessage): void => port.postMessage(message);

// A message is much cheaper than writing to a worker's stdout stream.
for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
  console[level] = (...parts: unknown[]) => say({ kind: 'log', text: `${format(...parts)}\n` });

moveDateBy(settings.clockOffset);
const started = performance.now();
try {
  const handler = await loadHandler();
  port.on('message', (invocation: Invocation) => void invoke(handler, invocation));
  say({ kind: 'ready', initMs: performance.now() - started });
} catch (cause) {
  console.error(cause);
  say({ kind: 'init-failed', ...described(cause) });
}

async function loadHandler(): Promise<Handler> {
  const module = (await import(settings.module)) as Record<string, unknown>;
  const exported =
    module[settings.handler] ?? (module['default'] as Record<string, unknown>)?.[settings.handler];
  if (typeof exported === 'function') return exported as Handler;
  throw new TypeError(`${settings.handler} is undefined or not exported`);
}

async function invoke(handler: Handler, { requestId, event, timeoutMs }: Invocation) {
  const deadline = performance.now() + timeoutMs;
  const context = {
    awsRequestId: requestId,
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memorySize),
    logGroupName: settings.logGroupName,
    logStreamName: settings.logStreamName,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
  try {
    const result: unknown = await handler(JSON.parse(event), context);
    say({ kind: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (cause) {
    console.error(cause);
    say({ kind: 'error', ...described(cause) });
  }
}

function described(cause: unknown): { errorType: string; errorMessage: string } {
  return cause instanceof Error
    ? { errorType: cause.name, errorMessage: cause.message }
    : { errorType: typeof cause, errorMessage: String(cause) };
}
