import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import type { DerivedKey } from './identity-keys.ts';
import type { RecordKey } from './identity-store.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/** Format (1 octet), key version (2), nonce (12), ciphertext of the JSON, tag (16). */
const format = 1;
const headerLength = 3;
const nonceLength = 12;
const tagLength = 16;

/**
 * JSON is padded with spaces to a multiple of this, so that ciphertext lengths reveal at most the
 * kind of record.
 */
const padding = 64;

/** The part of the record, bound as AAD: a sealed value cannot be moved to the other part. */
export type RecordPart = 'value' | 'owner';

/**
 * AES-256-GCM with the record's key, part and key version as AAD. Nonces are random: at most 2^32
 * messages per key (NIST SP 800-38D §8.3). The most used key, the index key, seals a few records
 * per person.
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

/** The key version named in a sealed value. */
export function versionOf(sealed: Uint8Array): number {
  if (sealed[0] !== format || sealed.length < headerLength + nonceLength + tagLength) {
    throw new MyKeyError('internal-error', 'a sealed record has an unknown format');
  }
  return Buffer.from(sealed).readUInt16BE(1);
}

/**
 * @throws MyKeyError `internal-error`: the record was altered, moved, or sealed with another key
 */
export function unseal(
  key: DerivedKey,
  place: RecordKey,
  sealed: Uint8Array,
  part: RecordPart = 'value',
): unknown {
  try {
    if (versionOf(sealed) !== key.version)
      throw new Error('the record was sealed with another key version');
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
    throw new MyKeyError('internal-error', 'a sealed record cannot be decrypted', { cause });
  }
}

const boundTo = ({ pk, sk }: RecordKey, part: RecordPart, header: Uint8Array): Buffer =>
  lengthPrefixed('my-key-platform/record', pk, sk, part, header);
