import { isCodedError } from '../../lambdas/errors.ts';
import { validatePath } from '../../lambdas/pki/path/validate-path.ts';
import { checkRevocationByCrls } from '../../lambdas/pki/crl/find-revocation.ts';
import { verifyOcspResponse } from '../../lambdas/pki/ocsp/verify-ocsp.ts';
import type { AlgorithmPolicy } from '../../lambdas/pki/algorithm-policy.ts';
import { parseCertificate } from '../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../lambdas/pki/x509/crl.ts';
import { authority, fuzzTime, type Kind, leaf, root } from './material.ts';

/**
 * What an engine says: `good`, `revoked`, or `refused` with a reason where it gives one. A peer may
 * abstain, or its process may have ended over the question.
 */
export interface Verdict {
  readonly answer: 'good' | 'revoked' | 'refused' | 'abstains' | 'ended';
  readonly why: string;
}

const algorithms: AlgorithmPolicy = {
  minimumRsaBits: 2048,
  curves: ['P-256', 'P-384', 'P-521', 'Ed25519'],
  hashes: ['SHA-256', 'SHA-384', 'SHA-512'],
};
const issuer = parseCertificate(authority);
const anchor = { certificate: parseCertificate(root) };
const asked = parseCertificate(leaf);
const year = 365 * 86_400_000;
const times = { now: fuzzTime, clockSkewMs: 0, algorithms };

/** Throws whatever is no refusal: a crash. */
export async function ownVerdict(kind: Kind, bytes: Buffer): Promise<Verdict> {
  try {
    if (kind === 'certificate') return certificateVerdict(bytes);
    return kind === 'crl' ? listVerdict(bytes) : await responseVerdict(bytes);
  } catch (error) {
    if (isCodedError(error)) return { answer: 'refused', why: error.code };
    throw error;
  }
}

function certificateVerdict(bytes: Buffer): Verdict {
  const result = validatePath({
    leaf: parseCertificate(bytes),
    intermediates: [issuer],
    anchors: [anchor],
    time: fuzzTime,
    algorithms,
  });
  return result.valid
    ? { answer: 'good', why: '' }
    : { answer: 'refused', why: `${result.code} (${result.check})` };
}

function listVerdict(bytes: Buffer): Verdict {
  const { status } = checkRevocationByCrls(asked, issuer, {
    lists: [{ source: 'mutant', crl: parseCrl(bytes) }],
    certificates: [issuer],
    pathTo: () => undefined,
    policy: { ...times, maximumAgeMs: year },
  });
  return status.status === 'unknown'
    ? { answer: 'refused', why: status.why }
    : { answer: status.status, why: '' };
}

async function responseVerdict(bytes: Buffer): Promise<Verdict> {
  const status = await verifyOcspResponse(bytes, asked, 'mutant', {
    ...times,
    issuer,
    nonce: undefined,
    acceptMissingNonce: true,
    maximumAgeMs: year,
    knownResponders: [],
    acceptUncheckedResponder: false,
    responderStatus: () => Promise.resolve('unknown'),
  });
  return status.status === 'unknown'
    ? { answer: 'refused', why: status.why }
    : { answer: status.status, why: '' };
}
