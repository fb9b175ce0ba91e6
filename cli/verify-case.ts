import type { AlgorithmPolicy } from '../lambdas/pki/algorithm-policy.ts';
import { octetsCure, type WantedStructure } from '../lambdas/pki/diagnosis/octets-cure.ts';
import { PkiError, type PkiErrorCode } from '../lambdas/pki/pki-error.ts';
import { givenLists } from '../lambdas/pki/revocation/given-lists.ts';
import { givenResponses } from '../lambdas/pki/revocation/given-responses.ts';
import type { TrustProfile } from '../lambdas/pki/trust-profile.ts';
import type { WantedKind } from '../lambdas/pki/validation/certificate-kind.ts';
import {
  validateCertificate,
  type ValidationPolicy,
} from '../lambdas/pki/validation/validate-certificate.ts';
import { policyOfProfile } from '../lambdas/pki/validation/validate-under-profile.ts';
import type { ValidationReport } from '../lambdas/pki/validation/validation-report.ts';
import { type Certificate, parseCertificate } from '../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../lambdas/pki/x509/crl.ts';
import type { NameConstraints } from '../lambdas/pki/x509/name-constraints.ts';
import type { NamedBytes } from './named-bytes.ts';

/** `none`: revocation is not checked; `auto`: OCSP responses first, then CRLs. */
export type OfflineMethod = 'none' | 'ocsp' | 'crl' | 'auto';

/** One question with all evidence for it; nothing is fetched. */
export interface VerifyCase {
  readonly certificate: NamedBytes;
  readonly intermediates: readonly NamedBytes[];
  readonly anchors: readonly NamedBytes[];
  readonly crls: readonly NamedBytes[];
  readonly ocspResponses: readonly NamedBytes[];
  readonly method: OfflineMethod;
  /**
   * Certificates whose revocation is checked: the leaf only, or every certificate below the anchor.
   */
  readonly revocationOf: 'leaf' | 'path';
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly algorithms: AlgorithmPolicy;
  /** OIDs; undefined: any policy. */
  readonly policies?: readonly string[] | undefined;
  readonly explicitPolicy: boolean;
  readonly inhibitPolicyMapping: boolean;
  readonly inhibitAnyPolicy: boolean;
  /** initial-permitted-subtrees and initial-excluded-subtrees. */
  readonly nameConstraints?: NameConstraints | undefined;
  readonly requiredEku?: string | undefined;
  readonly issuanceRules: boolean;
  /** Maximum number of certificates between leaf and anchor; undefined: the engine's limit. */
  readonly maximumIntermediates?: number | undefined;
  /** Default: the trust profile's value, or five minutes without a profile. */
  readonly clockSkewMs?: number | undefined;
  /**
   * Maximum age of CRLs and responses. Default: the trust profile's value, or no limit without a
   * profile.
   */
  readonly maximumAgeMs?: number | undefined;
  /** Octets of the nonce in the OCSP request. */
  readonly nonce?: Uint8Array | undefined;
  /** Refuses a delegated responder whose own revocation status is not known from the input. */
  readonly requireResponderStatus: boolean;
  /** JPKI's rules for the leaf, if a trust profile is given. */
  readonly kind?: { readonly wanted: WantedKind; readonly profile: TrustProfile } | undefined;
}

export interface CaseReport extends ValidationReport {
  /** Unreadable inputs; they prove nothing. */
  readonly ignored: readonly IgnoredInput[];
}

export interface IgnoredInput {
  readonly source: string;
  readonly code: PkiErrorCode;
  /** The inputs that could not be read. */
  readonly detail: string;
}

/**
 * Calls the engine's `validateCertificate` with the inputs of the case as its sources and policy.
 */
export async function verifyCase(question: VerifyCase): Promise<CaseReport> {
  const ignored: IgnoredInput[] = [];
  const read = <T>(
    { source, bytes }: NamedBytes,
    parse: (der: Uint8Array) => T,
    wanted: WantedStructure = 'certificate',
  ): T[] => {
    try {
      return [parse(bytes)];
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      const detail = octetsCure(bytes, wanted) ?? error.message;
      ignored.push({ source, code: error.code, detail });
      return [];
    }
  };
  read(question.certificate, parseCertificate);
  const intermediates = question.intermediates.flatMap((one) => read(one, parseCertificate));
  const anchors = question.anchors.flatMap((one) =>
    read(one, parseCertificate).map((certificate) => ({ certificate })),
  );
  const lists = question.crls.flatMap((one) =>
    read(one, parseCrl, 'list').map((crl) => ({ source: one.source, crl })),
  );
  const report = await validateCertificate(
    {
      certificate: question.certificate.bytes,
      intermediates,
      kind: question.kind?.wanted ?? 'any',
      method: question.method,
      now: question.time,
    },
    {
      ocsp: [
        givenResponses(question.ocspResponses, {
          knownResponders: intermediates,
          nonce: question.nonce,
        }),
      ],
      crl: [givenLists(lists, intermediates)],
    },
    policyOf(question, anchors),
  );
  return { ...report, ignored };
}

/**
 * Values that the case omits come from the trust profile; without a profile, evidence has no
 * maximum age.
 */
function policyOf(
  question: VerifyCase,
  anchors: readonly { readonly certificate: Certificate }[],
): ValidationPolicy {
  const profile = question.kind?.profile;
  const base = profile && policyOfProfile(profile);
  const { policies = base?.path?.userInitialPolicySet, maximumAgeMs } = question;
  return {
    anchors: base?.anchors ?? anchors,
    kinds: base?.kinds,
    algorithms: question.algorithms,
    clockSkewMs: question.clockSkewMs ?? base?.clockSkewMs ?? defaultClockSkewMs,
    crlMaxAgeMs: maximumAgeMs ?? base?.crlMaxAgeMs ?? Infinity,
    ocspMaxAgeMs: maximumAgeMs ?? base?.ocspMaxAgeMs ?? Infinity,
    issuanceRules: question.issuanceRules,
    uncheckedResponder: question.requireResponderStatus || profile ? 'refuse' : 'accept',
    revocationOf: question.revocationOf,
    path: {
      ...(policies && { userInitialPolicySet: policies }),
      initialExplicitPolicy:
        question.explicitPolicy || (base?.path?.initialExplicitPolicy ?? false),
      initialPolicyMappingInhibit: question.inhibitPolicyMapping,
      initialAnyPolicyInhibit: question.inhibitAnyPolicy,
      ...(question.nameConstraints && { initialNameConstraints: question.nameConstraints }),
      ...(question.requiredEku !== undefined && { requiredEku: question.requiredEku }),
      ...(question.maximumIntermediates !== undefined && {
        budgets: { intermediates: question.maximumIntermediates },
      }),
    },
  };
}

/** Exit code of each verdict. */
export const exitByVerdict = { valid: 0, invalid: 1, indeterminate: 2 } as const;

/** Five minutes, as relying parties of OCSP commonly allow. */
export const defaultClockSkewMs = 300_000;
