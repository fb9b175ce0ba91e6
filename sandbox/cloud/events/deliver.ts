import { setTimeout as delay } from 'node:timers/promises';
import { asyncPayloadLimit, limitEvent, type LambdaFunction } from '../lambda/lambda-function.ts';

/** AWS waits 1 and 2 minutes; nobody at a laptop wants to. */
const retryDelaysMs = [1_000, 2_000];

export interface Target {
  readonly arn: string;
  /** The event as the target wants it. */
  readonly input: unknown;
  readonly retries: number;
}

/** Asynchronous invocations: retried as Lambda does, then given up with a line in the log. */
export class AsyncDelivery {
  readonly #functions: ReadonlyMap<string, LambdaFunction>;
  readonly #startExecution: (arn: string, input: string) => void;
  readonly #log: (line: string) => void;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(
    functions: ReadonlyMap<string, LambdaFunction>,
    startExecution: (arn: string, input: string) => void,
    log: (line: string) => void,
  ) {
    this.#functions = functions;
    this.#startExecution = startExecution;
    this.#log = log;
  }

  deliver(target: Target): void {
    if (this.#closing.signal.aborted) return;
    if (target.arn.includes(':stateMachine:')) {
      this.#startExecution(target.arn, JSON.stringify(target.input));
      return;
    }
    const running = this.#invoke(target).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves once nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  close(): void {
    this.#closing.abort();
  }

  async #invoke({ arn, input, retries }: Target): Promise<void> {
    const fn = this.#functions.get(arn);
    if (fn === undefined) {
      this.#log(`an event for ${arn}, which is no function here, is dropped\n`);
      return;
    }
    const event = JSON.stringify(input);
    for (let attempt = 0; !this.#closing.signal.aborted; attempt++) {
      try {
        limitEvent(event, asyncPayloadLimit);
        await fn.invoke(event);
        return;
      } catch (cause) {
        const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : 'failed';
        this.#log(`event for ${fn.settings.functionName}, attempt ${attempt + 1}: ${reason}\n`);
        if (attempt >= retries) return;
      }
      const pause = retryDelaysMs[attempt] ?? 2_000;
      await delay(pause, undefined, { signal: this.#closing.signal }).catch(() => {});
    }
  }
}
