import { contextConstructed, DerReader, enterWhole, tag } from '../../lambdas/pki/x509/der.ts';

/** What a responder reads out of an OCSPRequest (RFC 6960 §4.1). */
export interface ParsedOcspRequest {
  readonly certificates: readonly RequestedCertificate[];
  /** Octets of the nonce, without its OCTET STRING; undefined when the request has none. */
  readonly nonce: Uint8Array | undefined;
  readonly isSigned: boolean;
}

export interface RequestedCertificate {
  /** CertID, DER, to be given back as it is. */
  readonly certId: Uint8Array;
  /** Dotted decimal. */
  readonly hashAlgorithm: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Content octets of the serial INTEGER. */
  readonly serial: Uint8Array;
}

/** Throws `DerError`: a responder then answers malformedRequest. */
export function parseOcspRequest(request: Uint8Array): ParsedOcspRequest {
  const outer = enterWhole(request);
  const tbs = outer.enter(tag.sequence);
  const isSigned = outer.enterOptional(contextConstructed(0)) !== undefined;
  outer.finish();
  tbs.enterOptional(contextConstructed(0));
  tbs.enterOptional(contextConstructed(1));
  const list = tbs.enter(tag.sequence);
  const certificates: RequestedCertificate[] = [];
  while (!list.atEnd) certificates.push(requestedCertificate(list.enter(tag.sequence)));
  const extensions = tbs.enterOptional(contextConstructed(2));
  tbs.finish();
  return { certificates, nonce: extensions && nonceIn(extensions), isSigned };
}

function requestedCertificate(request: DerReader): RequestedCertificate {
  const certId = request.element(tag.sequence);
  const fields = enterWhole(certId);
  const hashAlgorithm = fields.enter(tag.sequence).oid();
  return {
    certId,
    hashAlgorithm,
    issuerNameHash: fields.content(tag.octetString),
    issuerKeyHash: fields.content(tag.octetString),
    serial: fields.integerBytes(),
  };
}

function nonceIn(wrapper: DerReader): Uint8Array | undefined {
  const extensions = wrapper.enter(tag.sequence);
  while (!extensions.atEnd) {
    const extension = extensions.enter(tag.sequence);
    const id = extension.oid();
    extension.enterOptional(tag.boolean);
    const value = extension.content(tag.octetString);
    if (id === '1.3.6.1.5.5.7.48.1.2') return new DerReader(value).content(tag.octetString);
  }
  return undefined;
}
