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

/** Conditions for a CRL apart from its scope. Times in ms. */
export interface CrlPolicy {
  readonly now: number;
  /** Applied to thisUpdate only. */
  readonly clockSkewMs: number;
  readonly maximumAgeMs: number;
  readonly algorithms: AlgorithmPolicy;
  /** Also refuse CRLs that violate the requirements of RFC 5280 §5 on CRL issuers. Default: off. */
  readonly issuanceRules?: boolean;
}

/** Reason to refuse the CRL regardless of its issuer; undefined when there is none. */
export function crlRefusal(list: Crl, policy: CrlPolicy): UnknownReason | undefined {
  const refusal = freshnessRefusal(list, policy) ?? contentRefusal(list);
  if (refusal || !policy.issuanceRules) return refusal;
  return keepsCrlIssuanceRules(list) ? undefined : 'crl-unsupported';
}

/**
 * Checks thisUpdate, nextUpdate and age. A CRL without nextUpdate (RFC 5280 §5.1.2.5 requires it), or with
 * nextUpdate before thisUpdate, is stale.
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

/** RFC 5280 §5.2, §5.3: a CRL with an unrecognised critical extension MUST NOT be used. */
function contentRefusal(list: Crl): UnknownReason | undefined {
  const { issuingDistributionPoint, unknownCritical } = list.extensions;
  if (unknownCritical.length + list.unknownCriticalInEntries.length > 0) return 'crl-unsupported';
  // §5.3.3: certificateIssuer in an entry of a CRL without indirectCRL.
  const contradicts = list.namesCertificateIssuers && !issuingDistributionPoint?.indirectCrl;
  return contradicts ? 'crl-unsupported' : undefined;
}

/**
 * The certificates among `issuer` and `others` whose key signed the CRL and may sign CRLs. Candidates have
 * the CRL issuer's name (RFC 5280 §6.3.3 (f)); those whose key identifier matches the CRL's are tried
 * first. Several generations of a CA share one name, so only the signature decides.
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
  // The caller may have given more certificates of this name than are tried, the signer's among the rest.
  if (typeof signers === 'string' && bearers.length > named.length) under.cutShort();
  return signers;
}

/** Verifies CRL signatures; `cutShort` records that some candidates were not tried. */
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
 * With keyUsage, cRLSign is required (§6.3.3 (f)). Without keyUsage, only the certificate's issuer and CA
 * certificates may sign CRLs: any other CRL issuer "MUST include this extension" (§4.2.1.3).
 */
function maySignLists(candidate: Certificate, issuer: Certificate): boolean {
  if (keyUsageOf(candidate) !== undefined) return allowsKeyUsage(candidate, 'cRLSign');
  return candidate === issuer || basicConstraintsOf(candidate)?.isCa === true;
}

/** Verifies the signature over the TBSCertList with this certificate's key, under the algorithm policy. */
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
