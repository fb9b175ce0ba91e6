import { readFileSync } from 'node:fs';
import {
  type PathInput,
  type PathResult,
  type ValidPath,
  validatePath,
} from '../../../lambdas/pki/path/validate-path.ts';
import { checkPathRevocationByCrls } from '../../../lambdas/pki/crl/find-revocation.ts';
import type { AlgorithmPolicy } from '../../../lambdas/pki/algorithm-policy.ts';
import { type Certificate, parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { isCodedError } from '../../../lambdas/errors.ts';

/** One case of NIST's PKITS, as `pkits.json` holds it. */
export interface PkitsCase {
  readonly number: string;
  readonly title: string;
  /** Base64 DER: the trust anchor first, the end entity last. */
  readonly certs: readonly string[];
  readonly crls: readonly string[];
  readonly time: string;
  readonly initialPolicySet: readonly string[];
  readonly initialExplicitPolicy: boolean;
  readonly initialPolicyMappingInhibit: boolean;
  readonly initialInhibitAnyPolicy: boolean;
  readonly shouldValidate: boolean;
  readonly userConstrainedPolicySet: readonly string[];
}

const file = new URL('../../../../shared/vectors/pkits.json', import.meta.url);

/** Undefined where the file is not there. */
export function readPkitsCases(): readonly PkitsCase[] | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly PkitsCase[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The suite is of 2010: RSA-1024, DSA-1024 and SHA-1. */
const algorithms: AlgorithmPolicy = {
  minimumRsaBits: 1024,
  minimumDsaBits: 1024,
  curves: ['P-256', 'P-384'],
  hashes: ['SHA-1', 'SHA-256'],
};

export interface PkitsOutcome {
  readonly valid: boolean;
  readonly userConstrainedPolicySet: readonly string[];
}

/** Path validation and, on the path that it finds, revocation by the lists of the case. */
export function runPkitsCase(one: PkitsCase): PkitsOutcome {
  const certificates = one.certs.map((text) => parseCertificate(Buffer.from(text, 'base64')));
  const anchor = { certificate: certificates[0]! };
  const pathTo = (leaf: Certificate): PathResult<typeof anchor> => {
    const input: PathInput<typeof anchor> = {
      leaf,
      intermediates: certificates.slice(1),
      anchors: [anchor],
      time: Date.parse(one.time),
      algorithms,
      userInitialPolicySet: one.initialPolicySet,
      initialExplicitPolicy: one.initialExplicitPolicy,
      initialPolicyMappingInhibit: one.initialPolicyMappingInhibit,
      initialAnyPolicyInhibit: one.initialInhibitAnyPolicy,
    };
    return validatePath(input);
  };
  const result = pathTo(certificates.at(-1)!);
  if (!result.valid) return { valid: false, userConstrainedPolicySet: [] };
  const finding = checkPathRevocationByCrls(anchorFirst(result, anchor.certificate), {
    lists: one.crls.flatMap((text, index) => readList(text, index)),
    certificates,
    pathTo: (signer) => {
      const found = pathTo(signer);
      return found.valid ? anchorFirst(found, anchor.certificate) : undefined;
    },
    policy: {
      now: Date.parse(one.time),
      clockSkewMs: 0,
      maximumAgeMs: Number.MAX_SAFE_INTEGER,
      algorithms,
    },
  });
  return {
    valid: finding?.status.status === 'good',
    userConstrainedPolicySet: result.userConstrainedPolicySet,
  };
}

/** Each certificate with the key that the path gives it: DSA parameters may come from its issuer. */
const anchorFirst = (result: ValidPath, anchor: Certificate): readonly Certificate[] => [
  anchor,
  ...result.path
    .map((certificate, index): Certificate => {
      const { spki, keyAlgorithm, keyBits } = result.keys[index]!;
      return { ...certificate, spki, keyAlgorithm, keyBits };
    })
    .toReversed(),
];

/** A list that is not DER proves nothing, as if it were not there. */
function readList(text: string, index: number) {
  try {
    return [{ source: `crl-${index}`, crl: parseCrl(Buffer.from(text, 'base64')) }];
  } catch (error) {
    if (isCodedError(error)) return [];
    throw error;
  }
}
