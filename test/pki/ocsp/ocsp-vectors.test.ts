import { describe, expect, it } from '@jest/globals';
import { decide } from '../../../lambdas/pki/revocation/decide.ts';
import { givenResponses } from '../../../lambdas/pki/revocation/given-responses.ts';
import type { ListSource } from '../../../lambdas/pki/revocation/revocation-source.ts';
import type { RevocationStatus } from '../../../lambdas/pki/revocation/revocation-status.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { ocspVectors, type OcspVector } from '../../vectors/ocsp.ts';
import { algorithms, makeRevocationPki, now, policyLimits } from '../../vectors/revocation-pki.ts';

const vectors = ocspVectors(makeRevocationPki());

describe('OCSP responses, RFC 6960 and 9654', () => {
  it.each(vectors.map((vector) => [vector.expected, vector.id, vector.clause, vector] as const))(
    '%s: %s (%s)',
    async (expected, _id, _clause, vector) => {
      expect(await outcomeOf(vector)).toBe(expected);
    },
  );

  it('names every rule once', () => {
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
  });
});

async function outcomeOf(vector: OcspVector): Promise<string> {
  const { acceptMissingNonce, acceptUncheckedResponder, nonce } = vector;
  const issuer = parseCertificate(vector.issuer);
  const knownResponders = vector.known.map((der) => parseCertificate(der));
  const responses = [{ source: 'responder', bytes: vector.response }];
  const { status } = await decide(
    {
      certificate: parseCertificate(vector.certificate),
      issuer,
      anchor: { certificate: issuer },
      method: 'ocsp',
      now: now.getTime(),
    },
    {
      ocsp: [givenResponses(responses, { knownResponders, nonce, acceptMissingNonce })],
      crl: [listThatSays(vector.responderStatus)],
    },
    {
      algorithms,
      clockSkewMs: policyLimits.clockSkewMs,
      crlMaxAgeMs: 0,
      ocspMaxAgeMs: policyLimits.maximumAgeMs,
      uncheckedResponder: acceptUncheckedResponder ? 'accept' : 'refuse',
    },
  );
  return status.status === 'unknown' ? status.why : status.status;
}

/** A list source that says the same of every certificate: here of a delegated responder. */
const listThatSays = (status: OcspVector['responderStatus']): ListSource => ({
  ask: () => Promise.resolve({ status: statuses[status], attempts: [] }),
});

const evidence = { method: 'crl', source: 'list', thisUpdate: now.getTime() } as const;
const statuses: Readonly<Record<OcspVector['responderStatus'], RevocationStatus>> = {
  good: { status: 'good', evidence },
  revoked: { status: 'revoked', revokedAt: 0, reason: 'unspecified', evidence },
  unknown: { status: 'unknown', why: 'no-applicable-crl' },
};
