import { describe, expect, it } from '@jest/globals';
import { verifyOcspResponse } from '../../../lambdas/pki/ocsp/verify-ocsp.ts';
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
  const status = await verifyOcspResponse(
    vector.response,
    parseCertificate(vector.certificate),
    'responder',
    {
      issuer: parseCertificate(vector.issuer),
      knownResponders: vector.known.map((der) => parseCertificate(der)),
      responderStatus: () => Promise.resolve(vector.responderStatus),
      now: now.getTime(),
      algorithms,
      ...policyLimits,
      acceptMissingNonce,
      acceptUncheckedResponder,
      nonce,
    },
  );
  return status.status === 'unknown' ? status.why : status.status;
}
