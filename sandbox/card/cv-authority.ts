import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { cvNameLength, tags } from '../../reader/core/card-profile.ts';
import { generatePrivateKey } from '../jlis/authority.ts';
import { tlv } from './tlv-writer.ts';

/**
 * The sandbox's root for card-verifiable certificates and the subordinate key that signs the cards'
 * data. Its key ids are used neither by production (5…) nor by test cards (6…).
 */
export interface CvAuthority {
  readonly rootKeyId: string;
  readonly rootKey: KeyObject;
  /** The public key as SubjectPublicKeyInfo in PEM, which readers are configured with. */
  readonly rootPublicKey: string;
  /** Signs an octet string with the scheme of the card's data. */
  sign(data: Uint8Array): Buffer;
  /** EF 0004: the CV certificate of the signing key. */
  readonly certificate: Buffer;
}

export const sandboxRootKeyId = '9000023';

export async function createCvAuthority(
  keyId: string = sandboxRootKeyId,
  keys?: { readonly root: string; readonly signer: string },
): Promise<CvAuthority> {
  const [rootPem, signerPem] = keys
    ? [keys.root, keys.signer]
    : await Promise.all([generatePrivateKey('rsa-2048'), generatePrivateKey('rsa-2048')]);
  const rootKey = createPrivateKey(rootPem);
  const signer = createPrivateKey(signerPem);
  return {
    rootKeyId: keyId,
    rootKey,
    rootPublicKey: createPublicKey(rootKey).export({ type: 'spki', format: 'pem' }) as string,
    sign: (data) => sign('sha256', data, signer),
    certificate: cvCertificate(keyId, rootKey, 'SANDBOX-SIGNER-1', createPublicKey(signer)),
  };
}

/** 7F21 { 5F4E body: issuer, subject, key; 5F37 signature }. */
export function cvCertificate(
  issuerKeyId: string,
  issuer: KeyObject,
  subject: string,
  key: KeyObject,
): Buffer {
  const body = Buffer.concat([name(issuerKeyId), name(subject), encodePublicKey(key)]);
  return tlv(
    tags.cvCertificate.template,
    tlv(tags.cvCertificate.body, body),
    tlv(tags.cvCertificate.signature, sign('sha256', body, issuer)),
  );
}

const name = (text: string): Buffer => Buffer.from(text.padStart(cvNameLength, '\0'), 'latin1');

/** Exponent, then modulus; the tags are those of ISO/IEC 7816-8 for a public key. */
export function encodePublicKey(key: KeyObject): Buffer {
  const { e, n } = key.export({ format: 'jwk' });
  return Buffer.concat([
    tlv(0x82, Buffer.from(e!, 'base64url')),
    tlv(0x81, Buffer.from(n!, 'base64url')),
  ]);
}
