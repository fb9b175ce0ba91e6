import { createHash } from 'node:crypto';
import { DerReader, enterWhole, tag } from '../../lambdas/pki/x509/der.ts';
import { extension, signed } from './build-certificate.ts';
import {
  context,
  contextPrimitive,
  der,
  enumerated,
  generalizedTime,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
} from './der-writer.ts';
import type { Signer } from './signing.ts';

/** OCSPResponseStatus (RFC 6960 §4.2.1); 4 is not used. */
export const ocspStatus = {
  successful: 0,
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const;

export type CertIdHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

const hashOids = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;

export interface CertIdTemplate {
  /** SHA-1 by default, as most clients use. */
  readonly hash?: CertIdHash;
  /** Issuer's Name and SubjectPublicKeyInfo, DER. */
  readonly issuerName: Uint8Array;
  readonly issuerSpki: Uint8Array;
  readonly serial: number | bigint | Uint8Array;
}

/** CertID (RFC 6960 §4.1.1), DER. */
export function buildCertId(template: CertIdTemplate): Buffer {
  const hash = template.hash ?? 'sha1';
  const digest = (bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest();
  return sequence(
    sequence(oid(hashOids[hash]), nullValue()),
    octetString(digest(template.issuerName)),
    octetString(digest(keyBitsOf(template.issuerSpki))),
    integer(template.serial),
  );
}

export interface SingleResponseTemplate {
  /** CertID, DER: `buildCertId`, or the one out of the request. */
  readonly certId: Uint8Array;
  readonly status:
    | 'good'
    | 'unknown'
    | {
        readonly revokedAt: Date;
        /** CRLReason number. */ readonly reason?: number | undefined;
      }
    /** A CertStatus, DER, as it is. */
    | Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date | undefined;
  readonly extensions?: readonly Uint8Array[] | undefined;
}

export interface OcspResponseTemplate {
  /** `byName` takes a Name, DER; `byKey` a SubjectPublicKeyInfo, DER. */
  readonly responder: { readonly byName: Uint8Array } | { readonly byKey: Uint8Array };
  readonly producedAt: Date;
  readonly responses: readonly SingleResponseTemplate[];
  /** responseExtensions; `ocspExtensions.nonce` belongs here. */
  readonly extensions?: readonly Uint8Array[] | undefined;
  /** Certificates to embed, DER; none by default. */
  readonly certificates?: readonly Uint8Array[];
  /** The number in `version [0]`; absent (v1) unless told. */
  readonly version?: number;
  /** id-pkix-ocsp-basic by default. */
  readonly responseType?: string;
  /** responseStatus number, for a faulty responder; successful by default. */
  readonly status?: number;
}

/** A signed OCSPResponse, DER. */
export function buildOcspResponse(template: OcspResponseTemplate, signer: Signer): Buffer {
  const { responder, certificates } = template;
  const responseData = sequence(
    ...(template.version === undefined ? [] : [context(0, integer(template.version))]),
    'byName' in responder
      ? context(1, responder.byName)
      : context(2, octetString(sha1(keyBitsOf(responder.byKey)))),
    generalizedTime(template.producedAt),
    sequence(...template.responses.map(singleResponse)),
    ...optionalExtensions(1, template.extensions),
  );
  const basic = signed(
    responseData,
    signer,
    ...(certificates?.length ? [context(0, sequence(...certificates))] : []),
  );
  return sequence(
    enumerated(template.status ?? ocspStatus.successful),
    context(0, sequence(oid(template.responseType ?? '1.3.6.1.5.5.7.48.1.1'), octetString(basic))),
  );
}

/** An unsigned answer: only a status (RFC 6960 §2.3). */
export const buildOcspError = (status: Exclude<keyof typeof ocspStatus, 'successful'>): Buffer =>
  sequence(enumerated(ocspStatus[status]));

/** Extensions of requests and responses, DER. */
export const ocspExtensions = {
  /** RFC 9654 §2.1: an OCTET STRING inside the extension's value. */
  nonce: (nonce: Uint8Array): Buffer => extension('1.3.6.1.5.5.7.48.1.2', octetString(nonce)),
  archiveCutoff: (at: Date): Buffer => extension('1.3.6.1.5.5.7.48.1.6', generalizedTime(at)),
  extendedRevoke: (): Buffer => extension('1.3.6.1.5.5.7.48.1.9', nullValue()),
};

function singleResponse(template: SingleResponseTemplate): Buffer {
  return sequence(
    template.certId,
    certStatus(template.status),
    generalizedTime(template.thisUpdate),
    ...(template.nextUpdate ? [context(0, generalizedTime(template.nextUpdate))] : []),
    ...optionalExtensions(1, template.extensions),
  );
}

function certStatus(status: SingleResponseTemplate['status']): Uint8Array {
  if (status === 'good') return contextPrimitive(0, new Uint8Array(0));
  if (status === 'unknown') return contextPrimitive(2, new Uint8Array(0));
  if (status instanceof Uint8Array) return status;
  return context(
    1,
    generalizedTime(status.revokedAt),
    ...(status.reason === undefined ? [] : [context(0, der(0x0a, Uint8Array.of(status.reason)))]),
  );
}

/** An empty sequence is encoded as such, although RFC 5280 requires at least one extension. */
const optionalExtensions = (n: number, extensions: readonly Uint8Array[] | undefined): Buffer[] =>
  extensions ? [context(n, sequence(...extensions))] : [];

/** The subjectPublicKey bits: what issuerKeyHash and KeyHash are taken over (RFC 6960 §4.1.1). */
export function keyBitsOf(spki: Uint8Array): Uint8Array {
  const fields: DerReader = enterWhole(spki);
  fields.element(tag.sequence);
  return fields.octetAlignedBits();
}

const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest();
