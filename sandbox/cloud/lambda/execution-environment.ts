import { Worker } from 'node:worker_threads';
import type { LambdaSettings } from './lambda-function.ts';
import { InvocationError } from './invocation-error.ts';
import type { Invocation, WorkerMessage, WorkerSettings } from './worker-protocol.ts';

/** Lambda limits initialisation to 10 s. */
const initTimeoutMs = 10_000;

/** One worker thread with an environment, memory limit and module instances of its own. */
export class ExecutionEnvironment {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #functionName: string;
  #settle: ((message: WorkerMessage | InvocationError) => void) | undefined;
  #ended = false;
  initMs = 0;

  constructor(settings: LambdaSettings, log: (line: string) => void) {
    this.#functionName = settings.functionName;
    const workerData: WorkerSettings = {
      module: settings.module,
      handler: settings.handler,
      functionName: settings.functionName,
      functionArn: settings.functionArn,
      memorySize: settings.memorySize,
      logGroupName: `/aws/lambda/${settings.functionName}`,
      logStreamName: 'sandbox',
      clockOffset: settings.clockOffset,
    };
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: settings.functionName,
      workerData,
      env: { ...settings.environment },
      execArgv: ['--no-warnings'],
      // With a larger young generation, objects that survive a collection can exceed the limit, and
      // V8 then ends the whole process instead of this worker.
      resourceLimits: { maxOldGenerationSizeMb: settings.memorySize, maxYoungGenerationSizeMb: 24 },
      stdout: true,
      stderr: true,
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      stream.on('data', (chunk: Buffer) => log(chunk.toString()));
    this.#worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'log') log(message.text);
      else this.#settle?.(message);
    });
    this.#worker.on('error', (cause: Error) => {
      log(`${cause.stack ?? cause.message}\n`);
      this.#fail('crash', cause.name, cause.message);
    });
    this.#worker.on('exit', (code) => {
      this.#ended = true;
      this.#fail('crash', 'Runtime.ExitError', `Runtime exited with exit code ${code}`);
    });
    this.ready = this.#initialise();
    this.ready.catch(() => {});
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @throws InvocationError; unless the handler itself threw, the environment has then ended */
  async invoke(invocation: Invocation): Promise<string> {
    const answer = this.#nextMessage(invocation.timeoutMs);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, no window
    this.#worker.postMessage(invocation);
    const message = await answer;
    if (message.kind === 'result') return message.payload;
    if (message.kind === 'error')
      throw new InvocationError('handler', message.errorType, message.errorMessage);
    throw new InvocationError('crash', 'Runtime.ProtocolError', message.kind);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }

  async #initialise(): Promise<void> {
    const message = await this.#nextMessage(initTimeoutMs);
    if (message.kind === 'ready') {
      this.initMs = message.initMs;
      return;
    }
    await this.end();
    const { errorType, errorMessage } =
      message.kind === 'init-failed'
        ? message
        : { errorType: 'Runtime.ProtocolError', errorMessage: message.kind };
    throw new InvocationError('init', errorType, errorMessage);
  }

  #nextMessage(timeoutMs: number): Promise<WorkerMessage> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seconds = (timeoutMs / 1000).toFixed(2);
        this.#fail('timeout', 'Sandbox.Timedout', `Task timed out after ${seconds} seconds`);
        void this.end();
      }, timeoutMs);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        this.#settle = undefined;
        if (outcome instanceof InvocationError) reject(outcome);
        else resolve(outcome);
      };
    });
  }

  #fail(kind: 'crash' | 'timeout', errorType: string, errorMessage: string): void {
    this.#ended = true;
    this.#settle?.(new InvocationError(kind, errorType, `${this.#functionName}: ${errorMessage}`));
  }
}
