import { crlVectors } from './crls.ts';
import { ocspVectors } from './ocsp.ts';
import { inputOf, modern, type PathVector, pathVectors, vectorTime } from './paths.ts';
import {
  algorithms,
  fixedSigners,
  makeRevocationPki,
  now,
  policyLimits,
} from './revocation-pki.ts';
import type { ListCase, OcspCase, PathCase, StatusExpected, Vectors } from './vector-data.ts';

const $schema = './schema.json';
const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64');
const allBase64 = (ders: readonly Uint8Array[]): readonly string[] => ders.map(base64);

const pki = () => makeRevocationPki(fixedSigners());

/** Generates the files under data/; the result is deterministic. */
export const generateVectors = (): Vectors => {
  const revocation = { time: now.toISOString(), algorithms, ...policyLimits };
  return {
    paths: {
      $schema,
      kind: 'paths',
      defaults: { time: new Date(vectorTime).toISOString(), algorithms: modern },
      cases: pathVectors.map(pathCase),
    },
    lists: {
      $schema,
      kind: 'lists',
      defaults: revocation,
      cases: crlVectors(pki()).map(listCase),
    },
    ocsp: {
      $schema,
      kind: 'ocsp',
      defaults: revocation,
      cases: ocspVectors(pki()).map(ocspCase),
    },
  };
};

function pathCase(vector: PathVector): PathCase {
  const { id, expected, check, policies, differs } = vector;
  const { leaf, intermediates = [], anchors } = inputOf(vector);
  const { time, ...input } = differs.input ?? {};
  const outcome =
    expected === 'valid'
      ? 'valid'
      : `${expected}${check === undefined ? '' : ` by the check ${check}`}`;
  const given = { ...input, ...(time !== undefined && { time: rfc3339Of(time) }) };
  return {
    id,
    sentence: sentence(id.replaceAll('/', ': ').replaceAll('-', ' '), outcome),
    clause: vector.clause.replace(/^§/, 'RFC 5280 §'),
    leaf: base64(leaf.der),
    intermediates: allBase64(intermediates.map(({ der }) => der)),
    anchors: anchors.flatMap((anchor) =>
      'certificate' in anchor ? [base64(anchor.certificate.der)] : [],
    ),
    ...(Object.keys(given).length > 0 && { input: given }),
    expected:
      expected === 'valid'
        ? { verdict: 'valid', ...(policies && { policies }) }
        : { verdict: 'invalid', code: expected, ...(check !== undefined && { check }) },
  };
}

function listCase(vector: ReturnType<typeof crlVectors>[number]): ListCase {
  const { id, clause, expected, lists, certificate, issuer, certificates, issuanceRules } = vector;
  return {
    id,
    sentence: sentence(id, expected),
    clause,
    certificate: base64(certificate),
    issuer: base64(issuer),
    lists: allBase64(lists),
    certificates: allBase64(certificates),
    ...(issuanceRules && { issuanceRules }),
    expected: statusExpected(expected, ['crl-malformed', 'crl-too-large']),
  };
}

function ocspCase(vector: ReturnType<typeof ocspVectors>[number]): OcspCase {
  const { id, clause, expected, response, certificate, issuer, known, nonce } = vector;
  const { acceptMissingNonce, acceptUncheckedResponder, responderStatus } = vector;
  return {
    id,
    sentence: sentence(id, expected),
    clause,
    certificate: base64(certificate),
    issuer: base64(issuer),
    response: base64(response),
    knownResponders: allBase64(known),
    ...(nonce && { nonce: Buffer.from(nonce).toString('hex') }),
    ...(acceptMissingNonce && { acceptMissingNonce }),
    ...(acceptUncheckedResponder && { acceptUncheckedResponder }),
    responderStatus,
    expected: statusExpected(expected, []),
  };
}

function statusExpected(expected: string, refusals: readonly string[]): StatusExpected {
  if (expected === 'good' || expected === 'revoked') return { status: expected };
  return { status: refusals.includes(expected) ? 'refused' : 'unknown', why: expected };
}

/** RFC 3339 with milliseconds, which some cases depend on. */
const rfc3339Of = (time: number): string => new Date(time).toISOString();

const sentence = (situation: string, outcome: string): string =>
  `${situation[0]!.toUpperCase()}${situation.slice(1)}: ${outcome}.`;
