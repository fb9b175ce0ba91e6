import { basicConstraints } from './checks/basic-constraints.ts';
import { criticalExtensions } from './checks/critical-extensions.ts';
import { explicitPolicy } from './checks/explicit-policy.ts';
import { extendedKeyUsage } from './checks/extended-key-usage.ts';
import { extensionsWellFormed } from './checks/extensions-well-formed.ts';
import { issuanceRules } from './checks/issuance-rules.ts';
import { keyUsage } from './checks/key-usage.ts';
import { nameChaining } from './checks/name-chaining.ts';
import { nameConstraints } from './checks/name-constraints.ts';
import { namesPresent } from './checks/names-present.ts';
import { pathLength } from './checks/path-length.ts';
import { policies } from './checks/policies.ts';
import { policyCounters } from './checks/policy-counters.ts';
import { policyMapping } from './checks/policy-mapping.ts';
import { serialNumber } from './checks/serial-number.ts';
import { signatureAlgorithm } from './checks/signature-algorithm.ts';
import { subjectKey } from './checks/subject-key.ts';
import { signature } from './checks/signature.ts';
import { takeNameConstraints } from './checks/take-name-constraints.ts';
import { uniqueExtensions } from './checks/unique-extensions.ts';
import { validity } from './checks/validity.ts';
import { version } from './checks/version.ts';
import { workingKey } from './checks/working-key.ts';
import type { PathCheck } from './path-check.ts';

/** Checks of every certificate: the rules of RFC 5280 §4, then §6.1.3. */
const basic: readonly PathCheck[] = [
  version,
  serialNumber,
  signatureAlgorithm,
  namesPresent,
  subjectKey,
  uniqueExtensions,
  extensionsWellFormed,
  criticalExtensions,
  issuanceRules,
  validity,
  nameChaining,
  signature,
  nameConstraints,
  policies,
];

/** The checks of an intermediate certificate, in order: basic, then §6.1.4. */
export const authorityChecks: readonly PathCheck[] = [
  ...basic,
  policyMapping,
  workingKey,
  takeNameConstraints,
  policyCounters,
  basicConstraints,
  pathLength,
  keyUsage,
  extendedKeyUsage,
];

/** The checks of the last certificate, in order: basic, then §6.1.5. */
export const finalChecks: readonly PathCheck[] = [
  ...basic,
  workingKey,
  explicitPolicy,
  extendedKeyUsage,
];
