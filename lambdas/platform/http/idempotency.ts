import { createHash } from 'node:crypto';
import { isCodedError, MyKeyError } from '../../errors.ts';
import type { Answer } from './operation-call.ts';
import type { Exchange } from './operation-handler.ts';
import { FieldErrors, problems } from './problems.ts';
import { openAnswer, sealAnswer } from './sealed-answer.ts';
import { repeatLimits } from './limits.ts';

/**
 * Port: what became of the first request with a key. A key stands for its request for a day, whatever
 * that came to, unless it is forgotten. Answers are sealed; only who repeats the request can open them.
 */
export interface IdempotencyStore {
  /**
   * Starts a run by conditional write, or tells what the first request came to. A run that never
   * finished ends after half a minute; the same request may then run again, no other.
   */
  begin(key: string, fingerprint: string, now: number): Promise<IdempotentRun>;
  /** After `keptMs` the same request runs again. */
  complete(key: string, answer: string, now: number, keptMs: number): Promise<void>;
  /** Nobody knows what the run came to: the same request may run again at once, no other. */
  leaveOpen(key: string): Promise<void>;
  /** The run was refused and has changed nothing: the key may be used for any request. */
  forget(key: string): Promise<void>;
}

export type IdempotentRun =
  | { readonly state: 'started' }
  | { readonly state: 'running' }
  | { readonly state: 'other-request' }
  | { readonly state: 'answered'; readonly answer: string };

/** A request under its key, while it runs. */
export interface RunningRequest {
  readonly key: string;
  /** Known to whom sends the request, and to nobody who reads the table. */
  readonly secret: string;
}

/** Returning an answer ends the stack here (middy's early response). */
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
    throw new MyKeyError('request-in-progress', 'repeat this request a little later');
  }
  if (run.state === 'other-request') {
    throw new MyKeyError('idempotency-key-reused', 'use a new key for a new request');
  }
  // The same for every repetition: what is made from it is made once.
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
 * A refusal has changed nothing; after anything else, what was written may still arrive. Where the
 * store does not answer either, the run ends by itself, and the first error is what the caller gets.
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
