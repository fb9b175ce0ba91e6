import { engineLimits } from '../limits.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { reasonByNumber } from './crl.ts';
import {
  contextConstructed,
  contextPrimitive,
  DerError,
  DerReader,
  enterWhole,
  tag,
} from './der.ts';
import { type Extension, readExtensions } from './extensions.ts';
import { type DistinguishedName, readName } from './name.ts';
import type { RevocationReason } from '../revocation/revocation-status.ts';

/** OCSPResponseStatus (RFC 6960 §4.2.1) by its standard name. */
const responseStatuses = {
  0: 'successful',
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
} as const;

export type OcspResponseStatus = (typeof responseStatuses)[keyof typeof responseStatuses];

/** An OCSPResponse: an error status alone, or a BasicOCSPResponse. */
export type OcspResponse =
  | { readonly status: Exclude<OcspResponseStatus, 'successful'> }
  | { readonly status: 'successful'; readonly basic: BasicOcspResponse };

/** BasicOCSPResponse (RFC 6960 §4.2.1), unverified. Times in ms since 1970. */
export interface BasicOcspResponse {
  /** The signed ResponseData, DER. */
  readonly tbs: Uint8Array;
  readonly responderId: ResponderId;
  readonly producedAt: number;
  readonly responses: readonly SingleResponse[];
  /**
   * Content octets of the nonce; undefined when there is none. `unreadable` when the extension's value is
   * not an OCTET STRING of 1 to 128 octets (RFC 9654 §2.1); it then matches no request.
   */
  readonly nonce: Uint8Array | 'unreadable' | undefined;
  /** OIDs of unknown critical responseExtensions. */
  readonly unknownCritical: readonly string[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** Embedded certificates, DER, unparsed. */
  readonly certificates: readonly Uint8Array[];
}

export type ResponderId =
  | { readonly by: 'name'; readonly name: DistinguishedName }
  /** SHA-1 of the responder's subjectPublicKey bits. */
  | { readonly by: 'key'; readonly keyHash: Uint8Array };

export interface SingleResponse {
  readonly certId: CertId;
  readonly status: CertStatus;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  /** OIDs of unknown critical singleExtensions. */
  readonly unknownCritical: readonly string[];
}

export type CertStatus =
  | { readonly status: 'good' | 'unknown' }
  | {
      readonly status: 'revoked';
      readonly revokedAt: number;
      readonly reason: RevocationReason;
    };

export interface CertId {
  /** Dotted decimal. */
  readonly hashAlgorithm: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Content octets of the serial INTEGER. */
  readonly serial: Uint8Array;
}

const basicResponseType = '1.3.6.1.5.5.7.48.1.1';
const nonceId = '1.3.6.1.5.5.7.48.1.2';
/** archiveCutoff (RFC 6960 §4.4.4) concerns expired certificates, which this engine refuses earlier. */
const harmlessSingleExtensions: readonly string[] = ['1.3.6.1.5.5.7.48.1.6'];
/** extendedRevoke (RFC 6960 §4.4.8) allows "revoked" for certificates never issued; the status is unchanged. */
const harmlessResponseExtensions: readonly string[] = [nonceId, '1.3.6.1.5.5.7.48.1.9'];

/** Parses a response without verifying it. Throws `DerError` with code `ocsp-malformed`. */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  try {
    if (der.length > engineLimits.ocspOctets) throw new DerError('OCSP response too large');
    return readResponse(enterWhole(der));
  } catch (error) {
    if (error instanceof DerError) throw new DerError(error.message, 'ocsp-malformed');
    throw error;
  }
}

function readResponse(fields: DerReader): OcspResponse {
  const number = fields.smallInteger(tag.enumerated);
  const status = (responseStatuses as Readonly<Record<number, OcspResponseStatus>>)[number];
  if (status === undefined) throw new DerError('unknown OCSPResponseStatus');
  const wrapper = fields.enterOptional(contextConstructed(0));
  fields.finish();
  if (status !== 'successful') {
    // RFC 6960 §4.2.1: with an error status, responseBytes are not set.
    if (wrapper) throw new DerError('OCSP error status with responseBytes');
    return { status };
  }
  if (!wrapper) throw new DerError('successful OCSP response without responseBytes');
  const bytes = wrapper.enter(tag.sequence);
  wrapper.finish();
  if (bytes.oid() !== basicResponseType) throw new DerError('OCSP response type is not basic');
  const basic = bytes.content(tag.octetString);
  bytes.finish();
  return { status, basic: readBasicResponse(enterWhole(basic)) };
}

function readBasicResponse(fields: DerReader): BasicOcspResponse {
  const tbs = fields.element(tag.sequence);
  const signatureAlgorithm = readAlgorithmIdentifier(fields);
  const signature = fields.octetAlignedBits();
  const wrapper = fields.enterOptional(contextConstructed(0));
  fields.finish();
  const certificates = wrapper ? readCertificates(wrapper) : [];
  return { ...readResponseData(enterWhole(tbs)), tbs, signatureAlgorithm, signature, certificates };
}

function readResponseData(
  data: DerReader,
): Pick<
  BasicOcspResponse,
  'responderId' | 'producedAt' | 'responses' | 'nonce' | 'unknownCritical'
> {
  // v1 is the only version. As the default it must not be encoded (X.690 §11.5), but some responders do.
  const version = data.enterOptional(contextConstructed(0));
  if (version && version.smallInteger() !== 0) throw new DerError('OCSP version is not v1');
  version?.finish();
  const responderId = readResponderId(data);
  const producedAt = data.generalizedTime();
  const list = data.enter(tag.sequence);
  const responses: SingleResponse[] = [];
  while (!list.atEnd) {
    if (responses.length === engineLimits.ocspSingleResponses)
      throw new DerError('too many single responses');
    responses.push(readSingleResponse(list.enter(tag.sequence)));
  }
  const extensions = readOptionalExtensions(data);
  data.finish();
  const nonce = extensions.find(({ id }) => id === nonceId);
  return {
    responderId,
    producedAt,
    responses,
    nonce: nonce && readNonce(nonce.value),
    unknownCritical: criticalBeyond(extensions, harmlessResponseExtensions),
  };
}

function readResponderId(data: DerReader): ResponderId {
  const byName = data.enterOptional(contextConstructed(1));
  if (byName) {
    const name = readName(byName);
    byName.finish();
    return { by: 'name', name };
  }
  const byKey = data.enter(contextConstructed(2));
  const keyHash = byKey.content(tag.octetString);
  byKey.finish();
  return { by: 'key', keyHash };
}

function readSingleResponse(fields: DerReader): SingleResponse {
  const certId = readCertId(fields.enter(tag.sequence));
  const status = readCertStatus(fields);
  const thisUpdate = fields.generalizedTime();
  const wrapper = fields.enterOptional(contextConstructed(0));
  const nextUpdate = wrapper?.generalizedTime();
  wrapper?.finish();
  const extensions = readOptionalExtensions(fields);
  fields.finish();
  const unknownCritical = criticalBeyond(extensions, harmlessSingleExtensions);
  return { certId, status, thisUpdate, nextUpdate, unknownCritical };
}

function readCertId(fields: DerReader): CertId {
  const { algorithm: hashAlgorithm, parameters } = readAlgorithmIdentifier(fields);
  // RFC 4055 §2.1, RFC 5754 §2: the parameters of a hash algorithm are absent or NULL.
  if (parameters && (parameters.length !== 2 || parameters[0] !== tag.null)) {
    throw new DerError('hash algorithm parameters are neither absent nor NULL');
  }
  const certId = {
    hashAlgorithm,
    issuerNameHash: fields.content(tag.octetString),
    issuerKeyHash: fields.content(tag.octetString),
    serial: fields.integerBytes(),
  };
  fields.finish();
  return certId;
}

function readCertStatus(fields: DerReader): CertStatus {
  const revoked = fields.enterOptional(contextConstructed(1));
  if (revoked) {
    const revokedAt = revoked.generalizedTime();
    const wrapper = revoked.enterOptional(contextConstructed(0));
    const number = wrapper ? wrapper.smallInteger(tag.enumerated) : 0;
    wrapper?.finish();
    revoked.finish();
    return { status: 'revoked', revokedAt, reason: reasonByNumber(number) };
  }
  const status = fields.peek() === contextPrimitive(0) ? 'good' : 'unknown';
  const content = fields.content(contextPrimitive(status === 'good' ? 0 : 2));
  if (content.length > 0) throw new DerError('NULL with content');
  return { status };
}

function readCertificates(wrapper: DerReader): readonly Uint8Array[] {
  const list = wrapper.enter(tag.sequence);
  wrapper.finish();
  const certificates: Uint8Array[] = [];
  while (!list.atEnd) {
    if (certificates.length === engineLimits.ocspCertificates)
      throw new DerError('too many certificates');
    certificates.push(list.element(tag.sequence));
  }
  return certificates;
}

/** Accepts an empty Extensions SEQUENCE: some responders send one (Estonia's in 2024). */
function readOptionalExtensions(fields: DerReader): readonly Extension[] {
  const wrapper = fields.enterOptional(contextConstructed(1));
  if (!wrapper) return [];
  const extensions = readExtensions(wrapper, 0);
  if (new Set(extensions.map(({ id }) => id)).size !== extensions.length) {
    throw new DerError('an extension occurs twice');
  }
  return extensions;
}

/** RFC 9654 §2.1: Nonce ::= OCTET STRING (SIZE (1..128)). */
function readNonce(value: Uint8Array): Uint8Array | 'unreadable' {
  try {
    const reader = new DerReader(value);
    const nonce = reader.content(tag.octetString);
    reader.finish();
    return nonce.length > 0 && nonce.length <= 128 ? nonce : 'unreadable';
  } catch (error) {
    if (error instanceof DerError) return 'unreadable';
    throw error;
  }
}

const criticalBeyond = (
  extensions: readonly Extension[],
  understood: readonly string[],
): readonly string[] =>
  extensions.filter(({ id, critical }) => critical && !understood.includes(id)).map(({ id }) => id);
