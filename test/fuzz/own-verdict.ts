import { isCodedError } from '../../lambdas/errors.ts';
import { validatePath } from '../../lambdas/pki/path/validate-path.ts';
import { decide } from '../../lambdas/pki/revocation/decide.ts';
import { givenLists } from '../../lambdas/pki/revocation/given-lists.ts';
import { givenResponses } from '../../lambdas/pki/revocation/given-responses.ts';
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
const policy = { algorithms, clockSkewMs: 0, crlMaxAgeMs: year, ocspMaxAgeMs: year };

/** Throws whatever is no refusal: a crash. */
export async function ownVerdict(kind: Kind, bytes: Buffer): Promise<Verdict> {
  try {
    if (kind === 'certificate') return certificateVerdict(bytes);
    return await revocationVerdict(kind === 'crl' ? 'crl' : 'ocsp', bytes);
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

async function revocationVerdict(method: 'crl' | 'ocsp', bytes: Buffer): Promise<Verdict> {
  const sources = {
    ocsp: method === 'ocsp' ? [givenResponses([{ source: 'mutant', bytes }])] : [],
    crl: method === 'crl' ? [givenLists([{ source: 'mutant', crl: parseCrl(bytes) }])] : [],
  };
  const question = {
    certificate: asked,
    issuer,
    anchor: { certificate: issuer },
    method,
    now: fuzzTime,
  };
  const { status } = await decide(question, sources, policy);
  return status.status === 'unknown'
    ? { answer: 'refused', why: status.why }
    : { answer: status.status, why: '' };
}
