import { createHash } from 'node:crypto';
import {
  buildOcspError,
  buildOcspResponse,
  keyBitsOf,
  ocspExtensions,
  type SingleResponseTemplate,
} from '../pki/build-ocsp.ts';
import { parseOcspRequest, type RequestedCertificate } from '../pki/parse-ocsp-request.ts';
import { spkiOf, type Signer } from '../pki/signing.ts';
import { issueResponderCertificate, type Authority } from './authority.ts';
import { reasonNumbers, type Registry } from './registry.ts';
import { statusOf } from './revocation-of.ts';

/**
 * Who signs: a responder that the authority delegated to (id-kp-OCSPSigning, ocsp-nocheck), or the
 * authority's own key (RFC 6960 §4.2.2.2).
 */
export type ResponderMode = 'delegated' | 'issuer';

export interface OcspResponder {
  mode: ResponderMode;
  /** An OCSPResponse, DER, for an OCSPRequest, DER; never throws for bytes from outside. */
  answer(authority: Authority, request: Uint8Array): Buffer;
}

/** How long an answer claims to be good. */
const answerLifetime = 10 * 60 * 1000;
/** More than any client asks in one request; a bound, not a promise. */
const maxCertificates = 100;

export function createOcspResponder(
  registry: Registry,
  signer: Signer,
  now: () => number,
): OcspResponder {
  const spki = spkiOf(signer);
  const certificates = new Map<string, { der: Buffer; until: number }>();

  // Renewed each day, and whenever the clock was moved out of its validity.
  const delegation = (authority: Authority, at: number): Buffer => {
    const held = certificates.get(authority.id);
    if (held && held.until > at && held.until - 2 * day < at) return held.der;
    const serial = Math.floor(at / 1000);
    const der = issueResponderCertificate(authority, spki, serial, at);
    certificates.set(authority.id, { der, until: at + day });
    return der;
  };

  const responder: OcspResponder = {
    mode: 'delegated',
    answer: (authority, request) => {
      let asked: ReturnType<typeof parseOcspRequest>;
      try {
        asked = parseOcspRequest(request);
      } catch {
        return buildOcspError('malformedRequest');
      }
      if (asked.certificates.length === 0 || asked.certificates.length > maxCertificates) {
        return buildOcspError('malformedRequest');
      }
      // RFC 6960 §2.3: unauthorized, "the server is not capable of responding authoritatively".
      if (!asked.certificates.every((each) => names(each, authority))) {
        return buildOcspError('unauthorized');
      }
      const at = Math.floor(now() / 1000) * 1000;
      const delegated = responder.mode === 'delegated';
      return buildOcspResponse(
        {
          responder: { byKey: delegated ? spki : authority.spki },
          producedAt: new Date(at),
          responses: asked.certificates.map((each) => single(registry, authority, each, at)),
          extensions: asked.nonce && [ocspExtensions.nonce(asked.nonce)],
          certificates: delegated ? [delegation(authority, at)] : [],
        },
        delegated ? signer : authority.signer,
      );
    },
  };
  return responder;
}

function single(
  registry: Registry,
  authority: Authority,
  asked: RequestedCertificate,
  at: number,
): SingleResponseTemplate {
  // No serial here is longer than four octets; a longer one is none of ours.
  const serial = asked.serial.length > 6 ? -1 : Number(`0x${hex(asked.serial)}`);
  const status = statusOf(registry, authority.id, serial);
  return {
    certId: asked.certId,
    status:
      typeof status === 'string'
        ? status
        : { revokedAt: new Date(status.at), reason: reasonNumbers[status.reason] },
    thisUpdate: new Date(at),
    nextUpdate: new Date(at + answerLifetime),
  };
}

const hashNames: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
};

/** Whether the CertID names this authority; the key hash tells same-name generations apart. */
function names(asked: RequestedCertificate, authority: Authority): boolean {
  const hash = hashNames[asked.hashAlgorithm];
  if (!hash) return false;
  const digest = (bytes: Uint8Array): string => createHash(hash).update(bytes).digest('hex');
  return (
    digest(authority.name) === hex(asked.issuerNameHash) &&
    digest(keyBitsOf(authority.spki)) === hex(asked.issuerKeyHash)
  );
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const day = 24 * 60 * 60 * 1000;
