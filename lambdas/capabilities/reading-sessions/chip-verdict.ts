import { createPublicKey, type KeyObject } from 'node:crypto';
import { requireChipAnswer, verifyChipRecord } from '../../../reader/core/chip-proof.ts';
import { ReaderError } from '../../../reader/core/reader-error.ts';
import { MyKeyError, type ErrorCode } from '../../errors.ts';
import type { ChipRootKey } from '../../pki/trust-profile.ts';

/** A chip's response at an enrolment, as received. */
export interface ChipAnswer {
  readonly signature: Uint8Array;
  readonly record?: Uint8Array;
  readonly cvCertificate?: Uint8Array;
}

/**
 * The SubjectPublicKeyInfo of a chip that answered the challenge and whose record is signed under a
 * trusted root. The record's birth date is discarded.
 * @throws MyKeyError `chip-record-invalid`, `chip-certificate-invalid`, `chip-root-unknown`,
 *   `chip-proof-invalid`
 */
export function provenChipKey(
  { record, cvCertificate, signature }: ChipAnswer,
  challenge: Uint8Array,
  roots: readonly ChipRootKey[],
): Uint8Array {
  if (record === undefined || cvCertificate === undefined) {
    throw new MyKeyError('chip-record-invalid', 'send record and certificate with an enrolment');
  }
  return asPlatform(() => {
    const trusted = roots.map(({ keyId, publicKey }) => ({ keyId, publicKey: keyOf(publicKey) }));
    const key = verifyChipRecord({ record, cvCertificate }, trusted);
    requireChipAnswer(key, challenge, signature);
    return key.export({ type: 'spki', format: 'der' });
  });
}

/**
 * @throws MyKeyError `chip-proof-invalid`: the signature is of another chip or another challenge
 */
export function requireEnrolledChip(
  enrolledKey: Uint8Array,
  challenge: Uint8Array,
  signature: Uint8Array,
): void {
  asPlatform(() => requireChipAnswer(keyOf(enrolledKey), challenge, signature));
}

export const pemOf = ({ publicKey }: ChipRootKey): string =>
  keyOf(publicKey).export({ type: 'spki', format: 'pem' }) as string;

const keyOf = (spki: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });

const codes: Readonly<Partial<Record<string, ErrorCode>>> = {
  'chip-proof-invalid': 'chip-proof-invalid',
  'chip-record-invalid': 'chip-record-invalid',
  'chip-certificate-invalid': 'chip-certificate-invalid',
  'chip-root-unknown': 'chip-root-unknown',
};

/** The reader's core verifies; a record that it cannot parse counts as not signed. */
function asPlatform<T>(judge: () => T): T {
  try {
    return judge();
  } catch (cause) {
    if (!(cause instanceof ReaderError)) throw cause;
    const code = codes[cause.code] ?? 'chip-record-invalid';
    throw new MyKeyError(code, 'do not accept the card: report it', { cause });
  }
}
