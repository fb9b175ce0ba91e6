import { randomUUID } from 'node:crypto';
import { ExecutionEnvironment } from './execution-environment.ts';
import { InvocationError } from './invocation-error.ts';

export interface LambdaSettings {
  readonly functionName: string;
  readonly functionArn: string;
  /** The version that this deployment published; `$LATEST` where it published none. */
  readonly version: string;
  /** Module URL and the name of the exported handler. */
  readonly module: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memorySize: number;
  readonly timeoutMs: number;
  /** Maximum number of environments; further events wait. */
  readonly concurrency: number;
  readonly clockOffset: SharedArrayBuffer;
}

/** Lambda's limit for a synchronous event and for its result. */
export const payloadLimit = 6 * 1024 * 1024;

/** For an asynchronous event: 256 KB, which is also EventBridge's limit for one. */
export const asyncPayloadLimit = 256 * 1024;

/**
 * Lambda would start an environment for every event that finds none free. On one machine, a few
 * warm environments serve short events faster than many cold ones; another is started only for an
 * event that has waited this long.
 */
const patienceMs = 100;

/** @throws InvocationError of Lambda's RequestTooLargeException */
export function limitEvent(event: string, limit: number): void {
  if (Buffer.byteLength(event) <= limit) return;
  throw new InvocationError(
    'request-too-large',
    'RequestTooLargeException',
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
  );
}

/**
 * One function: a pool of execution environments, each serving one event at a time. Warm
 * environments are reused; another is started when an event has waited, up to the function's
 * concurrency.
 */
export class LambdaFunction {
  readonly settings: LambdaSettings;
  readonly #log: (line: string) => void;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #waiting: {
    since: number;
    take: (environment: ExecutionEnvironment) => void;
    refuse: (cause: unknown) => void;
  }[] = [];
  #patience: NodeJS.Timeout | undefined;
  #starting = 0;
  #closed = false;

  constructor(settings: LambdaSettings, log: (line: string) => void) {
    this.settings = settings;
    this.#log = log;
  }

  /** @param event JSON text @returns JSON text @throws InvocationError */
  async invoke(event: string, requestId: string = randomUUID()): Promise<string> {
    limitEvent(event, payloadLimit);
    const environment = this.#free() ?? (await this.#next());
    try {
      const payload = await environment.invoke({
        requestId,
        event,
        timeoutMs: this.settings.timeoutMs,
      });
      if (Buffer.byteLength(payload) <= payloadLimit) return payload;
      throw new InvocationError(
        'response-too-large',
        'Function.ResponseSizeTooLarge',
        `Response payload size exceeded maximum allowed payload size (${payloadLimit} bytes).`,
      );
    } finally {
      this.#release(environment);
    }
  }

  /** Whether an event is served or waits. */
  get serving(): boolean {
    return this.#all.size > this.#idle.length || this.#waiting.length > 0;
  }

  /** Starts one environment before the first event. */
  async warm(): Promise<void> {
    if (this.#all.size > 0) return;
    this.#release(await this.#next());
  }

  /**
   * Ends all environments, as a host failure would; events in progress fail with Runtime.ExitError.
   */
  async kill(): Promise<void> {
    const killed = [...this.#all];
    // Environments in use leave the pool when their event has failed.
    for (const environment of this.#idle.splice(0)) this.#all.delete(environment);
    await Promise.all(killed.map((environment) => environment.end()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#patience);
    for (const { refuse } of this.#waiting.splice(0)) refuse(new Error('the sandbox is closing'));
    await Promise.all([...this.#all].map((environment) => environment.end()));
  }

  /** A free environment. One whose runtime ended between two events is discarded. */
  #free(): ExecutionEnvironment | undefined {
    for (;;) {
      const environment = this.#idle.pop();
      if (environment === undefined || !environment.ended) return environment;
      this.#all.delete(environment);
    }
  }

  #next(): Promise<ExecutionEnvironment> {
    return new Promise((take, refuse) => {
      // A state machine may retry after the shutdown; a new environment would outlive the sandbox.
      if (this.#closed) return refuse(new Error('the sandbox is closing'));
      this.#waiting.push({ since: performance.now(), take, refuse });
      this.#startWhereNeeded();
    });
  }

  #startWhereNeeded(): void {
    const [longest] = this.#waiting;
    const room = this.#all.size < this.settings.concurrency;
    if (!room || this.#starting > 0 || longest === undefined) return;
    const waited = performance.now() - longest.since;
    if (this.#all.size > 0 && waited < patienceMs) {
      this.#patience ??= setTimeout(() => {
        this.#patience = undefined;
        this.#startWhereNeeded();
      }, patienceMs - waited);
      return;
    }
    const environment = new ExecutionEnvironment(this.settings, this.#log);
    this.#all.add(environment);
    this.#starting += 1;
    environment.ready
      .then(() => {
        this.#starting -= 1;
        this.#release(environment);
        this.#startWhereNeeded();
      })
      .catch((cause: unknown) => {
        this.#starting -= 1;
        this.#all.delete(environment);
        this.#waiting.shift()?.refuse(cause);
        this.#startWhereNeeded();
      });
  }

  #release(environment: ExecutionEnvironment): void {
    if (environment.ended) {
      this.#all.delete(environment);
      this.#startWhereNeeded();
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(environment);
    else next.take(environment);
  }
}
