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

/** `none` asks for no revocation; `auto` takes OCSP responses first, then lists. */
export type OfflineMethod = 'none' | 'ocsp' | 'crl' | 'auto';

/** One question with everything that may answer it; nothing is fetched. */
export interface VerifyCase {
  readonly certificate: NamedBytes;
  readonly intermediates: readonly NamedBytes[];
  readonly anchors: readonly NamedBytes[];
  readonly crls: readonly NamedBytes[];
  readonly ocspResponses: readonly NamedBytes[];
  readonly method: OfflineMethod;
  /** Whose revocation is asked: the leaf's, or that of every certificate below the anchor. */
  readonly revocationOf: 'leaf' | 'path';
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly algorithms: AlgorithmPolicy;
  /** OIDs; any policy when undefined. */
  readonly policies?: readonly string[] | undefined;
  readonly explicitPolicy: boolean;
  readonly inhibitPolicyMapping: boolean;
  readonly inhibitAnyPolicy: boolean;
  /** initial-permitted-subtrees and initial-excluded-subtrees. */
  readonly nameConstraints?: NameConstraints | undefined;
  readonly requiredEku?: string | undefined;
  readonly issuanceRules: boolean;
  /** Certificates between leaf and anchor at most; the engine's own budget when undefined. */
  readonly maximumIntermediates?: number | undefined;
  /** The trust profile's unless told, without one five minutes. */
  readonly clockSkewMs?: number | undefined;
  /** Of lists and responses; the trust profile's unless told, without one no limit. */
  readonly maximumAgeMs?: number | undefined;
  /** Octets of the nonce that the OCSP request carried. */
  readonly nonce?: Uint8Array | undefined;
  /** Refuse a delegated responder whose own revocation nothing here tells. */
  readonly requireResponderStatus: boolean;
  /** JPKI's rules for the leaf, where a trust profile is given. */
  readonly kind?: { readonly wanted: WantedKind; readonly profile: TrustProfile } | undefined;
}

export interface CaseReport extends ValidationReport {
  /** Inputs that could not be read; they prove nothing. */
  readonly ignored: readonly IgnoredInput[];
}

export interface IgnoredInput {
  readonly source: string;
  readonly code: PkiErrorCode;
  /** What could not be read. */
  readonly detail: string;
}

/** The engine's `validateCertificate`, with the inputs of the case as its sources and its policy. */
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

/** What the case leaves to the trust profile comes from it; without one, nothing is too old. */
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

/** Exit codes of a verdict. */
export const exitByVerdict = { valid: 0, invalid: 1, indeterminate: 2 } as const;

/** Five minutes, as relying parties of OCSP commonly allow. */
export const defaultClockSkewMs = 300_000;
