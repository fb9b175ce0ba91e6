import type { Certificate } from './certificate.ts';
import { type CertIdHash, certIdHashes, type CertificateName, issuerHashes } from './cert-id.ts';
import { contextConstructed, tag } from './der.ts';

/** Signs requests, for a responder that answers `sigRequired` to unsigned ones (RFC 6960 §4.1.2). */
export interface OcspRequestSigner {
  /** Name for requestorName, DER; a signed request requires it (RFC 6960 §4.1.2). */
  readonly requestorName: Uint8Array;
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Uint8Array;
  readonly sign: (tbsRequest: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** Certificates to include in the request, DER. */
  readonly certificates: readonly Uint8Array[];
}

export interface OcspRequestContent {
  readonly certificate: CertificateName;
  readonly issuer: Certificate;
  readonly hash: CertIdHash;
  /** Nonce octets (RFC 9654 §2.1: 32 from clients); undefined: no nonce. */
  readonly nonce: Uint8Array | undefined;
  readonly signer?: OcspRequestSigner | undefined;
}

/** Encodes an OCSPRequest for one certificate, DER (RFC 6960 §4.1). */
export async function encodeOcspRequest(content: OcspRequestContent): Promise<Uint8Array> {
  const { signer, nonce } = content;
  const tbs = value(
    tag.sequence,
    ...(signer ? [explicit(1, explicit(4, signer.requestorName))] : []),
    value(tag.sequence, value(tag.sequence, certId(content))),
    ...(nonce ? [explicit(2, value(tag.sequence, nonceExtension(nonce)))] : []),
  );
  if (!signer) return value(tag.sequence, tbs);
  const signature = value(
    tag.sequence,
    signer.algorithm,
    value(tag.bitString, Uint8Array.of(0), await signer.sign(tbs)),
    ...(signer.certificates.length
      ? [explicit(0, value(tag.sequence, ...signer.certificates))]
      : []),
  );
  return value(tag.sequence, tbs, explicit(0, signature));
}

function certId({ certificate, issuer, hash }: OcspRequestContent): Uint8Array {
  const { nameHash, keyHash } = issuerHashes(hash, certificate, issuer);
  return value(
    tag.sequence,
    value(tag.sequence, encodedHashOids[hash], value(tag.null)),
    value(tag.octetString, nameHash),
    value(tag.octetString, keyHash),
    value(tag.integer, certificate.serial),
  );
}

const nonceExtension = (nonce: Uint8Array): Uint8Array =>
  value(
    tag.sequence,
    Buffer.from('06092b0601050507300102', 'hex'),
    value(tag.octetString, value(tag.octetString, nonce)),
  );

/** The OIDs of `certIdHashes`, DER. */
const encodedHashOids: Readonly<Record<keyof typeof certIdHashes, Uint8Array>> = {
  'SHA-1': Buffer.from('06052b0e03021a', 'hex'),
  'SHA-256': Buffer.from('0609608648016503040201', 'hex'),
  'SHA-384': Buffer.from('0609608648016503040202', 'hex'),
  'SHA-512': Buffer.from('0609608648016503040203', 'hex'),
};

const explicit = (n: number, ...content: readonly Uint8Array[]): Uint8Array =>
  value(contextConstructed(n), ...content);

function value(identifier: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  const { length } = body;
  const header =
    length < 0x80
      ? [identifier, length]
      : length < 0x100
        ? [identifier, 0x81, length]
        : length < 0x10000
          ? [identifier, 0x82, length >> 8, length & 0xff]
          : [identifier, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return Buffer.concat([Uint8Array.from(header), body]);
}
