import { createHash } from 'node:crypto';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { DerError } from '../x509/der.ts';
import {
  allowsKeyUsage,
  extendedKeyUsageOf,
  extensionId,
  findExtension,
} from '../x509/extensions.ts';
import { nameConstraintsOf } from '../x509/name-constraints.ts';
import { sameName } from '../x509/name.ts';
import type { BasicOcspResponse, ResponderId } from '../x509/ocsp.ts';
import { sameBytes } from '../x509/octets.ts';
import { validatePath } from '../path/validate-path.ts';
import { verifySignature } from '../x509/verify-signature.ts';
import type { UnknownReason } from '../revocation/revocation-status.ts';

/** Inputs to the authorisation of a responder (RFC 6960 §4.2.2.2). */
export interface ResponderRules {
  /** Issuer of the certificate in question; only its key may authorise a responder. */
  readonly issuer: Certificate;
  /** Configured responder certificates, for responses that embed none. */
  readonly knownResponders: readonly Certificate[];
  readonly algorithms: AlgorithmPolicy;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Returns the status of a delegated responder without ocsp-nocheck. */
  readonly responderStatus: (responder: Certificate) => Promise<'good' | 'revoked' | 'unknown'>;
  /** Accept a delegated responder whose status is `unknown` (RFC 6960 §4.2.2.2.1, third option). */
  readonly acceptUncheckedResponder: boolean;
}

const ocspSigning = '1.3.6.1.5.5.7.3.9';

/**
 * RFC 6960 §3.2 and §4.2.2.2: the certificate of the authorised responder that signed the response, or the
 * reason why there is none. The issuer itself may sign, or a responder whose certificate "is issued
 * directly by the CA that is identified in the request" and carries id-kp-OCSPSigning. "The CA" means the
 * same key, because generations of a CA share one name. Other certificates of the CA may not sign.
 */
export async function authorisedResponder(
  basic: BasicOcspResponse,
  rules: ResponderRules,
): Promise<Certificate | UnknownReason> {
  const candidates = [rules.issuer, ...rules.knownResponders, ...embedded(basic)].filter(
    (candidate) => isNamedBy(basic.responderId, candidate),
  );
  if (candidates.length === 0) return 'ocsp-responder-untrusted';
  const signers = candidates.filter((candidate) => hasSigned(basic, candidate, rules.algorithms));
  if (signers.length === 0) return 'ocsp-signature-invalid';
  for (const signer of signers) {
    try {
      if (await isAuthorised(signer, rules)) return signer;
    } catch (error) {
      // Skip a certificate with malformed extensions; another one may carry the same key.
      if (!(error instanceof DerError)) throw error;
    }
  }
  return 'ocsp-responder-untrusted';
}

function isNamedBy(responderId: ResponderId, candidate: Certificate): boolean {
  if (responderId.by === 'name') return sameName(responderId.name, candidate.subject);
  const keyHash = createHash('sha1').update(candidate.keyBits).digest();
  return sameBytes(responderId.keyHash, keyHash);
}

const hasSigned = (
  basic: BasicOcspResponse,
  candidate: Certificate,
  policy: AlgorithmPolicy,
): boolean =>
  verifySignature(
    { algorithm: basic.signatureAlgorithm, data: basic.tbs, signature: basic.signature },
    candidate,
    policy,
  ) === 'ok';

async function isAuthorised(signer: Certificate, rules: ResponderRules): Promise<boolean> {
  if (sameBytes(signer.spki, rules.issuer.spki)) return true;
  return isDelegate(signer, rules) && (await isUnrevoked(signer, rules));
}

/** A delegated responder: signed by the issuer's key (a path of one certificate), with EKU and keyUsage for it. */
function isDelegate(signer: Certificate, rules: ResponderRules): boolean {
  // §4.2.2.2 requires id-kp-OCSPSigning; anyExtendedKeyUsage is not enough.
  if (!extendedKeyUsageOf(signer)?.includes(ocspSigning)) return false;
  if (!allowsKeyUsage(signer, 'digitalSignature') && !allowsKeyUsage(signer, 'nonRepudiation')) {
    return false;
  }
  const { issuer, now: time, algorithms } = rules;
  const anchors = [{ name: issuer.subject, key: issuer }];
  const names = nameConstraintsOf(issuer);
  const constraints = names && { initialNameConstraints: names };
  return validatePath({ leaf: signer, anchors, time, algorithms, ...constraints }).valid;
}

async function isUnrevoked(signer: Certificate, rules: ResponderRules): Promise<boolean> {
  if (findExtension(signer, extensionId.ocspNoCheck)) return true;
  const status = await rules.responderStatus(signer);
  return status === 'good' || (status === 'unknown' && rules.acceptUncheckedResponder);
}

/** The embedded certificates; those that do not parse are skipped. */
function embedded(basic: BasicOcspResponse): Certificate[] {
  return basic.certificates.flatMap((der) => {
    try {
      return [parseCertificate(der)];
    } catch (error) {
      if (error instanceof DerError) return [];
      throw error;
    }
  });
}
