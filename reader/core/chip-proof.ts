import type { KeyObject } from 'node:crypto';
import { tags } from './card-profile.ts';
import type { OpenApplication } from './card-session.ts';
import { commands } from './commands.ts';
import { publicKeyOf, signedPart, verifiesRsa, verifyCvCertificate } from './cv-certificate.ts';
import type { ChipRoot } from './cv-certificate.ts';
import { digestInfoSha256 } from './digest-info.ts';
import { ReaderError } from './reader-error.ts';
import { children, parseFirst } from './tlv.ts';

/** The chip's record and the certificate of the key that signed it, as they lie on the card. */
export interface ChipRecord {
  readonly record: Uint8Array;
  readonly cvCertificate: Uint8Array;
}

/** The chip answers a challenge with its own key. No credential is needed. */
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

/** Reads the record that holds the chip's public key; the holder's birth date opens it. */
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
 * The chip's public key, once record ← CV certificate ← root is verified. For enrolment, on whichever
 * side verifies it; the birth date in the record is not handed on.
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

/** Whether the chip that holds this key answered this challenge. */
export const chipAnswered = (
  chipKey: KeyObject,
  challenge: Uint8Array,
  signature: Uint8Array,
): boolean => verifiesRsa(challenge, chipKey, signature);

/** At a hold: the chip that was enrolled answered, and no other. */
export function requireChipAnswer(
  enrolledKey: KeyObject,
  challenge: Uint8Array,
  signature: Uint8Array,
): void {
  if (!chipAnswered(enrolledKey, challenge, signature)) throw new ReaderError('chip-proof-invalid');
}

/** `YYYY-MM-DD` as the surface application asks for it: YYMMDD, the year counted in its era. */
export function birthDateEntry(birthDate: string): string {
  const [year, month, day] = birthDate.split('-');
  if (!/^\d{4}-\d\d-\d\d$/.test(birthDate)) throw new ReaderError('pin-form');
  const era = eras.find(([first]) => birthDate >= first);
  if (!era) throw new ReaderError('pin-form');
  const inEra = Number(year) - Number(era[0].slice(0, 4)) + 1;
  return `${String(inEra).padStart(2, '0')}${month}${day}`;
}

/** First days of Reiwa, Heisei, Showa, Taisho and (by the Gregorian calendar) Meiji 6. */
const eras = [
  ['2019-05-01'],
  ['1989-01-08'],
  ['1926-12-25'],
  ['1912-07-30'],
  ['1868-01-25'],
] as const;
