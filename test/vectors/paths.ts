import { buildingVectors } from './paths/building-vectors.ts';
import { certificateVectors } from './paths/certificate-vectors.ts';
import { chainVectors } from './paths/chain-vectors.ts';
import { issuanceVectors } from './paths/issuance-vectors.ts';
import { nameConstraintVectors } from './paths/name-constraint-vectors.ts';
import { policyVectors } from './paths/policy-vectors.ts';
import { signatureVectors } from './paths/signature-vectors.ts';

export { inputOf, modern, type PathVector, vectorTime } from './paths/chain.ts';

/** Cases for every rule of path validation; the sandbox's builders create the certificates at run time. */
export const pathVectors = [
  ...certificateVectors,
  ...issuanceVectors,
  ...signatureVectors,
  ...chainVectors,
  ...nameConstraintVectors,
  ...policyVectors,
  ...buildingVectors,
];
