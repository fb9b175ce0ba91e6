import { createHash } from 'node:crypto';

/** An identifier of 128 bits that one request makes once, however often it is repeated; the prefix is for people. */
export const identifierFor = (requestToken: string, kind: string): string =>
  `${kind}_${createHash('sha256').update(`${kind}\n${requestToken}`).digest().toString('base64url', 0, 16)}`;
