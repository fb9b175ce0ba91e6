import { createHash } from 'node:crypto';
import {
  CertStatus,
  KeyHash,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  ResponderID,
  ResponseData,
  RevokedInfo,
  SingleResponse,
  type CertID,
} from '@peculiar/asn1-ocsp';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CRLReason, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { signed } from '../pki/build-certificate.ts';
import { context, enumerated, octetString, oid, sequence } from '../pki/der-writer.ts';
import { spkiOf, type Signer } from '../pki/signing.ts';
import { issueResponderCertificate, type Authority } from './authority.ts';
import { reasonNumbers, type Registry } from './registry.ts';
import { statusOf, type KnownStatus } from './revocation-of.ts';

/**
 * The signer of responses: a responder to which the authority delegated (id-kp-OCSPSigning,
 * ocsp-nocheck), or the authority's own key (RFC 6960 §4.2.2.2).
 */
export type ResponderMode = 'delegated' | 'issuer';

export interface OcspResponder {
  mode: ResponderMode;
  /** Answers an OCSPRequest (DER) with an OCSPResponse (DER); never rejects, whatever the input. */
  answer(authority: Authority, request: Uint8Array): Promise<Buffer>;
}

/** Time from thisUpdate to nextUpdate. */
const answerLifetime = 10 * 60 * 1000;
/** More than any client requests at once; limits the work per request. */
const maxCertificates = 100;

export function createOcspResponder(
  registry: Registry,
  signer: Signer,
  now: () => number,
): OcspResponder {
  const spki = spkiOf(signer);
  const certificates = new Map<string, { der: Buffer; until: number }>();

  // Renewed daily, and when the clock was moved outside its validity.
  const delegation = async (authority: Authority, at: number): Promise<Buffer> => {
    const held = certificates.get(authority.id);
    if (held && held.until > at && held.until - 2 * day < at) return held.der;
    const serial = Math.floor(at / 1000);
    const der = await issueResponderCertificate(authority, spki, serial, at);
    certificates.set(authority.id, { der, until: at + day });
    return der;
  };

  const responder: OcspResponder = {
    mode: 'delegated',
    answer: async (authority, request) => {
      let asked: OCSPRequest['tbsRequest'];
      try {
        asked = AsnConvert.parse(request, OCSPRequest).tbsRequest;
      } catch {
        return ocspError('malformedRequest');
      }
      const certIds = asked.requestList.map((one) => one.reqCert);
      if (certIds.length === 0 || certIds.length > maxCertificates) {
        return ocspError('malformedRequest');
      }
      // RFC 6960 §2.3: unauthorized, "the server is not capable of responding authoritatively".
      if (!certIds.every((each) => names(each, authority))) return ocspError('unauthorized');
      const at = Math.floor(now() / 1000) * 1000;
      const delegated = responder.mode === 'delegated';
      // RFC 9654 §2.1: the nonce is returned unchanged.
      const nonce = asked.requestExtensions?.filter(({ extnID }) => extnID === nonceOid);
      return signedResponse(
        new ResponseData({
          responderID: new ResponderID({
            byKey: new KeyHash(keyHash('sha1', delegated ? spki : authority.spki)),
          }),
          producedAt: new Date(at),
          responses: certIds.map((each) => single(registry, authority, each, at)),
          ...(nonce?.length && { responseExtensions: nonce }),
        }),
        delegated ? signer : authority.signer,
        delegated ? [await delegation(authority, at)] : [],
      );
    },
  };
  return responder;
}

const nonceOid = '1.3.6.1.5.5.7.48.1.2';
const basicResponse = '1.3.6.1.5.5.7.48.1.1';

/**
 * BasicOCSPResponse in its envelope (RFC 6960 §4.2.1). Everything inside is encoded already; passed
 * through the library once more, the certificate alone would cost more than the signature.
 */
function signedResponse(
  data: ResponseData,
  signer: Signer,
  certificates: readonly Uint8Array[],
): Buffer {
  const basic = signed(
    Buffer.from(AsnConvert.serialize(data)),
    signer,
    ...(certificates.length > 0 ? [context(0, sequence(...certificates))] : []),
  );
  return sequence(
    enumerated(OCSPResponseStatus.successful),
    context(0, sequence(oid(basicResponse), octetString(basic))),
  );
}

/** An unsigned answer: only a status (RFC 6960 §2.3). */
export const ocspError = (status: Exclude<keyof typeof OCSPResponseStatus, 'successful'>): Buffer =>
  Buffer.from(
    AsnConvert.serialize(new OCSPResponse({ responseStatus: OCSPResponseStatus[status] })),
  );

function single(
  registry: Registry,
  authority: Authority,
  certID: CertID,
  at: number,
): SingleResponse {
  const octets = Buffer.from(certID.serialNumber);
  // Serials here have at most four octets; a longer one was not issued here.
  const serial = octets.length > 6 ? -1 : Number(`0x${octets.toString('hex')}`);
  return new SingleResponse({
    certID,
    certStatus: certStatus(statusOf(registry, authority.id, serial)),
    thisUpdate: new Date(at),
    nextUpdate: new Date(at + answerLifetime),
  });
}

function certStatus(status: KnownStatus): CertStatus {
  if (typeof status === 'string') return new CertStatus({ [status]: null });
  return new CertStatus({
    revoked: new RevokedInfo({
      revocationTime: new Date(status.at),
      revocationReason: new CRLReason(reasonNumbers[status.reason]),
    }),
  });
}

const hashNames: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
};

/**
 * Whether the CertID identifies this authority; the key hash distinguishes generations of the same
 * name.
 */
function names(asked: CertID, authority: Authority): boolean {
  const hash = hashNames[asked.hashAlgorithm.algorithm];
  if (!hash) return false;
  const nameHash = createHash(hash).update(authority.name).digest();
  return (
    nameHash.equals(Buffer.from(asked.issuerNameHash.buffer)) &&
    keyHash(hash, authority.spki).equals(Buffer.from(asked.issuerKeyHash.buffer))
  );
}

/** Over the subjectPublicKey bits (RFC 6960 §4.1.1). */
function keyHash(hash: string, spki: Uint8Array): Buffer {
  let keyBits = keyBitsOf.get(spki);
  if (keyBits === undefined) {
    keyBits = new Uint8Array(AsnConvert.parse(spki, SubjectPublicKeyInfo).subjectPublicKey);
    keyBitsOf.set(spki, keyBits);
  }
  return createHash(hash).update(keyBits).digest();
}

/** By SubjectPublicKeyInfo: every answer names the same few keys. */
const keyBitsOf = new WeakMap<Uint8Array, Uint8Array>();

const day = 24 * 60 * 60 * 1000;
