import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import type { DerivedKey } from './identity-keys.ts';
import type { RecordKey } from './identity-store.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/** Format (1), key version (2), nonce (12); encrypted: JSON; tag (16). */
const format = 1;
const headerLength = 3;
const nonceLength = 12;
const tagLength = 16;

/** Lengths tell kinds of values at most: JSON is padded with blanks to a multiple of this. */
const padding = 64;

/** Which of a record's two parts: a value cannot be moved to the other's place. */
export type RecordPart = 'value' | 'owner';

/**
 * AES-256-GCM, bound to the record's place, part and key version. Nonces are random: 2^32 messages a
 * key (NIST SP 800-38D §8.3). The busiest key, the index key, seals a few records a person.
 */
export function seal(
  key: DerivedKey,
  place: RecordKey,
  value: unknown,
  part: RecordPart = 'value',
): Uint8Array {
  const header = Buffer.alloc(headerLength);
  header.writeUInt8(format);
  header.writeUInt16BE(key.version, 1);
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key.seal, nonce);
  cipher.setAAD(boundTo(place, part, header));
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  const blanks = Buffer.alloc(padding - (json.length % padding), ' ');
  const body = [cipher.update(json), cipher.update(blanks), cipher.final()];
  return Buffer.concat([header, nonce, ...body, cipher.getAuthTag()]);
}

/** The key version that a sealed value names. */
export function versionOf(sealed: Uint8Array): number {
  if (sealed[0] !== format || sealed.length < headerLength + nonceLength + tagLength) {
    throw new MyKeyError('internal-error', 'a record has an unknown form');
  }
  return Buffer.from(sealed).readUInt16BE(1);
}

/** @throws MyKeyError `internal-error`: the record was altered, moved or sealed under another key */
export function unseal(
  key: DerivedKey,
  place: RecordKey,
  sealed: Uint8Array,
  part: RecordPart = 'value',
): unknown {
  try {
    if (versionOf(sealed) !== key.version) throw new Error('sealed under another version');
    const body = headerLength + nonceLength;
    const nonce = sealed.subarray(headerLength, body);
    const decipher = createDecipheriv('aes-256-gcm', key.seal, nonce, {
      authTagLength: tagLength,
    });
    decipher.setAAD(boundTo(place, part, sealed.subarray(0, headerLength)));
    decipher.setAuthTag(sealed.subarray(-tagLength));
    const plain = [decipher.update(sealed.subarray(body, -tagLength)), decipher.final()];
    return JSON.parse(Buffer.concat(plain).toString('utf8')) as unknown;
  } catch (cause) {
    throw new MyKeyError('internal-error', 'a sealed record does not open', { cause });
  }
}

const boundTo = ({ pk, sk }: RecordKey, part: RecordPart, header: Uint8Array): Buffer =>
  lengthPrefixed('my-key-platform/record', pk, sk, part, header);
