import { createHash, timingSafeEqual } from 'node:crypto';
import { tags } from './card-profile.ts';
import type { OpenApplication } from './card-session.ts';
import { remarksOn, type CharacterRemark } from './characters.ts';
import { signedPart, verifiesRsa, verifyCvCertificate, type ChipRoot } from './cv-certificate.ts';
import { ReaderError } from './reader-error.ts';
import { children, parseFirst } from './tlv.ts';

/** The four basic attributes (基本4情報) as stored on the card, with notes on their characters. */
export interface BasicAttributes {
  readonly name: string;
  readonly address: string;
  /** YYYYMMDD, as on the card. */
  readonly birthDate: string;
  /** 1 male, 2 female, 9 not applicable. */
  readonly sex: string;
  readonly remarks: readonly CharacterRemark[];
}

/**
 * Reads and verifies the four attributes; the PIN or verification number B has been verified
 * before.
 */
export async function readAttributes(
  application: OpenApplication<'inputAssistance'>,
  roots: readonly ChipRoot[],
): Promise<BasicAttributes> {
  const attributes = await application.readObject('attributes');
  const digests = await application.readObject('digests');
  try {
    const cvCertificate = await application.readObject('cvCertificate');
    return verifyAttributes(attributes, digests, cvCertificate, roots);
  } finally {
    // The file also contains a digest of the individual number, which could be found by
    // enumeration.
    digests.fill(0);
  }
}

/** Returns the attributes after verifying digest ← card signature ← CV certificate ← root. */
export function verifyAttributes(
  attributes: Uint8Array,
  digests: Uint8Array,
  cvCertificate: Uint8Array,
  roots: readonly ChipRoot[],
): BasicAttributes {
  const issuer = verifyCvCertificate(cvCertificate, roots);
  const signed = parseFirst(digests, tags.digests.template);
  const { template: _, ...expectedDigests } = tags.digests;
  const { otherDigest, attributesDigest, signature } = children(signed, expectedDigests);
  if (!verifiesRsa(signedPart(otherDigest, attributesDigest), issuer, signature.value)) {
    throw new ReaderError('attributes-invalid');
  }
  const template = parseFirst(attributes, tags.attributes.template);
  const digest = createHash('sha256').update(template.object).digest();
  if (
    attributesDigest.value.length !== digest.length ||
    !timingSafeEqual(attributesDigest.value, digest)
  ) {
    throw new ReaderError('attributes-invalid');
  }
  const { template: __, ...expectedAttributes } = tags.attributes;
  const fields = children(template, expectedAttributes);
  const name = decode(fields.name.value);
  const address = decode(fields.address.value);
  return {
    name,
    address,
    birthDate: decode(fields.birthDate.value),
    sex: decode(fields.sex.value),
    remarks: [...remarksOn('name', name), ...remarksOn('address', address)],
  };
}

/**
 * Strict UTF-8: invalid octets, surrogates among them, are an error, not replaced by U+FFFD. The issuer
 * signed them: the card is not accused.
 */
function decode(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    throw new ReaderError('attributes-unsupported', { step: 'UTF-8' });
  }
}
