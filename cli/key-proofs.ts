import { calculateJwkThumbprint, SignJWT, type JWK } from 'jose';
import type { CryptoKey } from 'jose';
import type { KeyObject } from 'node:crypto';
import { keyProofType } from '../lambdas/capabilities/services/key-proofs.ts';
import { serviceLimits } from '../lambdas/capabilities/services/limits.ts';

/** A key of a set; if its private key is present, possession is proved. */
export interface SetMember {
  /** Public JWK with `kid` and `alg`. */
  readonly jwk: JWK;
  readonly privateKey?: CryptoKey | KeyObject;
}

export interface ProofTerms {
  /** The platform's issuer identifier, as in its metadata. */
  readonly issuer: string;
  /** The service's id; before registration, its name. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The JWK Set to register, with a proof of possession for each key whose private key is present.
 */
export async function jwksWithProofs(
  members: readonly SetMember[],
  { issuer, subject, now }: ProofTerms,
): Promise<{ keys: JWK[]; proofs: string[] }> {
  const keys = members.map(({ jwk }) => jwk);
  const jkts = await Promise.all(keys.map((jwk) => calculateJwkThumbprint(jwk)));
  const issuedAt = Math.floor(now / 1000);
  const proofs: string[] = [];
  for (const { jwk, privateKey } of members) {
    if (privateKey === undefined) continue;
    const proof = new SignJWT({ jkts })
      .setProtectedHeader({ typ: keyProofType, alg: jwk.alg!, kid: jwk.kid! })
      .setAudience(issuer)
      .setSubject(subject)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + serviceLimits.proofSeconds);
    proofs.push(await proof.sign(privateKey));
  }
  return { keys, proofs };
}
