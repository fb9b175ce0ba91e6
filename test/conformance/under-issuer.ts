import { PkiError, type PkiErrorCode } from '../../lambdas/pki/pki-error.ts';
import { decide } from '../../lambdas/pki/revocation/decide.ts';
import { givenLists } from '../../lambdas/pki/revocation/given-lists.ts';
import { givenResponses } from '../../lambdas/pki/revocation/given-responses.ts';
import type { RevocationAttempt } from '../../lambdas/pki/revocation/revocation-status.ts';
import {
  revocationStatusJson,
  type RevocationStatusJson,
} from '../../lambdas/pki/validation/validation-report.ts';
import { type Certificate, parseCertificate } from '../../lambdas/pki/x509/certificate.ts';
import { verifyCertificateSignature } from '../../lambdas/pki/x509/certificate-signature.ts';
import { parseCrl } from '../../lambdas/pki/x509/crl.ts';
import { sameName } from '../../lambdas/pki/x509/name.ts';
import type { NamedBytes } from '../../cli/named-bytes.ts';
import { defaultClockSkewMs, type IgnoredInput, type VerifyCase } from '../../cli/verify-case.ts';

/** What lists and responses say of one certificate, by the word of its issuer. */
export interface UnderIssuerReport {
  readonly verdict: 'valid' | 'invalid' | 'indeterminate';
  readonly code?: PkiErrorCode | 'certificate-revoked' | 'revocation-unknown';
  readonly revocation?: RevocationStatusJson;
  /** Every list and response that was read, and what came of it. */
  readonly attempts?: readonly Pick<RevocationAttempt, 'method' | 'source' | 'outcome'>[];
  readonly ignored?: readonly IgnoredInput[];
}

/**
 * Is the certificate revoked? Its issuer is trusted as it is given, whatever its own extensions, dates and
 * signature say, but for keyUsage, which decides whether it may sign lists (RFC 5280 §6.3.3 (f)). Of the
 * certificate itself, issuer and signature are verified, neither dates nor extensions.
 */
export async function verifyUnderIssuer(
  issuerBytes: NamedBytes,
  question: VerifyCase,
): Promise<UnderIssuerReport> {
  const ignored: IgnoredInput[] = [];
  const read = <T>({ source, bytes }: NamedBytes, parse: (der: Uint8Array) => T): T[] => {
    try {
      return [parse(bytes)];
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      ignored.push({ source, code: error.code, detail: error.message });
      return [];
    }
  };
  const [certificate] = read(question.certificate, parseCertificate);
  const [issuer] = read(issuerBytes, parseCertificate);
  if (!certificate || !issuer) return { verdict: 'invalid', code: ignored[0]!.code, ignored };
  const refusal = refusalOf(certificate, issuer, question);
  if (refusal !== undefined) return { verdict: 'invalid', code: refusal };
  const certificates = question.intermediates.flatMap((one) => read(one, parseCertificate));
  const lists = question.crls.flatMap((one) =>
    read(one, parseCrl).map((crl) => ({ source: one.source, crl })),
  );
  const { status, attempts } = await decide(
    {
      certificate,
      issuer,
      anchor: { certificate: issuer },
      method: question.method === 'none' ? 'auto' : question.method,
      now: question.time,
    },
    {
      ocsp: [
        givenResponses(question.ocspResponses, {
          knownResponders: certificates,
          nonce: question.nonce,
        }),
      ],
      crl: [givenLists(lists, certificates)],
    },
    {
      algorithms: question.algorithms,
      issuanceRules: question.issuanceRules,
      clockSkewMs: question.clockSkewMs ?? defaultClockSkewMs,
      crlMaxAgeMs: question.maximumAgeMs ?? Infinity,
      ocspMaxAgeMs: question.maximumAgeMs ?? Infinity,
      uncheckedResponder: question.requireResponderStatus ? 'refuse' : 'accept',
    },
  );
  return {
    ...verdicts[status.status],
    revocation: revocationStatusJson(status),
    attempts: attempts.map(({ method, source, outcome }) => ({ method, source, outcome })),
    ...(ignored.length > 0 && { ignored }),
  };
}

/** Without this, a certificate that somebody else made would come out valid by a list of the issuer's. */
function refusalOf(
  certificate: Certificate,
  issuer: Certificate,
  { algorithms }: VerifyCase,
): PkiErrorCode | undefined {
  if (!sameName(certificate.issuer, issuer.subject)) return 'certificate-issuer-untrusted';
  const outcome = verifyCertificateSignature(certificate, issuer, algorithms);
  return outcome === 'ok' ? undefined : outcome;
}

const verdicts = {
  good: { verdict: 'valid' },
  revoked: { verdict: 'invalid', code: 'certificate-revoked' },
  unknown: { verdict: 'indeterminate', code: 'revocation-unknown' },
} as const;
