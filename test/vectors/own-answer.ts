import { isCodedError } from '../../lambdas/errors.ts';
import { validatePath } from '../../lambdas/pki/path/validate-path.ts';
import { decide } from '../../lambdas/pki/revocation/decide.ts';
import { givenLists } from '../../lambdas/pki/revocation/given-lists.ts';
import { givenResponses } from '../../lambdas/pki/revocation/given-responses.ts';
import type { ListSource } from '../../lambdas/pki/revocation/revocation-source.ts';
import type { RevocationStatus } from '../../lambdas/pki/revocation/revocation-status.ts';
import { parseCertificate } from '../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../lambdas/pki/x509/crl.ts';
import type { ListCase, OcspCase, PathCase, StatusExpected, Vectors } from './vector-data.ts';

const octets = (text: string): Buffer => Buffer.from(text, 'base64');
const certificateOf = (text: string) => parseCertificate(octets(text));

/** Result of `validatePath` for a case, in the form of `expected`. */
export function pathAnswer(
  { leaf, intermediates, anchors, input = {} }: PathCase,
  { time, algorithms }: Vectors['paths']['defaults'],
) {
  const result = validatePath({
    algorithms,
    ...input,
    time: Date.parse(input.time ?? time),
    leaf: certificateOf(leaf),
    intermediates: intermediates.map(certificateOf),
    anchors: anchors.map((one) => ({ certificate: certificateOf(one) })),
  });
  return result.valid
    ? { verdict: 'valid' as const, policies: result.userConstrainedPolicySet }
    : { verdict: 'invalid' as const, code: result.code, check: result.check };
}

/** Result of `decide` for a case with CRLs. */
export async function listAnswer(
  { certificate, issuer, lists, certificates, issuanceRules }: ListCase,
  { time, algorithms, clockSkewMs, maximumAgeMs }: Vectors['lists']['defaults'],
): Promise<StatusExpected> {
  try {
    const anchor = certificateOf(issuer);
    const parsed = lists.map((one, i) => ({ source: `list ${i}`, crl: parseCrl(octets(one)) }));
    const { status } = await decide(
      {
        certificate: certificateOf(certificate),
        issuer: anchor,
        anchor: { certificate: anchor },
        method: 'crl',
        now: Date.parse(time),
      },
      { ocsp: [], crl: [givenLists(parsed, certificates.map(certificateOf))] },
      {
        algorithms,
        issuanceRules: issuanceRules ?? false,
        clockSkewMs,
        crlMaxAgeMs: maximumAgeMs,
        ocspMaxAgeMs: 0,
      },
    );
    return statusAnswer(status);
  } catch (error) {
    if (isCodedError(error)) return { status: 'refused', why: error.code };
    throw error;
  }
}

/** Result of `decide` for a case with an OCSP response. */
export async function ocspAnswer(
  one: OcspCase,
  { time, algorithms, clockSkewMs, maximumAgeMs }: Vectors['ocsp']['defaults'],
): Promise<StatusExpected> {
  const anchor = certificateOf(one.issuer);
  const now = Date.parse(time);
  const { status } = await decide(
    {
      certificate: certificateOf(one.certificate),
      issuer: anchor,
      anchor: { certificate: anchor },
      method: 'ocsp',
      now,
    },
    {
      ocsp: [
        givenResponses([{ source: 'responder', bytes: octets(one.response) }], {
          knownResponders: one.knownResponders.map(certificateOf),
          nonce: one.nonce === undefined ? undefined : Buffer.from(one.nonce, 'hex'),
          acceptMissingNonce: one.acceptMissingNonce ?? false,
        }),
      ],
      crl: [listThatSays(one.responderStatus, now)],
    },
    {
      algorithms,
      clockSkewMs,
      crlMaxAgeMs: 0,
      ocspMaxAgeMs: maximumAgeMs,
      uncheckedResponder: one.acceptUncheckedResponder ? 'accept' : 'refuse',
    },
  );
  return statusAnswer(status);
}

const statusAnswer = (status: RevocationStatus): StatusExpected =>
  status.status === 'unknown' ? { status: 'unknown', why: status.why } : { status: status.status };

/** A CRL source with the same status for every certificate, i.e. for a delegated responder. */
function listThatSays(said: OcspCase['responderStatus'], now: number): ListSource {
  const evidence = { method: 'crl', source: 'list', thisUpdate: now } as const;
  const statuses: Readonly<Record<OcspCase['responderStatus'], RevocationStatus>> = {
    good: { status: 'good', evidence },
    revoked: { status: 'revoked', revokedAt: 0, reason: 'unspecified', evidence },
    unknown: { status: 'unknown', why: 'no-applicable-crl' },
  };
  return { ask: () => Promise.resolve({ status: statuses[said], attempts: [] }) };
}
