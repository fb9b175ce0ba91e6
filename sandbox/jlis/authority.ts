import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import {
  buildCaCertificate,
  buildCertificate,
  buildName,
  certificateExtensions,
} from '../pki/build-certificate.ts';
import { defaultScheme, spkiOf, type KeyType, type Signer } from '../pki/signing.ts';
import { anchorId, type Generation, type Kind } from './generations.ts';
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

/** A fresh private key as PKCS#8 PEM; off the main thread, several run at once. */
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
  buildName(
    ['C', 'JP'],
    ['O', organisation],
    ['OU', generation.label === 'next' ? `${unitOf(kind)} G2` : unitOf(kind)],
    ['OU', 'Sandbox Agency for Local Authority Information Systems'],
  );

/** Names the key and, unless one is stored, makes the certificate in JPKI's shape (domain §3). */
export function createAuthority(
  kind: Kind,
  generation: Generation,
  pem: string,
  stored?: Buffer,
): Authority {
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
    certificate: stored ?? selfSigned(kind, generation, signer, name, spki),
  };
}

const selfSigned = (
  kind: Kind,
  generation: Generation,
  signer: Signer,
  name: Buffer,
  spki: Buffer,
): Buffer =>
  buildCaCertificate({
    signer,
    serial: generation.label === 'next' ? 1 : Number(generation.label),
    subject: name,
    notBefore: new Date(generation.notBefore),
    notAfter: new Date(generation.notAfter),
    extensions: [
      certificateExtensions.keyUsage('keyCertSign', 'cRLSign'),
      certificateExtensions.basicConstraints(true),
      certificateExtensions.crlDistributionPoint(
        buildName(
          ['C', 'JP'],
          ['O', organisation],
          ['OU', unitOf(kind)],
          ['OU', 'CRL Distribution Points'],
          ['CN', `${unitOf(kind)} ARLDP`],
        ),
      ),
      ...(generation.subjectKeyIdentifier
        ? [certificateExtensions.subjectKeyIdentifier(spki)]
        : []),
    ],
  });

/** A certificate for the OCSP responder: delegated by this key, not itself to be checked (RFC 6960 §4.2.2.2). */
export const issueResponderCertificate = (
  authority: Authority,
  responderSpki: Uint8Array,
  serial: number,
  now: number,
): Buffer =>
  buildCertificate(
    {
      serial,
      issuer: authority.name,
      subject: buildName(['C', 'JP'], ['O', organisation], ['CN', `OCSP ${authority.id}`]),
      notBefore: new Date(now - 60 * 60 * 1000),
      notAfter: new Date(Math.min(now + responderLifetime, authority.generation.notAfter)),
      spki: responderSpki,
      extensions: [
        certificateExtensions.keyUsage('digitalSignature'),
        certificateExtensions.extendedKeyUsage('1.3.6.1.5.5.7.3.9'),
        certificateExtensions.ocspNoCheck(),
        certificateExtensions.authorityKeyIdentifier(authority.spki),
        certificateExtensions.subjectKeyIdentifier(responderSpki),
      ],
    },
    authority.signer,
  );

/** ocsp-nocheck is only as good as its short life: 30 days. */
const responderLifetime = 30 * 24 * 60 * 60 * 1000;
