import type { OcspClient } from '../ocsp/ocsp-client.ts';
import { liveOcsp } from '../revocation/live-ocsp.ts';
import type { RevocationBudget } from '../revocation/revocation-policy.ts';
import { storedListSource } from '../revocation/stored-lists-source.ts';
import type { StoredLists } from '../revocation/stored-lists.ts';
import type { TrustProfile } from '../trust-profile.ts';
import type { OcspRequestSigner } from '../x509/ocsp-request.ts';
import {
  validateCertificate,
  type ValidationPolicy,
  type ValidationRequest,
} from './validate-certificate.ts';
import type { ValidationReport } from './validation-report.ts';

export type { ValidationReport } from './validation-report.ts';
export type { ValidationRequest } from './validate-certificate.ts';

/** The trust profile and the revocation sources of a deployment. */
export interface DeployedSources {
  readonly profile: TrustProfile;
  readonly ocsp: OcspClient;
  readonly lists: StoredLists;
  /** Milliseconds since the request began, monotonic; measures the budget. */
  readonly elapsedMs: () => number;
  /** Time for revocation sources. Default: five seconds in total. */
  readonly budget?: RevocationBudget;
  /** Signs OCSP requests, for responders that require it (RFC 6960 §4.1.2). */
  readonly requestSigner?: OcspRequestSigner;
}

/** Type of `validateUnderProfile`. */
export type ValidateUnderProfile = (
  request: ValidationRequest,
  deployed: DeployedSources,
) => Promise<ValidationReport>;

/** `validateCertificate` with live OCSP and stored lists, under a trust profile. */
export const validateUnderProfile: ValidateUnderProfile = (request, deployed) => {
  const { profile, ocsp, lists, elapsedMs, budget, requestSigner } = deployed;
  const sources = {
    ocsp: [liveOcsp(ocsp, profile.ocspResponders, requestSigner)],
    crl: [storedListSource(lists)],
    elapsedMs,
  };
  const policy = policyOfProfile(profile);
  return validateCertificate(request, sources, budget ? { ...policy, budget } : policy);
};

/** The validation policy of a trust profile; a leaf must assert a policy of one of its kinds. */
export function policyOfProfile(profile: TrustProfile): ValidationPolicy {
  const known = policies.get(profile);
  if (known !== undefined) return known;
  const policy = policyFrom(profile);
  policies.set(profile, policy);
  return policy;
}

/** Cache: a trust profile does not change after it is parsed. */
const policies = new WeakMap<TrustProfile, ValidationPolicy>();

const policyFrom = (profile: TrustProfile): ValidationPolicy => ({
  anchors: profile.anchors,
  kinds: profile.kinds,
  algorithms: profile.algorithms,
  clockSkewMs: profile.clockSkewMs,
  crlMaxAgeMs: profile.crlMaxAgeMs,
  ocspMaxAgeMs: profile.ocspMaxAgeMs,
  path: {
    userInitialPolicySet: Object.values(profile.kinds).flatMap(({ policies }) => policies),
    initialExplicitPolicy: true,
  },
});
