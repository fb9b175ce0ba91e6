import { setTimeout as delay } from 'node:timers/promises';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/principals.ts';
import { asyncPayloadLimit, limitEvent, type LambdaFunction } from '../lambda/lambda-function.ts';

/** AWS waits 1 and 2 minutes; shortened here for local use. */
const retryDelaysMs = [1_000, 2_000];

export interface Target {
  readonly arn: string;
  /** The event in the target's format. */
  readonly input: unknown;
  readonly retries: number;
  /** The event's source service, which the function's policy must allow to invoke it. */
  readonly by: Principal;
  /** Destination of the event when all attempts have failed, and the role that sends it there. */
  readonly onFailure?: { readonly arn: string; readonly role: () => Principal };
}

/** Asynchronous invocations: retried as Lambda does, then dropped with a line in the log. */
export class AsyncDelivery {
  readonly #functions: ReadonlyMap<string, LambdaFunction>;
  readonly #startExecution: (arn: string, input: string) => void;
  readonly #log: (line: string) => void;
  readonly #iam: Iam;
  readonly #queue: (queueArn: string, message: object) => void;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(
    functions: ReadonlyMap<string, LambdaFunction>,
    startExecution: (arn: string, input: string) => void,
    log: (line: string) => void,
    iam: Iam,
    queue: (queueArn: string, message: object) => void,
  ) {
    this.#functions = functions;
    this.#startExecution = startExecution;
    this.#log = log;
    this.#iam = iam;
    this.#queue = queue;
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

  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Resolves when nothing is pending. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  close(): void {
    this.#closing.abort();
  }

  async #invoke({ arn, input, retries, by, onFailure }: Target): Promise<void> {
    const fn = this.#functions.get(arn);
    if (fn === undefined) {
      this.#log(`an event for ${arn}, which is no function here, is dropped\n`);
      return;
    }
    if (!this.#iam.may(by, { action: 'lambda:InvokeFunction', resource: arn })) return;
    const event = JSON.stringify(input);
    for (let attempt = 0; !this.#closing.signal.aborted; attempt++) {
      try {
        limitEvent(event, asyncPayloadLimit);
        await fn.invoke(event);
        return;
      } catch (cause) {
        const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : 'failed';
        this.#log(`event for ${fn.settings.functionName}, attempt ${attempt + 1}: ${reason}\n`);
        if (attempt >= retries) {
          if (onFailure !== undefined)
            this.#keep(onFailure, fn.settings.functionName, {
              version: '1.0',
              requestContext: {
                functionArn: arn,
                condition: 'RetriesExhausted',
                approximateInvokeCount: attempt + 1,
              },
              requestPayload: input,
              responsePayload: { errorMessage: reason },
            });
          return;
        }
      }
      const pause = retryDelaysMs[attempt] ?? 2_000;
      await delay(pause, undefined, { signal: this.#closing.signal }).catch(() => {});
    }
  }

  /**
   * Nothing receives from the queue here; what Lambda sends to a failed event's destination is kept,
   * and whether the function may send it is evaluated as on AWS.
   */
  #keep(
    { arn, role }: NonNullable<Target['onFailure']>,
    functionName: string,
    message: object,
  ): void {
    if (!this.#iam.may(role(), { action: 'sqs:SendMessage', resource: arn })) return;
    this.#queue(arn, message);
    this.#log(`event for ${functionName}: given up, sent to ${arn}\n`);
  }
}
