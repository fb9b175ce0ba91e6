import type { Certificate } from '../x509/certificate.ts';
import { allowsKeyUsage, basicConstraintsOf } from '../x509/extensions.ts';
import { inhibitAnyPolicyOf, policyConstraintsOf } from '../x509/certificate-policies.ts';
import { nameConstraintsOf } from '../x509/name-constraints.ts';
import { type PkiErrorCode, PkiError } from '../pki-error.ts';
import { criticalExtensions } from './checks/critical-extensions.ts';
import { extendedKeyUsage } from './checks/extended-key-usage.ts';
import { keepsIssuanceRules } from './checks/issuance-rules.ts';
import { validityRefusal } from './checks/validity.ts';
import type { CheckFailure, PathStep } from './path-check.ts';
import type { PathAnchor } from './path-input.ts';
import type { PathState } from './path-state.ts';

/**
 * Checks a trust anchor given as a certificate and applies its constraints to the path. The certificate
 * must be in force, allow the required purpose and have no unknown critical extension. Version 3 requires
 * basicConstraints with cA (RFC 5280 §4.2.1.9: without it the key "MUST NOT be used to verify certificate
 * signatures"). Its constraints become inputs of the path (RFC 5937 §3.2), but not its
 * certificatePolicies: those of a root state the policies of its own issuance. A bare name and key has no
 * constraints.
 */
export function takeTrustAnchor(
  anchor: PathAnchor,
  step: Omit<PathStep, 'certificate'>,
): CheckFailure | undefined {
  if (!('certificate' in anchor)) return undefined;
  const { certificate } = anchor;
  try {
    const refusal = validityRefusal(certificate, step.input.time);
    if (refusal !== undefined) return failure(refusal);
    if (!isAuthority(certificate)) return failure('certificate-path-invalid');
    const ofAnchor: PathStep = { ...step, certificate };
    for (const rule of anchorRules) {
      const code = rule.check(ofAnchor);
      if (code !== undefined) return failure(code);
    }
    if (step.input.issuanceRules && !keepsRulesOfIssue(certificate)) {
      return failure('certificate-path-invalid');
    }
    applyConstraints(certificate, step.state);
    return undefined;
  } catch (error) {
    if (error instanceof PkiError) return { ...failure(error.code), detail: error.message };
    throw error;
  }
}

const anchorRules = [criticalExtensions, extendedKeyUsage] as const;

const failure = (code: PkiErrorCode): CheckFailure => ({
  code,
  check: 'trust-anchor',
  clause: 'RFC 5280 §6.1.1 (d), RFC 5937 §3',
  scope: 'path',
});

const isAuthority = (certificate: Certificate): boolean =>
  (basicConstraintsOf(certificate)?.isCa ??
    (certificate.version < 3 && certificate.extensions.length === 0)) &&
  allowsKeyUsage(certificate, 'keyCertSign');

const keepsRulesOfIssue = (certificate: Certificate): boolean =>
  certificate.version === 3 && !certificate.subject.isEmpty && keepsIssuanceRules(certificate);

/** Applies name constraints, path length and policy constraints; they can only restrict the inputs. */
function applyConstraints(certificate: Certificate, state: PathState): void {
  const names = nameConstraintsOf(certificate);
  if (names?.permitted) state.permittedSubtrees.push(names.permitted);
  if (names?.excluded) state.excludedSubtrees.push(...names.excluded);
  const { pathLength } = basicConstraintsOf(certificate) ?? {};
  state.maxPathLength = Math.min(state.maxPathLength, pathLength ?? Infinity);
  const constraints = policyConstraintsOf(certificate);
  if (constraints?.requireExplicitPolicy !== undefined) {
    state.explicitPolicy = Math.min(state.explicitPolicy, constraints.requireExplicitPolicy);
  }
  if (constraints?.inhibitPolicyMapping !== undefined) {
    state.policyMapping = Math.min(state.policyMapping, constraints.inhibitPolicyMapping);
  }
  state.inhibitAnyPolicy = Math.min(
    state.inhibitAnyPolicy,
    inhibitAnyPolicyOf(certificate) ?? Infinity,
  );
}
