import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from './certificate.ts';
import { issuerKeyIdOf } from './issuer-key-id.ts';
import { octetDigest } from './octet-digest.ts';
import type { SubjectPublicKey } from './public-key.ts';
import { RecentlyUsed } from './recently-used.ts';
import { type SignatureOutcome, verifySignature, verifyUnderScheme } from './verify-signature.ts';

/**
 * Cache of valid signatures: issuer key id by SHA-256 of the certificate, about 150 octets each. A card's
 * certificate is often validated several times within minutes, and a responder's certificate comes with
 * every response.
 */
const recentlyValid = new RecentlyUsed<string>(512);

/**
 * Verifies the issuer's signature on the certificate under this key and policy (RFC 5280 §6.1.3 (a)(1)).
 * The policy is applied each time. The cryptographic operation is skipped if the same octets were recently
 * valid under the same key. The cache contains only digests, no certificate.
 */
export function verifyCertificateSignature(
  certificate: Certificate,
  issuerKey: SubjectPublicKey,
  policy: AlgorithmPolicy,
): SignatureOutcome {
  const { signatureAlgorithm: algorithm, tbs: data, signature } = certificate;
  return verifySignature(
    { algorithm, data, signature },
    issuerKey,
    policy,
    (scheme, signed, key) => {
      const digest = octetDigest(certificate);
      const keyId = issuerKeyIdOf(key);
      if (recentlyValid.get(digest) === keyId) return true;
      const holds = verifyUnderScheme(scheme, signed, key);
      if (holds) recentlyValid.set(digest, keyId);
      return holds;
    },
  );
}
