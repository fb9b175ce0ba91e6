import { describe, expect, it } from '@jest/globals';
import { isCodedError } from '../../../lambdas/errors.ts';
import { validatePath } from '../../../lambdas/pki/path/validate-path.ts';
import { checkRevocationByCrls, type CrlWorld } from '../../../lambdas/pki/crl/find-revocation.ts';
import { type Certificate, parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { crlVectors, type CrlVector } from '../../vectors/crls.ts';
import { algorithms, makeRevocationPki, now, policyLimits } from '../../vectors/revocation-pki.ts';

const vectors = crlVectors(makeRevocationPki());

describe('CRLs, RFC 5280 §5 and §6.3', () => {
  it.each(vectors.map((vector) => [vector.expected, vector.id, vector.clause, vector] as const))(
    '%s: %s (%s)',
    (expected, _id, _clause, vector) => {
      expect(outcomeOf(vector)).toBe(expected);
    },
  );

  it('names every rule once', () => {
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
  });
});

function outcomeOf(vector: CrlVector): string {
  try {
    const issuer = parseCertificate(vector.issuer);
    const { status } = checkRevocationByCrls(
      parseCertificate(vector.certificate),
      issuer,
      worldOf(vector, issuer),
    );
    return status.status === 'unknown' ? status.why : status.status;
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
}

function worldOf(vector: CrlVector, anchor: Certificate): CrlWorld {
  const certificates = vector.certificates.map((der) => parseCertificate(der));
  return {
    lists: vector.lists.map((der, i) => ({ source: `list ${i}`, crl: parseCrl(der) })),
    certificates,
    pathTo: (signer) => {
      const result = validatePath({
        leaf: signer,
        intermediates: certificates,
        anchors: [{ certificate: anchor }],
        time: now.getTime(),
        algorithms,
      });
      return result.valid ? [anchor, ...result.path.toReversed()] : undefined;
    },
    policy: {
      now: now.getTime(),
      algorithms,
      issuanceRules: vector.issuanceRules,
      ...policyLimits,
    },
  };
}
