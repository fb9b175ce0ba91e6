import { isCodedError } from '../../lambdas/errors.ts';
import { validatePath } from '../../lambdas/pki/path/validate-path.ts';
import { decide } from '../../lambdas/pki/revocation/decide.ts';
import { givenLists } from '../../lambdas/pki/revocation/given-lists.ts';
import { givenResponses } from '../../lambdas/pki/revocation/given-responses.ts';
import type { ListSource } from '../../lambdas/pki/revocation/revocation-source.ts';
import { parseCertificate } from '../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../lambdas/pki/x509/crl.ts';
import { crlVectors } from '../vectors/crls.ts';
import { ocspVectors } from '../vectors/ocsp.ts';
import { inputOf, pathVectors } from '../vectors/paths.ts';
import { algorithms, makeRevocationPki, now, policyLimits } from '../vectors/revocation-pki.ts';

/*
 * The project's vectors without a test runner: exits 1 at the first that does not come out. `npm run
 * mutate` asks this before the tests, which take ten times as long to start.
 */

const pki = makeRevocationPki();
const policy = {
  algorithms,
  clockSkewMs: policyLimits.clockSkewMs,
  crlMaxAgeMs: policyLimits.maximumAgeMs,
  ocspMaxAgeMs: policyLimits.maximumAgeMs,
};

const codeOf = async (run: () => Promise<string>): Promise<string> => {
  try {
    return await run();
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
};

function expectSame(id: string, expected: string, found: string): void {
  if (expected === found) return;
  console.log(`${id}: ${found} instead of ${expected}`);
  process.exit(1);
}

/** A list source that says one thing of every certificate. */
function saying(status: 'good' | 'revoked' | 'unknown'): ListSource {
  const evidence = { method: 'crl', source: 'list', thisUpdate: now.getTime() } as const;
  const said =
    status === 'unknown'
      ? ({ status, why: 'no-applicable-crl' } as const)
      : status === 'good'
        ? ({ status, evidence } as const)
        : ({ status, revokedAt: 0, reason: 'unspecified', evidence } as const);
  return { ask: () => Promise.resolve({ status: said, attempts: [] }) };
}

for (const vector of pathVectors) {
  const result = validatePath(inputOf(vector));
  expectSame(vector.id, vector.expected, result.valid ? 'valid' : result.code);
  if (!result.valid && vector.check !== undefined) {
    expectSame(vector.id, vector.check, result.check);
  }
  if (result.valid && vector.policies !== undefined) {
    expectSame(vector.id, vector.policies.join(), result.userConstrainedPolicySet.join());
  }
}

for (const vector of crlVectors(pki)) {
  const found = await codeOf(async () => {
    const issuer = parseCertificate(vector.issuer);
    const certificate = parseCertificate(vector.certificate);
    const lists = vector.lists.map((der, i) => ({ source: `list ${i}`, crl: parseCrl(der) }));
    const certificates = vector.certificates.map((der) => parseCertificate(der));
    const { status } = await decide(
      { certificate, issuer, anchor: { certificate: issuer }, method: 'crl', now: now.getTime() },
      { ocsp: [], crl: [givenLists(lists, certificates)] },
      { ...policy, issuanceRules: vector.issuanceRules },
    );
    return status.status === 'unknown' ? status.why : status.status;
  });
  expectSame(vector.id, vector.expected, found);
}

for (const vector of ocspVectors(pki)) {
  const found = await codeOf(async () => {
    const issuer = parseCertificate(vector.issuer);
    const certificate = parseCertificate(vector.certificate);
    const responses = [{ source: 'responder', bytes: vector.response }];
    const { nonce, acceptMissingNonce } = vector;
    const knownResponders = vector.known.map((der) => parseCertificate(der));
    const { status } = await decide(
      { certificate, issuer, anchor: { certificate: issuer }, method: 'ocsp', now: now.getTime() },
      {
        ocsp: [givenResponses(responses, { knownResponders, nonce, acceptMissingNonce })],
        crl: [saying(vector.responderStatus)],
      },
      { ...policy, uncheckedResponder: vector.acceptUncheckedResponder ? 'accept' : 'refuse' },
    );
    return status.status === 'unknown' ? status.why : status.status;
  });
  expectSame(vector.id, vector.expected, found);
}
