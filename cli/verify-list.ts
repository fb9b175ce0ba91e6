import { type ErrorCode, isCodedError } from '../lambdas/errors.ts';
import { crlRefusal, signatureOutcome, signersOf } from '../lambdas/pki/crl/crl-signer.ts';
import type { UnknownReason } from '../lambdas/pki/revocation/revocation-status.ts';
import { rfc3339 } from '../lambdas/pki/rfc3339.ts';
import { type Certificate, parseCertificate } from '../lambdas/pki/x509/certificate.ts';
import { type Crl, entriesOf, parseCrl } from '../lambdas/pki/x509/crl.ts';
import type { NamedBytes } from './named-bytes.ts';
import { defaultClockSkewMs, type VerifyCase } from './verify-case.ts';

/** What a CRL proves by itself, for all certificates in its scope. */
export interface ListReport {
  /**
   * `valid`: the CRL is current and signed by its issuer, which may sign CRLs. `indeterminate`: it
   * proves nothing.
   */
  readonly verdict: 'valid' | 'indeterminate';
  readonly code?: 'revocation-unknown';
  /** Why the CRL proves nothing. */
  readonly why?: UnknownReason | ErrorCode;
  /** The inputs that could not be read. */
  readonly detail?: string;
  readonly thisUpdate?: string;
  readonly nextUpdate?: string;
  readonly crlNumber?: string;
  readonly entries?: number;
}

/**
 * Verifies a CRL against its issuer only, which is trusted as given (RFC 5280 §6.3.3 (a), (f),
 * (g)).
 */
export function verifyList(list: NamedBytes, issuer: NamedBytes, question: VerifyCase): ListReport {
  const crl = readOr(list, parseCrl);
  if ('why' in crl) return crl;
  const content = contentOf(crl);
  const signer = readOr(issuer, parseCertificate);
  if ('why' in signer) return { ...signer, why: 'crl-issuer-untrusted', ...content };
  const why = refusalOf(crl, signer, question);
  return why ? { ...nothing, why, ...content } : { verdict: 'valid', ...content };
}

const nothing = { verdict: 'indeterminate', code: 'revocation-unknown' } as const;

/** The parsed value, or the report that it cannot be read. */
function readOr<T>({ bytes }: NamedBytes, parse: (der: Uint8Array) => T) {
  try {
    return parse(bytes);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { ...nothing, why: error.code, detail: error.message };
  }
}

function refusalOf(
  crl: Crl,
  issuer: Certificate,
  {
    time: now,
    clockSkewMs = defaultClockSkewMs,
    maximumAgeMs = Infinity,
    algorithms,
    issuanceRules,
  }: VerifyCase,
): UnknownReason | undefined {
  const refusal = crlRefusal(crl, { now, clockSkewMs, maximumAgeMs, algorithms, issuanceRules });
  if (refusal) return refusal;
  const signers = signersOf(crl, issuer, [], {
    signatureOutcome: (one, signer) => signatureOutcome(one, signer, algorithms),
    cutShort: () => {},
  });
  return typeof signers === 'string' ? signers : undefined;
}

function contentOf(crl: Crl) {
  const { thisUpdate, nextUpdate, extensions } = crl;
  let entries = 0;
  for (const all = entriesOf(crl); all.next().done !== true;) entries++;
  return {
    thisUpdate: rfc3339(thisUpdate),
    ...(nextUpdate !== undefined && { nextUpdate: rfc3339(nextUpdate) }),
    ...(extensions.crlNumber !== undefined && { crlNumber: String(extensions.crlNumber) }),
    entries,
  };
}
