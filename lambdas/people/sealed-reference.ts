import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import type { CertificateReference } from './certificate-reference.ts';

/** Version octet, 12 octets of nonce; encrypted: issuer key id (32), validUntil (8, 0: not known), serial; tag (16). */
const version = 1;

/**
 * A reference as it is stored: AES-256-GCM, bound to its subject, so that it cannot be moved to
 * another. Nonces are random: 2^32 messages a key (NIST SP 800-38D §8.3), far above the population.
 */
export function sealReference(
  sealKey: Uint8Array,
  subjectId: string,
  reference: CertificateReference,
): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealKey, nonce);
  cipher.setAAD(Buffer.from(subjectId, 'utf8'));
  const body = [
    cipher.update(Buffer.from(reference.issuerKeyId, 'hex')),
    cipher.update(octetsOf(reference.validUntil ?? 0)),
    cipher.update(reference.serial),
    cipher.final(),
  ];
  return Buffer.concat([Buffer.of(version), nonce, ...body, cipher.getAuthTag()]);
}

/** @throws MyKeyError `internal-error`: the record was altered, moved or sealed under another key */
export function openReference(
  sealKey: Uint8Array,
  subjectId: string,
  sealed: Uint8Array,
): CertificateReference {
  try {
    if (sealed[0] !== version || sealed.length < 1 + 12 + 41 + 16) throw new Error('unknown form');
    const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(1, 13));
    decipher.setAAD(Buffer.from(subjectId, 'utf8'));
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(13, -16)), decipher.final()]);
    const validUntil = Number(plain.readBigInt64BE(32));
    return {
      issuerKeyId: plain.toString('hex', 0, 32),
      serial: plain.subarray(40),
      ...(validUntil === 0 ? {} : { validUntil }),
    };
  } catch (cause) {
    throw new MyKeyError('internal-error', 'a sealed reference does not open', { cause });
  }
}

/** The end of validity tells a birthday: it is sealed with the rest. */
function octetsOf(milliseconds: number): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigInt64BE(BigInt(milliseconds));
  return octets;
}
