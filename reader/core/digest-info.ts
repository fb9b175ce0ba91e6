import { createHash } from 'node:crypto';
import { concat } from './commands.ts';

/** DigestInfo of SHA-256 in DER (RFC 8017 §9.2, note 1). */
export const digestInfoSha256 = (message: Uint8Array): Uint8Array =>
  concat(prefix, createHash('sha256').update(message).digest());

const prefix = Uint8Array.from(Buffer.from('3031300d060960864801650304020105000420', 'hex'));
