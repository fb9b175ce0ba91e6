import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { RunningRequest } from './idempotency.ts';
import type { Answer } from './operation-call.ts';

/**
 * Encrypts a stored answer, which may contain a PPID, with a key derived from the request itself:
 * its Idempotency-Key and its body, of which the table stores only digests. A login's body contains
 * a signature that cannot be guessed.
 */
export function sealAnswer(answer: Answer, request: RunningRequest): string {
  const nonce = randomBytes(nonceOctets);
  const cipher = createCipheriv('aes-256-gcm', keyOf(request), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** @throws Error if the answer was sealed for another request, or altered */
export function openAnswer(sealed: string, request: RunningRequest): Answer {
  const octets = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(
    'aes-256-gcm',
    keyOf(request),
    octets.subarray(0, nonceOctets),
    { authTagLength: tagOctets },
  );
  decipher.setAuthTag(octets.subarray(-tagOctets));
  const text = decipher.update(octets.subarray(nonceOctets, -tagOctets), undefined, 'utf8');
  return JSON.parse(text + decipher.final('utf8')) as Answer;
}

/** NIST SP 800-38D: 96-bit nonce, 128-bit tag. */
const nonceOctets = 12;
const tagOctets = 16;

/** RFC 5869. */
const keyOf = ({ key, secret }: RunningRequest): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, key, 'my-key-platform idempotent answer 1', 32));
