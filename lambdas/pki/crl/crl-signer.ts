import { engineLimits } from '../limits.ts';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { Crl } from '../x509/crl.ts';
import { DerError } from '../x509/der.ts';
import {
  allowsKeyUsage,
  basicConstraintsOf,
  keyUsageOf,
  subjectKeyIdentifierOf,
} from '../x509/extensions.ts';
import { sameName } from '../x509/name.ts';
import { sameBytes } from '../x509/octets.ts';
import { type SignatureOutcome, verifySignature } from '../x509/verify-signature.ts';
import { keepsCrlIssuanceRules } from './crl-issuance-rules.ts';
import type { UnknownReason } from '../revocation/revocation-status.ts';

/** What a list must satisfy besides its scope. Times in ms. */
export interface CrlPolicy {
  readonly now: number;
  /** Applied to thisUpdate only. */
  readonly clockSkewMs: number;
  readonly maximumAgeMs: number;
  readonly algorithms: AlgorithmPolicy;
  /** Also refuse lists that break the rules of RFC 5280 §5 for those who issue. Off unless told. */
  readonly issuanceRules?: boolean;
}

/** Why the list proves nothing whoever signed it; undefined when it may. */
export function crlRefusal(list: Crl, policy: CrlPolicy): UnknownReason | undefined {
  const refusal = freshnessRefusal(list, policy) ?? contentRefusal(list);
  if (refusal || !policy.issuanceRules) return refusal;
  return keepsCrlIssuanceRules(list) ? undefined : 'crl-unsupported';
}

/**
 * A list without nextUpdate never ends being current, so it never is (RFC 5280 §5.1.2.5 requires it); one
 * whose nextUpdate lies before its thisUpdate never was.
 */
export function freshnessRefusal(
  list: { readonly thisUpdate: number; readonly nextUpdate: number | undefined },
  policy: Omit<CrlPolicy, 'algorithms'>,
): UnknownReason | undefined {
  const { now } = policy;
  const { thisUpdate, nextUpdate } = list;
  if (thisUpdate > now + policy.clockSkewMs) return 'crl-not-yet-valid';
  if (nextUpdate === undefined || now > nextUpdate || nextUpdate < thisUpdate) return 'crl-stale';
  return now - thisUpdate > policy.maximumAgeMs ? 'crl-stale' : undefined;
}

/** RFC 5280 §5.2, §5.3: with a critical extension that is not understood, the list MUST NOT be used. */
function contentRefusal(list: Crl): UnknownReason | undefined {
  const { issuingDistributionPoint, unknownCritical } = list.extensions;
  if (unknownCritical.length + list.unknownCriticalInEntries.length > 0) return 'crl-unsupported';
  // §5.3.3: entries of other issuers on a list that does not call itself indirect.
  const contradicts = list.namesCertificateIssuers && !issuingDistributionPoint?.indirectCrl;
  return contradicts ? 'crl-unsupported' : undefined;
}

/**
 * Of the certificate's issuer and others, those that signed the list and may, best guess first: of the
 * same name as its issuer (RFC 5280 §6.3.3 (f)), the key identifier that the list names before others.
 * Authorities of several generations share one name, so the signature alone decides.
 */
export function signersOf(
  list: Crl,
  issuer: Certificate,
  others: readonly Certificate[],
  under: SignatureChecks,
): readonly Certificate[] | UnknownReason {
  const preference = (candidate: Certificate): number =>
    candidate === issuer ? 2 : keyPreference(candidate, list);
  const bearers = [issuer, ...others]
    .filter((candidate) => sameName(candidate.subject, list.issuer) && isReadable(candidate))
    .toSorted((a, b) => preference(b) - preference(a));
  const named = bearers.slice(0, engineLimits.crlSigners);
  if (named.length === 0) return 'crl-issuer-untrusted';
  const signers = signersAmong(named, list, issuer, under);
  // Whoever may offer certificates may offer so many of this name that the signer's is not met.
  if (typeof signers === 'string' && bearers.length > named.length) under.cutShort();
  return signers;
}

/** How signatures over lists are checked, and who is told that a signer may not have been met. */
export interface SignatureChecks {
  signatureOutcome(list: Crl, signer: Certificate): SignatureOutcome;
  cutShort(): void;
}

function signersAmong(
  named: readonly Certificate[],
  list: Crl,
  issuer: Certificate,
  under: SignatureChecks,
): readonly Certificate[] | UnknownReason {
  const outcomes = named.map((candidate) => ({
    candidate,
    outcome: under.signatureOutcome(list, candidate),
  }));
  const signers = outcomes.filter(({ outcome }) => outcome === 'ok');
  if (signers.length === 0) {
    return outcomes.every(({ outcome }) => outcome === 'certificate-signature-invalid')
      ? 'crl-signature-invalid'
      : 'crl-unsupported';
  }
  const entitled = signers
    .map(({ candidate }) => candidate)
    .filter((candidate) => maySignLists(candidate, issuer));
  return entitled.length > 0 ? entitled : 'crl-issuer-untrusted';
}

/** Unparseable candidates are skipped. */
function isReadable(candidate: Certificate): boolean {
  try {
    for (const read of [subjectKeyIdentifierOf, keyUsageOf, basicConstraintsOf]) read(candidate);
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/**
 * cRLSign where a keyUsage stands (§6.3.3 (f)). Without one, authorities alone: whoever else signs lists
 * "MUST include this extension" (§4.2.1.3), and a citizen's certificate of the list's name signs none.
 */
function maySignLists(candidate: Certificate, issuer: Certificate): boolean {
  if (keyUsageOf(candidate) !== undefined) return allowsKeyUsage(candidate, 'cRLSign');
  return candidate === issuer || basicConstraintsOf(candidate)?.isCa === true;
}

/** Signature over the TBSCertList by this certificate's key, under the algorithm policy. */
export const signatureOutcome = (
  list: Crl,
  signer: Certificate,
  policy: AlgorithmPolicy,
): SignatureOutcome =>
  verifySignature(
    { algorithm: list.signatureAlgorithm, data: list.tbs, signature: list.signature },
    signer,
    policy,
  );

function keyPreference(candidate: Certificate, list: Crl): number {
  const wanted = list.extensions.authorityKeyIdentifier?.keyIdentifier;
  const offered = subjectKeyIdentifierOf(candidate);
  if (!wanted || !offered) return 0;
  return sameBytes(wanted, offered) ? 1 : -1;
}
