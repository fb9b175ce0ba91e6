import { OCSPRequest } from '@peculiar/asn1-ocsp';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';

/** An OCSPRequest (RFC 6960 §4.1) as parsed by another implementation. */
export interface ParsedOcspRequest {
  readonly certificates: readonly RequestedCertificate[];
  /** Octets of the nonce, without its OCTET STRING; undefined when the request has none. */
  readonly nonce: Uint8Array | undefined;
  readonly isSigned: boolean;
}

export interface RequestedCertificate {
  /** CertID, DER. */
  readonly certId: Uint8Array;
  /** Dotted decimal. */
  readonly hashAlgorithm: string;
}

export function parseOcspRequest(request: Uint8Array): ParsedOcspRequest {
  const { tbsRequest, optionalSignature } = AsnConvert.parse(request, OCSPRequest);
  const nonce = tbsRequest.requestExtensions?.find(({ extnID }) => extnID === nonceOid);
  return {
    certificates: tbsRequest.requestList.map(({ reqCert }) => ({
      certId: new Uint8Array(AsnConvert.serialize(reqCert)),
      hashAlgorithm: reqCert.hashAlgorithm.algorithm,
    })),
    nonce: nonce && new Uint8Array(AsnConvert.parse(nonce.extnValue.buffer, OctetString).buffer),
    isSigned: optionalSignature !== undefined,
  };
}

const nonceOid = '1.3.6.1.5.5.7.48.1.2';
