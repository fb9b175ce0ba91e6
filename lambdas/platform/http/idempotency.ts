import { createHash } from 'node:crypto';
import { isCodedError, MyKeyError } from '../../errors.ts';
import type { Answer } from './operation-call.ts';
import type { Exchange } from './operation-handler.ts';
import { FieldErrors, problems } from './problems.ts';
import { openAnswer, sealAnswer } from './sealed-answer.ts';
import { repeatLimits } from './limits.ts';

/**
 * Port: the outcome of the first request with an Idempotency-Key. A key remains bound to its
 * request for a day, whatever the outcome, unless it is released. Answers are sealed; only a
 * repetition of the request can decrypt them.
 */
export interface IdempotencyStore {
  /**
   * Starts a run by a conditional write, or returns the state of the first request. An unfinished
   * run expires after half a minute; then only the same request may run again.
   */
  begin(key: string, fingerprint: string, now: number): Promise<IdempotentRun>;
  /** After `keptMs`, the same request runs again. */
  complete(key: string, answer: string, now: number, keptMs: number): Promise<void>;
  /** The outcome is unknown: the same request may run again immediately, other requests may not. */
  leaveOpen(key: string): Promise<void>;
  /** The request was refused without effect: the key may be used for any request. */
  forget(key: string): Promise<void>;
}

export type IdempotentRun =
  | { readonly state: 'started' }
  | { readonly state: 'running' }
  | { readonly state: 'other-request' }
  | { readonly state: 'answered'; readonly answer: string };

/** A running request with an Idempotency-Key. */
export interface RunningRequest {
  readonly key: string;
  /** Known to the sender of the request; not derivable from the table. */
  readonly secret: string;
}

/** An answer returned here ends the middleware stack (middy's early response). */
export async function repeatAnswer(exchange: Exchange): Promise<Answer | undefined> {
  const { contract, event, settings, caller, now } = exchange;
  if (contract.idempotent !== true || settings.idempotency === undefined) return undefined;
  const given = headerOf(event.headers, 'idempotency-key');
  if (given === undefined) return undefined;
  if (!/^[\x21-\x7e]{8,128}$/.test(given)) {
    throw new FieldErrors('Idempotency-Key is 8 to 128 visible ASCII characters');
  }
  const key = digest(`${caller?.clientId}\n${contract.id}\n${given}`);
  const body = JSON.stringify(exchange.body);
  const secret = `${given}\n${body}`;
  const run = await settings.idempotency.begin(key, digest(body), now);
  if (run.state === 'running') {
    throw new MyKeyError(
      'request-in-progress',
      'repeat this request later: the first one is still running',
    );
  }
  if (run.state === 'other-request') {
    throw new MyKeyError(
      'idempotency-key-reused',
      'use a new key: this one was used with another body',
    );
  }
  // The same for every repetition, so that identifiers derived from it are created once.
  exchange.requestToken = digest(`${key}\n${body}`);
  if (run.state === 'answered') {
    await settings.beforeRepeat?.(exchange.call());
    exchange.fields['repeated'] = true;
    const answer = openAnswer(run.answer, { key, secret });
    return { ...answer, headers: { 'Idempotent-Replayed': 'true' } };
  }
  exchange.run = { key, secret };
  return undefined;
}

export async function keepAnswer(exchange: Exchange, answer: Answer | null | undefined) {
  const { run, settings, now } = exchange;
  if (run === undefined || answer === null || answer === undefined) return;
  const keptMs = settings.answerKeptMs ?? repeatLimits.answerKeptMs;
  await settings.idempotency?.complete(run.key, sealAnswer(answer, run), now, keptMs);
}

/**
 * A refusal (4xx) had no effect, so the key is released. After any other error a write may still
 * take effect, so the key stays bound. If this store also fails, the run expires and the caller
 * gets the original error.
 */
export async function endRun(exchange: Exchange, error: unknown): Promise<void> {
  const { run, settings } = exchange;
  if (run === undefined || settings.idempotency === undefined) return;
  const isRefusal = isCodedError(error) && problems[error.code].status < 500;
  try {
    await (isRefusal
      ? settings.idempotency.forget(run.key)
      : settings.idempotency.leaveOpen(run.key));
  } catch {
    exchange.fields['runLeft'] = true;
  }
}

function headerOf(
  headers: Readonly<Record<string, string | undefined>> | null,
  name: string,
): string | undefined {
  for (const [key, value] of Object.entries(headers ?? {})) {
    if (key.toLowerCase() === name) return value;
  }
  return undefined;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
