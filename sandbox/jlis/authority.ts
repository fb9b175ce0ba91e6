import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
} from './x509-library.ts';
import { defaultScheme, spkiOf, type KeyType, type Signer } from '../pki/signing.ts';
import { anchorId, type Generation, type Kind } from './generations.ts';
import {
  authorityKeyIdentifier,
  crlDistributionPoint,
  encodeName,
  issueCertificate,
  subjectKeyIdentifier,
} from './issue-certificate.ts';
import { organisation, unitOf } from './municipalities.ts';

/** One generation of one certification authority, with its key. */
export interface Authority {
  /** e.g. `user-authentication-2023`. */
  readonly id: string;
  readonly kind: Kind;
  readonly generation: Generation;
  readonly signer: Signer;
  /** Name, DER. */
  readonly name: Buffer;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly keyId: string;
  /** The self-signed certificate, DER. */
  readonly certificate: Buffer;
}

const generate = promisify(generateKeyPair) as (
  type: 'rsa' | 'ec',
  options: object,
) => Promise<{ privateKey: string }>;

/** A new private key as PKCS#8 PEM; generated off the main thread, several in parallel. */
export async function generatePrivateKey(type: KeyType): Promise<string> {
  const encodings = {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  };
  const { privateKey } = await (type === 'P-256' || type === 'P-384'
    ? generate('ec', { namedCurve: type, ...encodings })
    : generate('rsa', { modulusLength: Number(type.slice(4)), ...encodings }));
  return privateKey;
}

export function signerOf(pem: string, type: KeyType): Signer {
  const privateKey = createPrivateKey(pem);
  return { privateKey, publicKey: createPublicKey(privateKey), scheme: defaultScheme[type] };
}

const authorityName = (kind: Kind, generation: Generation): Buffer =>
  encodeName(
    ['C', 'JP'],
    ['O', organisation],
    ['OU', generation.label === 'next' ? `${unitOf(kind)} G2` : unitOf(kind)],
    ['OU', 'Sandbox Agency for Local Authority Information Systems'],
  );

/**
 * Derives the key's identifiers and, unless one is stored, issues the certificate in JPKI's form.
 */
export async function createAuthority(
  kind: Kind,
  generation: Generation,
  pem: string,
  stored?: Buffer,
): Promise<Authority> {
  const signer = signerOf(pem, generation.keyType);
  const name = authorityName(kind, generation);
  const spki = spkiOf(signer);
  return {
    id: anchorId(kind, generation.label),
    kind,
    generation,
    signer,
    name,
    spki,
    keyId: createHash('sha256').update(spki).digest('hex'),
    certificate: stored ?? (await selfSigned(kind, generation, signer, name, spki)),
  };
}

const selfSigned = async (
  kind: Kind,
  generation: Generation,
  signer: Signer,
  name: Buffer,
  spki: Buffer,
): Promise<Buffer> =>
  issueCertificate(
    {
      serial: generation.label === 'next' ? 1 : Number(generation.label),
      issuer: name,
      subject: name,
      notBefore: generation.notBefore,
      notAfter: generation.notAfter,
      spki,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        new BasicConstraintsExtension(true, undefined, true),
        crlDistributionPoint(
          encodeName(
            ['C', 'JP'],
            ['O', organisation],
            ['OU', unitOf(kind)],
            ['OU', 'CRL Distribution Points'],
            ['CN', `${unitOf(kind)} ARLDP`],
          ),
        ),
        ...(generation.subjectKeyIdentifier ? [await subjectKeyIdentifier(spki)] : []),
      ],
    },
    signer,
  );

/**
 * A certificate for the OCSP responder, delegated by this key and exempt from revocation checking
 * (RFC 6960 §4.2.2.2).
 */
export const issueResponderCertificate = async (
  authority: Authority,
  responderSpki: Uint8Array,
  serial: number,
  now: number,
): Promise<Buffer> =>
  issueCertificate(
    {
      serial,
      issuer: authority.name,
      subject: encodeName(['C', 'JP'], ['O', organisation], ['CN', `OCSP ${authority.id}`]),
      notBefore: now - 60 * 60 * 1000,
      notAfter: Math.min(now + responderLifetime, authority.generation.notAfter),
      spki: responderSpki,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.9']),
        new Extension('1.3.6.1.5.5.7.48.1.5', false, asn1Null),
        await authorityKeyIdentifier(authority.spki),
        await subjectKeyIdentifier(responderSpki),
      ],
    },
    authority.signer,
  );

const asn1Null = Uint8Array.of(0x05, 0x00);

/** ocsp-nocheck requires a short validity: 30 days. */
const responderLifetime = 30 * 24 * 60 * 60 * 1000;
