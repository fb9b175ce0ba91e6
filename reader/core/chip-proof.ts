import type { KeyObject } from 'node:crypto';
import { tags } from './card-profile.ts';
import type { OpenApplication } from './card-session.ts';
import { commands } from './commands.ts';
import { publicKeyOf, signedPart, verifiesRsa, verifyCvCertificate } from './cv-certificate.ts';
import type { ChipRoot } from './cv-certificate.ts';
import { digestInfoSha256 } from './digest-info.ts';
import { ReaderError } from './reader-error.ts';
import { children, parseFirst } from './tlv.ts';

/** The chip's record and the certificate of the key that signed it, as stored on the card. */
export interface ChipRecord {
  readonly record: Uint8Array;
  readonly cvCertificate: Uint8Array;
}

/** The chip's signature over a challenge with its own key; needs no credential. */
export async function answerChipChallenge(
  surface: OpenApplication<'surface'>,
  challenge: Uint8Array,
): Promise<Uint8Array> {
  const signature = await surface.sign(commands.signWithChip(digestInfoSha256(challenge)));
  if (signature === undefined || signature.length < 256 || signature.length > 512) {
    throw new ReaderError('chip-proof-invalid');
  }
  return signature;
}

/**
 * Reads the record that contains the chip's public key; the holder's birth date is the credential.
 */
export async function readChipRecord(
  surface: OpenApplication<'surface'>,
  birthDate: string,
  useLastTry: boolean,
): Promise<ChipRecord> {
  await surface.verify('birthDate', birthDate, useLastTry);
  return {
    record: await surface.readObject('chipRecord'),
    cvCertificate: await surface.readObject('cvCertificate'),
  };
}

/**
 * Returns the chip's public key after verifying record ← CV certificate ← root, for enrolment. The
 * birth date in the record is discarded.
 */
export function verifyChipRecord(
  { record, cvCertificate }: ChipRecord,
  roots: readonly ChipRoot[],
): KeyObject {
  const issuer = verifyCvCertificate(cvCertificate, roots);
  const template = parseFirst(record, tags.chipRecord.template);
  const { template: _, ...expected } = tags.chipRecord;
  const { birthDate, publicKey, signature } = children(template, expected);
  if (!verifiesRsa(signedPart(birthDate, publicKey), issuer, signature.value)) {
    throw new ReaderError('chip-record-invalid');
  }
  return publicKeyOf(publicKey.value);
}

/** True if the chip that holds this key answered this challenge. */
export const chipAnswered = (
  chipKey: KeyObject,
  challenge: Uint8Array,
  signature: Uint8Array,
): boolean => verifiesRsa(challenge, chipKey, signature);

/** In mode `hold`: true if the enrolled chip answered. */
export function requireChipAnswer(
  enrolledKey: KeyObject,
  challenge: Uint8Array,
  signature: Uint8Array,
): void {
  if (!chipAnswered(enrolledKey, challenge, signature)) throw new ReaderError('chip-proof-invalid');
}

/** Converts `YYYY-MM-DD` to the surface application's format: YYMMDD with the year of the era. */
export function birthDateEntry(birthDate: string): string {
  const [year, month, day] = birthDate.split('-');
  if (!/^\d{4}-\d\d-\d\d$/.test(birthDate)) throw new ReaderError('pin-form');
  const era = eras.find(([first]) => birthDate >= first);
  if (!era) throw new ReaderError('pin-form');
  const inEra = Number(year) - Number(era[0].slice(0, 4)) + 1;
  return `${String(inEra).padStart(2, '0')}${month}${day}`;
}

/** First days of Reiwa, Heisei, Showa, Taisho and (in the Gregorian calendar) Meiji 6. */
const eras = [
  ['2019-05-01'],
  ['1989-01-08'],
  ['1926-12-25'],
  ['1912-07-30'],
  ['1868-01-25'],
] as const;
