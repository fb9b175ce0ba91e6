import { createHash } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import type { Answer } from './operation-call.ts';
import type { Exchange } from './operation-handler.ts';
import { FieldErrors } from './problems.ts';

/**
 * Port: what became of the first request with a key. A run that never finished is forgotten after a
 * minute, an answer after a day.
 */
export interface IdempotencyStore {
  /** Starts a run by conditional write, or tells what the first request came to. */
  begin(key: string, fingerprint: string, now: number): Promise<IdempotentRun>;
  complete(key: string, answer: Answer, now: number): Promise<void>;
  /** The run failed: the key may be used again. */
  forget(key: string): Promise<void>;
}

export type IdempotentRun =
  | { readonly state: 'started' }
  | { readonly state: 'running' }
  | { readonly state: 'other-request' }
  | { readonly state: 'answered'; readonly answer: Answer };

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
  const run = await settings.idempotency.begin(key, digest(JSON.stringify(exchange.body)), now);
  if (run.state === 'running') {
    throw new MyKeyError('request-in-progress', 'repeat this request a little later');
  }
  if (run.state === 'other-request') {
    throw new MyKeyError('idempotency-key-reused', 'use a new key for a new request');
  }
  if (run.state === 'answered') {
    exchange.fields['repeated'] = true;
    return { ...run.answer, headers: { 'Idempotent-Replayed': 'true' } };
  }
  exchange.runKey = key;
  return undefined;
}

export async function keepAnswer(exchange: Exchange, answer: Answer | null | undefined) {
  const { runKey, settings, now } = exchange;
  if (runKey === undefined || answer === null || answer === undefined) return;
  await settings.idempotency?.complete(runKey, answer, now);
}

export async function forgetRun(exchange: Exchange): Promise<void> {
  if (exchange.runKey !== undefined) await exchange.settings.idempotency?.forget(exchange.runKey);
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
