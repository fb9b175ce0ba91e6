import { describe, expect, it } from '@jest/globals';
import { isCodedError } from '../../../lambdas/errors.ts';
import { decide } from '../../../lambdas/pki/revocation/decide.ts';
import { givenLists } from '../../../lambdas/pki/revocation/given-lists.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { crlVectors, type CrlVector } from '../../vectors/crls.ts';
import { algorithms, makeRevocationPki, now, policyLimits } from '../../vectors/revocation-pki.ts';

const vectors = crlVectors(makeRevocationPki());

describe('CRLs, RFC 5280 §5 and §6.3', () => {
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

async function outcomeOf(vector: CrlVector): Promise<string> {
  try {
    const issuer = parseCertificate(vector.issuer);
    const certificate = parseCertificate(vector.certificate);
    const lists = vector.lists.map((der, i) => ({ source: `list ${i}`, crl: parseCrl(der) }));
    const certificates = vector.certificates.map((der) => parseCertificate(der));
    const { status } = await decide(
      { certificate, issuer, anchor: { certificate: issuer }, method: 'crl', now: now.getTime() },
      { ocsp: [], crl: [givenLists(lists, certificates)] },
      {
        algorithms,
        issuanceRules: vector.issuanceRules,
        clockSkewMs: policyLimits.clockSkewMs,
        crlMaxAgeMs: policyLimits.maximumAgeMs,
        ocspMaxAgeMs: 0,
      },
    );
    return status.status === 'unknown' ? status.why : status.status;
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
}
