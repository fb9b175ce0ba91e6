import { createHash, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { signatureInput, tokens, type Medium } from './card-profile.ts';
import type { OpenApplication } from './card-session.ts';
import { commands } from './commands.ts';
import { digestInfoSha256 } from './digest-info.ts';
import { ReaderError } from './reader-error.ts';

export type SignatureAlgorithm = 'rsa-pkcs1-sha256' | 'ecdsa-sha256' | 'ecdsa-sha384';

export interface UserAuthentication {
  readonly medium: Medium;
  /** DER. The platform decides whether it is valid. */
  readonly certificate: Uint8Array;
  readonly publicKey: KeyObject;
  readonly algorithm: SignatureAlgorithm;
}

/** Reads the user-authentication certificate and the kind of medium. No PIN is needed. */
export async function readUserAuthentication(
  jpki: OpenApplication<'jpki'>,
): Promise<UserAuthentication> {
  const medium = mediumOf(await jpki.readStart('token', tokenLength));
  const certificate = await jpki.readObject('userAuthenticationCertificate');
  return { medium, certificate, ...keyOf(certificate) };
}

const tokenLength = 32;

function mediumOf(token: Uint8Array): Medium {
  const text = new TextDecoder('latin1').decode(token).replace(/[\0 ]+$/, '');
  return Object.hasOwn(tokens, text) ? tokens[text as keyof typeof tokens] : 'unknown';
}

function keyOf(certificate: Uint8Array): Pick<UserAuthentication, 'publicKey' | 'algorithm'> {
  let publicKey: KeyObject;
  try {
    ({ publicKey } = new X509Certificate(certificate));
  } catch {
    // Without `cause`: OpenSSL's message may quote the certificate.
    throw new ReaderError('certificate-unreadable');
  }
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  if (publicKey.asymmetricKeyType === 'rsa' && modulusLength === 2048) {
    return { publicKey, algorithm: 'rsa-pkcs1-sha256' };
  }
  if (publicKey.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') {
    return { publicKey, algorithm: 'ecdsa-sha256' };
  }
  if (publicKey.asymmetricKeyType === 'ec' && namedCurve === 'secp384r1') {
    return { publicKey, algorithm: 'ecdsa-sha384' };
  }
  throw new ReaderError('certificate-unreadable');
}

/**
 * The card's signature over a challenge, in the form that the platform verifies: RSASSA-PKCS1-v1_5,
 * or ECDSA as DER (RFC 3279 §2.2.3). The PIN has been verified before; undefined if the card no
 * longer has that state.
 */
export async function signChallenge(
  jpki: OpenApplication<'jpki'>,
  { publicKey, algorithm }: UserAuthentication,
  challenge: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (!(await jpki.selectKey('userAuthentication'))) return undefined;
  if (algorithm === 'rsa-pkcs1-sha256') {
    const command = commands.signWithSelectedKey(
      signatureInput.digestInfo,
      digestInfoSha256(challenge),
    );
    const signature = await jpki.sign(command);
    if (signature === undefined) return undefined;
    if (verifies('sha256', challenge, publicKey, signature)) return signature;
    throw new ReaderError('signature-invalid');
  }
  const hash = algorithm === 'ecdsa-sha256' ? 'sha256' : 'sha384';
  const digest = createHash(hash).update(challenge).digest();
  const answer = await jpki.sign(commands.signWithSelectedKey(signatureInput.hash, digest));
  if (answer === undefined) return undefined;
  // The chip's encoding of ECDSA signatures is not published: DER, or r ‖ s (ISO/IEC 7816-8).
  for (const candidate of [answer, ecdsaDer(answer)]) {
    if (candidate && verifies(hash, challenge, publicKey, candidate)) return candidate;
  }
  throw new ReaderError('signature-invalid');
}

function verifies(
  hash: string,
  data: Uint8Array,
  publicKey: KeyObject,
  signature: Uint8Array,
): boolean {
  try {
    return verify(hash, data, publicKey, signature);
  } catch {
    return false;
  }
}

/** Encodes r ‖ s of equal length as `SEQUENCE { r INTEGER, s INTEGER }`. */
function ecdsaDer(halves: Uint8Array): Uint8Array | undefined {
  if (halves.length % 2 || halves.length > 96) return undefined;
  const integers = [0, 1].map((i) =>
    derInteger(halves.subarray((i * halves.length) / 2, ((i + 1) * halves.length) / 2)),
  );
  const body = Buffer.concat(integers);
  return Buffer.concat([Uint8Array.of(0x30, body.length), body]);
}

function derInteger(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const value = octets.subarray(start);
  const pad = value[0]! >= 0x80 ? [0] : [];
  return Uint8Array.of(0x02, value.length + pad.length, ...pad, ...value);
}
