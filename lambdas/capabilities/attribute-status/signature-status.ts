import type { OcspClient } from '../../pki/ocsp/ocsp-client.ts';
import { decide } from '../../pki/revocation/decide.ts';
import { liveOcsp } from '../../pki/revocation/live-ocsp.ts';
import type { RevocationBudget } from '../../pki/revocation/revocation-policy.ts';
import type {
  RevocationEvidence,
  RevocationMethod,
  RevocationStatus,
} from '../../pki/revocation/revocation-status.ts';
import { storedListsOfName, type ListedName } from '../../pki/revocation/stored-lists-source.ts';
import type { StoredLists } from '../../pki/revocation/stored-lists.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { policyOfProfile } from '../../pki/validation/validate-under-profile.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import type { CertificateReference } from '../../people/certificate-reference.ts';

export interface SignatureStatusPorts {
  readonly lists: Pick<StoredLists, 'current' | 'lookup'>;
  readonly ocsp: OcspClient;
  readonly profile: TrustProfile;
  /** Monotonic milliseconds. */
  readonly elapsedMs: () => number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The status of a signature certificate of which only the name is known, for one person and for a whole
 * register alike. `budget`: the time that this one question may take, if not that of a request.
 */
export async function signatureStatus(
  { issuerKeyId, serial, listScope }: CertificateReference,
  method: RevocationMethod,
  { profile, ocsp, lists, elapsedMs, now }: SignatureStatusPorts,
  budget?: RevocationBudget,
): Promise<RevocationStatus> {
  const anchor = profile.anchors.find(
    ({ certificate }) => issuerKeyIdOf(certificate) === issuerKeyId,
  );
  // An issuer that the trust profile no longer has.
  if (anchor === undefined) return { status: 'unknown', why: 'no-applicable-crl' };
  const issuer = anchor.certificate;
  const begunMs = elapsedMs();
  const { status } = await decide<ListedName>(
    { certificate: { issuer: issuer.subject, serial, listScope }, issuer, anchor, method, now },
    {
      ocsp: [liveOcsp(ocsp, profile.ocspResponders)],
      crl: [storedListsOfName(lists)],
      elapsedMs: () => elapsedMs() - begunMs,
    },
    { ...policyOfProfile(profile), ...(budget && { budget }) },
  );
  return status;
}

/** One of three states; `unknown` has a reason and is never reported as one of the others. */
export type JudgedAttributes =
  | { readonly status: 'unchanged'; readonly evidence: RevocationEvidence }
  | {
      readonly status: 'changed';
      /** Milliseconds since 1970. */
      readonly changedAt: number;
      readonly evidence: RevocationEvidence;
    }
  | {
      readonly status: 'unknown';
      readonly reason: string;
      readonly evidence?: RevocationEvidence;
    };

/**
 * What the status of the baseline's certificate says of the attributes. `whyNotUnchanged`: why that
 * certificate does not prove them unchanged even where it is good; undefined: it does.
 */
export function judgeAttributes(
  status: RevocationStatus,
  whyNotUnchanged: string | undefined,
): JudgedAttributes {
  const { evidence } = status;
  const unknown = (reason: string): JudgedAttributes => ({
    status: 'unknown',
    reason,
    ...(evidence && { evidence }),
  });
  switch (status.status) {
    case 'unknown':
      return unknown(status.why);
    case 'revoked':
      return status.reason === 'affiliationChanged'
        ? { status: 'changed', changedAt: status.revokedAt, evidence: status.evidence }
        : unknown(`signature-certificate-revoked: ${status.reason}`);
    default:
      return whyNotUnchanged === undefined
        ? { status: 'unchanged', evidence: status.evidence }
        : unknown(whyNotUnchanged);
  }
}
