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

/** What a responder is judged by. */
export interface ResponderRules {
  /** Of the certificate in question; its key alone may requireScope a responder. */
  readonly issuer: Certificate;
  /** Responder certificates known beforehand, for responses that embed none. */
  readonly knownResponders: readonly Certificate[];
  readonly algorithms: AlgorithmPolicy;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Asked of a delegated responder without ocsp-nocheck; `unknown` is policy's to decide. */
  readonly responderStatus: (responder: Certificate) => Promise<'good' | 'revoked' | 'unknown'>;
  /** May a responder answer whose own revocation nobody can tell (RFC 6960 §4.2.2.2.1, third way)? */
  readonly acceptUncheckedResponder: boolean;
}

const ocspSigning = '1.3.6.1.5.5.7.3.9';

/**
 * RFC 6960 §3.2 and §4.2.2.2: the certificate that signed the response and may, or why none did.
 * The issuer itself may sign, or a responder whose certificate "is issued directly by the CA that is
 * identified in the request" — by the same key, since generations share a name — and carries
 * id-kp-OCSPSigning. Another certificate of that CA, a citizen's say, proves nothing.
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
      // A certificate whose extensions cannot be read authorises nobody; another of its key may.
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

/** Issued by the same key (a path of one step), and entitled by its own key purpose and key usage. */
function isDelegate(signer: Certificate, rules: ResponderRules): boolean {
  // anyExtendedKeyUsage does not do: §4.2.2.2 wants id-kp-OCSPSigning itself.
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

/** Embedded bytes that are no certificate are no candidates; the signature decides among the rest. */
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
