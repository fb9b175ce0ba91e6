import { givenLists } from '../../../lambdas/pki/revocation/given-lists.ts';
import { validateCertificate } from '../../../lambdas/pki/validation/validate-certificate.ts';
import type { AlgorithmPolicy } from '../../../lambdas/pki/algorithm-policy.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { isCodedError } from '../../../lambdas/errors.ts';

/** One case of NIST's PKITS, with its certificates and CRLs. */
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

/** The first edition of PKITS uses RSA-1024, DSA-1024 and SHA-1. */
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

/** Runs `validateCertificate` with the CRLs of the case: path, then revocation of all its certificates. */
export async function runPkitsCase(one: PkitsCase): Promise<PkitsOutcome> {
  const [anchor, ...others] = one.certs.map((text) =>
    parseCertificate(Buffer.from(text, 'base64')),
  );
  const lists = one.crls.flatMap((text, index) => readList(text, index));
  const report = await validateCertificate(
    {
      certificate: others.at(-1)?.der ?? anchor!.der,
      intermediates: others,
      method: 'crl',
      now: Date.parse(one.time),
    },
    { ocsp: [], crl: [givenLists(lists, others)] },
    {
      anchors: [{ certificate: anchor! }],
      algorithms,
      clockSkewMs: 0,
      crlMaxAgeMs: Infinity,
      ocspMaxAgeMs: 0,
      path: {
        userInitialPolicySet: one.initialPolicySet,
        initialExplicitPolicy: one.initialExplicitPolicy,
        initialPolicyMappingInhibit: one.initialPolicyMappingInhibit,
        initialAnyPolicyInhibit: one.initialInhibitAnyPolicy,
      },
    },
  );
  const { verdict, userConstrainedPolicySet } = report;
  return { valid: verdict === 'valid', userConstrainedPolicySet };
}

/** A CRL that is not DER is ignored. */
function readList(text: string, index: number) {
  try {
    return [{ source: `crl-${index}`, crl: parseCrl(Buffer.from(text, 'base64')) }];
  } catch (error) {
    if (isCodedError(error)) return [];
    throw error;
  }
}
