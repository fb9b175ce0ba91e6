import { hash } from 'node:crypto';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from './certificate.ts';
import { issuerKeyIdOf } from './issuer-key-id.ts';
import type { SubjectPublicKey } from './public-key.ts';
import { RecentlyUsed } from './recently-used.ts';
import { type SignatureOutcome, verifySignature, verifyUnderScheme } from './verify-signature.ts';

/**
 * The id of the key under which it held, by SHA-256 of the certificate; some 150 octets each. A card is shown several times within minutes (it registers, then
 * logs in), a responder's certificate comes with every answer.
 */
const heldLately = new RecentlyUsed<string>(512);

/**
 * Does the issuer's signature on the certificate hold under this key and policy (RFC 5280 §6.1.3
 * (a)(1))? The policy is asked each time; the arithmetic is not repeated for the same octets under the
 * same key when it held lately. Remembered are two SHA-256 digests, nothing of the certificate itself.
 */
export function verifyCertificateSignature(
  { der, signatureAlgorithm: algorithm, tbs: data, signature }: Certificate,
  issuerKey: SubjectPublicKey,
  policy: AlgorithmPolicy,
): SignatureOutcome {
  return verifySignature(
    { algorithm, data, signature },
    issuerKey,
    policy,
    (scheme, signed, key) => {
      const digest = hash('sha256', der, 'base64');
      const keyId = issuerKeyIdOf(key);
      if (heldLately.get(digest) === keyId) return true;
      const holds = verifyUnderScheme(scheme, signed, key);
      if (holds) heldLately.set(digest, keyId);
      return holds;
    },
  );
}
