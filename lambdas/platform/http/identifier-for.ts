import { createHash } from 'node:crypto';

/**
 * A 128-bit identifier that is the same for every repetition of a request; the prefix names its
 * type.
 */
export const identifierFor = (requestToken: string, kind: string): string =>
  `${kind}_${createHash('sha256').update(`${kind}\n${requestToken}`).digest().toString('base64url', 0, 16)}`;
