import type { RevocationStatus } from '../lambdas/pki/revocation/revocation-status.ts';
import { verifyOcspAnswers } from '../lambdas/pki/ocsp/verify-ocsp.ts';
import {
  revocationStatusJson,
  type RevocationStatusJson,
} from '../lambdas/pki/validation/validation-report.ts';
import { type Certificate, parseCertificate } from '../lambdas/pki/x509/certificate.ts';
import { DerError } from '../lambdas/pki/x509/der.ts';
import { parseOcspResponse } from '../lambdas/pki/x509/ocsp.ts';
import { toHex } from '../lambdas/pki/x509/octets.ts';
import type { NamedBytes } from './named-bytes.ts';
import { defaultClockSkewMs, type VerifyCase } from './verify-case.ts';

/** What an OCSP response proves by itself, for all certificates of the issuer that it names. */
export interface ResponseReport {
  /** `valid`: every single response is acceptable and good. `indeterminate`: nothing is proved. */
  readonly verdict: 'valid' | 'invalid' | 'indeterminate';
  readonly code?: 'certificate-revoked' | 'revocation-unknown';
  /** One for each certificate in the response; only one if it cannot be read. */
  readonly answers: readonly RevocationStatusJson[];
}

/** Verifies a response against its issuer only, which is trusted as given. */
export async function verifyResponse(
  response: NamedBytes,
  issuerBytes: NamedBytes,
  question: VerifyCase,
): Promise<ResponseReport> {
  const [issuer] = readable([issuerBytes]);
  const answers: readonly RevocationStatus[] = issuer
    ? await verifyOcspAnswers(
        response.bytes,
        serialsIn(response.bytes).map((serial) => ({ issuer: issuer.subject, serial })),
        response.source,
        worldOf(issuer, question),
      )
    : [{ status: 'unknown', why: 'ocsp-responder-untrusted' }];
  const verdict = verdictOf(answers);
  return {
    verdict,
    ...(verdict === 'invalid' && { code: 'certificate-revoked' }),
    ...(verdict === 'indeterminate' && { code: 'revocation-unknown' }),
    answers: answers.map(revocationStatusJson),
  };
}

/**
 * A response without single responses is checked for an empty serial, so that the report states why
 * it proves nothing.
 */
function serialsIn(response: Uint8Array): readonly Uint8Array[] {
  const none = [new Uint8Array(0)];
  try {
    const parsed = parseOcspResponse(response);
    if (parsed.status !== 'successful' || parsed.basic.responses.length === 0) return none;
    const serials = parsed.basic.responses.map(({ certId }) => certId.serial);
    return [...new Map(serials.map((serial) => [toHex(serial), serial])).values()];
  } catch (error) {
    if (error instanceof DerError) return none;
    throw error;
  }
}

const worldOf = (issuer: Certificate, question: VerifyCase) => ({
  issuer,
  knownResponders: readable(question.intermediates),
  algorithms: question.algorithms,
  now: question.time,
  responderStatus: () => Promise.resolve('unknown' as const),
  acceptUncheckedResponder: !question.requireResponderStatus,
  nonce: question.nonce,
  acceptMissingNonce: false,
  clockSkewMs: question.clockSkewMs ?? defaultClockSkewMs,
  maximumAgeMs: question.maximumAgeMs ?? Infinity,
});

/** Certificates among the inputs; unreadable ones prove nothing. */
const readable = (inputs: readonly NamedBytes[]): readonly Certificate[] =>
  inputs.flatMap(({ bytes }) => {
    try {
      return [parseCertificate(bytes)];
    } catch (error) {
      if (error instanceof DerError) return [];
      throw error;
    }
  });

function verdictOf(answers: readonly RevocationStatus[]): ResponseReport['verdict'] {
  if (answers.some(({ status }) => status === 'revoked')) return 'invalid';
  return answers.every(({ status }) => status === 'good') ? 'valid' : 'indeterminate';
}
