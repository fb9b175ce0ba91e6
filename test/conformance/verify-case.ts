import { decideKind, type WantedKind } from '../../lambdas/pki/validation/certificate-kind.ts';
import { PkiError, type PkiErrorCode } from '../../lambdas/pki/pki-error.ts';
import { etsiStatusOf } from '../../lambdas/pki/validation/etsi-indication.ts';
import { checkOutcomes } from '../../lambdas/pki/path/check-outcomes.ts';
import {
  type PathResult,
  refusedCertificate,
  type ValidPath,
  validatePath,
} from '../../lambdas/pki/path/validate-path.ts';
import {
  checkRevocationByCrls,
  type CrlFinding,
  type CrlWorld,
  type NamedCrl,
} from '../../lambdas/pki/crl/find-revocation.ts';
import type {
  RevocationAttempt,
  RevocationStatus,
} from '../../lambdas/pki/revocation/revocation-status.ts';
import { verifyOcspResponse } from '../../lambdas/pki/ocsp/verify-ocsp.ts';
import type { AlgorithmPolicy } from '../../lambdas/pki/algorithm-policy.ts';
import type { TrustProfile } from '../../lambdas/pki/trust-profile.ts';
import type {
  CertificateAttempt,
  ValidationCheck,
  ValidationReport,
} from '../../lambdas/pki/validation/validation-report.ts';
import { type Certificate, parseCertificate } from '../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../lambdas/pki/x509/crl.ts';
import { issuerKeyIdOf } from '../../lambdas/pki/x509/issuer-key-id.ts';
import type { NameConstraints } from '../../lambdas/pki/x509/name-constraints.ts';
import { sameName } from '../../lambdas/pki/x509/name.ts';
import { sameBytes } from '../../lambdas/pki/x509/octets.ts';
import type { NamedBytes } from './named-bytes.ts';

/** `none` asks for no revocation; `auto` takes OCSP responses first, then lists. */
export type OfflineMethod = 'none' | 'ocsp' | 'crl' | 'auto';

/** One question with everything that may answer it; nothing is fetched. */
export interface VerifyCase {
  readonly certificate: NamedBytes;
  readonly intermediates: readonly NamedBytes[];
  readonly anchors: readonly NamedBytes[];
  readonly crls: readonly NamedBytes[];
  readonly ocspResponses: readonly NamedBytes[];
  readonly method: OfflineMethod;
  /** Whose revocation is asked: the leaf's, or that of every certificate below the anchor. */
  readonly revocationOf: 'leaf' | 'path';
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly algorithms: AlgorithmPolicy;
  /** OIDs; any policy when undefined. */
  readonly policies?: readonly string[] | undefined;
  readonly explicitPolicy: boolean;
  readonly inhibitPolicyMapping: boolean;
  readonly inhibitAnyPolicy: boolean;
  /** initial-permitted-subtrees and initial-excluded-subtrees. */
  readonly nameConstraints?: NameConstraints | undefined;
  readonly requiredEku?: string | undefined;
  readonly issuanceRules: boolean;
  /** Certificates between leaf and anchor at most; the engine's own budget when undefined. */
  readonly maximumIntermediates?: number | undefined;
  readonly clockSkewMs: number;
  readonly maximumAgeMs: number;
  /** Octets of the nonce that the OCSP request carried. */
  readonly nonce?: Uint8Array | undefined;
  /** Refuse a delegated responder whose own revocation nothing here tells. */
  readonly requireResponderStatus: boolean;
  /** JPKI's rules for the leaf, where a trust profile is given. */
  readonly kind?:
    | { readonly wanted: WantedKind; readonly profile: Pick<TrustProfile, 'anchors' | 'kinds'> }
    | undefined;
}

export interface CaseReport extends ValidationReport {
  readonly userConstrainedPolicySet: readonly string[];
  /** Inputs that could not be read; they prove nothing. */
  readonly ignored: readonly IgnoredInput[];
}

export interface IgnoredInput {
  readonly source: string;
  readonly code: PkiErrorCode;
  /** What could not be read. */
  readonly detail: string;
}

/** Path, kind where it is asked, revocation; the same functions as the platform's own. */
export async function verifyCase(question: VerifyCase): Promise<CaseReport> {
  const ignored: IgnoredInput[] = [];
  const read = <T>({ source, bytes }: NamedBytes, parse: (der: Uint8Array) => T): T[] => {
    try {
      return [parse(bytes)];
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      ignored.push({ source, code: error.code, detail: error.message });
      return [];
    }
  };
  const [leaf] = read(question.certificate, parseCertificate);
  const materials: Materials = {
    intermediates: question.intermediates.flatMap((one) => read(one, parseCertificate)),
    anchors: question.anchors.flatMap((one) =>
      read(one, parseCertificate).map((certificate) => ({ certificate })),
    ),
    lists: question.crls.flatMap((one) =>
      read(one, parseCrl).map((crl) => ({ source: one.source, crl })),
    ),
  };
  const findings: Findings = { checks: [], attempts: [], userConstrainedPolicySet: [] };
  const code = leaf
    ? await firstRefusal(leaf, question, materials, findings)
    : 'certificate-malformed';
  const { path = [], issuer, kind, anchorId, revocation } = findings;
  return {
    verdict:
      code === undefined ? 'valid' : code === 'revocation-unknown' ? 'indeterminate' : 'invalid',
    code,
    ...etsiStatusOf(code),
    certificate: leaf,
    kind,
    anchorId,
    issuerKeyId: issuer && issuerKeyIdOf(issuer),
    path,
    refused: code === undefined ? undefined : (findings.refused ?? leaf),
    checks: findings.checks,
    revocation,
    attempts: findings.attempts,
    userConstrainedPolicySet: findings.userConstrainedPolicySet,
    ignored,
  };
}

interface Materials {
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly { readonly certificate: Certificate }[];
  readonly lists: readonly NamedCrl[];
}

interface Findings {
  readonly checks: ValidationCheck[];
  readonly attempts: CertificateAttempt[];
  userConstrainedPolicySet: readonly string[];
  path?: readonly Certificate[];
  /** The leaf's, on a valid path. */
  issuer?: Certificate;
  /** What a refusal of the path or of a status is about; else it is the leaf. */
  refused?: Certificate;
  kind?: ValidationReport['kind'];
  anchorId?: string;
  revocation?: RevocationStatus;
}

async function firstRefusal(
  leaf: Certificate,
  question: VerifyCase,
  materials: Materials,
  findings: Findings,
): Promise<PkiErrorCode | undefined> {
  const result = validatePath({
    leaf,
    intermediates: materials.intermediates,
    anchors: materials.anchors,
    time: question.time,
    algorithms: question.algorithms,
    ...(question.policies && { userInitialPolicySet: question.policies }),
    initialExplicitPolicy: question.explicitPolicy,
    initialPolicyMappingInhibit: question.inhibitPolicyMapping,
    initialAnyPolicyInhibit: question.inhibitAnyPolicy,
    ...(question.nameConstraints && { initialNameConstraints: question.nameConstraints }),
    ...(question.requiredEku !== undefined && { requiredEku: question.requiredEku }),
    issuanceRules: question.issuanceRules,
    ...(question.maximumIntermediates !== undefined && {
      budgets: { intermediates: question.maximumIntermediates },
    }),
  });
  findings.checks.push(...checkOutcomes(result));
  if (!result.valid) {
    const { anchor, path } = result;
    if (anchor) findings.path = [anchor.certificate, ...path.toReversed()];
    findings.refused = refusedCertificate(result);
    return result.code;
  }
  findings.path = anchorFirst(result, result.anchor.certificate);
  findings.issuer = findings.path.at(-2)!;
  findings.userConstrainedPolicySet = result.userConstrainedPolicySet;
  return (
    checkKind(leaf, result.anchor.certificate, question, findings) ??
    checkRevocation(question, materials, findings)
  );
}

function checkKind(
  leaf: Certificate,
  anchor: Certificate,
  { kind: asked }: VerifyCase,
  findings: Findings,
): PkiErrorCode | undefined {
  if (!asked) return undefined;
  const named = asked.profile.anchors.find(
    ({ certificate }) => Buffer.compare(certificate.der, anchor.der) === 0,
  )!;
  findings.anchorId = named.id;
  const decided = decideKind(leaf, named.kind, asked.wanted, asked.profile.kinds);
  if (decided.kind) findings.kind = decided.kind;
  const code = 'code' in decided ? decided.code : undefined;
  findings.checks.push({
    id: 'certificate-kind',
    clause: 'JPKI certificate profile',
    outcome: code ? 'failed' : 'passed',
  });
  return code;
}

async function checkRevocation(
  question: VerifyCase,
  materials: Materials,
  findings: Findings,
): Promise<PkiErrorCode | undefined> {
  if (question.method === 'none') return undefined;
  const path = findings.path!;
  const world = await withoutAccused(crlWorld(question, materials, path[0]!), question, materials);
  const first = question.revocationOf === 'leaf' ? path.length - 1 : 1;
  for (let i = first; i < path.length; i++) {
    const { status, attempts } = await statusOf(path[i]!, path[i - 1]!, question, materials, world);
    findings.attempts.push(...attempts.map((attempt) => ({ ...attempt, certificate: path[i]! })));
    findings.revocation = status;
    findings.refused = path[i]!;
    if (status.status !== 'good') break;
  }
  const status = findings.revocation?.status;
  const passed = status === undefined || status === 'good';
  findings.checks.push({
    id: 'revocation',
    clause: 'RFC 5280 §6.1.3 (a)(3)',
    outcome: passed ? 'passed' : 'failed',
  });
  if (passed) return undefined;
  return status === 'revoked' ? 'certificate-revoked' : 'revocation-unknown';
}

async function statusOf(
  certificate: Certificate,
  issuer: Certificate,
  question: VerifyCase,
  materials: Materials,
  world: CrlWorld,
): Promise<CrlFinding> {
  const byLists = (): CrlFinding => checkRevocationByCrls(certificate, issuer, world);
  if (question.method === 'crl') return byLists();
  const byOcsp = await askResponses(certificate, issuer, question, materials, world);
  if (question.method === 'ocsp' || byOcsp.status.status !== 'unknown') return byOcsp;
  const found = byLists();
  // The authority's own responder did not know the certificate: a list may then only accuse.
  const disowned = byOcsp.attempts.some(({ outcome }) => outcome === 'ocsp-status-unknown');
  const { status: listed } = found;
  const keep =
    listed.status === 'good' && (disowned || listed.evidence.thisUpdate <= byOcsp.disownedAt);
  const status = keep || isNoAnswer(found) ? byOcsp.status : found.status;
  return { status, attempts: [...byOcsp.attempts, ...found.attempts] };
}

const isNoAnswer = ({ status, attempts }: CrlFinding): boolean =>
  status.status === 'unknown' && attempts.length === 0;

/** Every response at hand is read: a revoked outweighs a good, a good outweighs one that cannot say. */
async function askResponses(
  certificate: Certificate,
  issuer: Certificate,
  question: VerifyCase,
  materials: Materials,
  world: CrlWorld,
): Promise<CrlFinding & { readonly disownedAt: number }> {
  const attempts: RevocationAttempt[] = [];
  let disownedAt = -Infinity;
  let best: RevocationStatus = {
    status: 'unknown',
    why: question.ocspResponses.length > 0 ? 'ocsp-no-matching-response' : 'no-ocsp-responder',
  };
  for (const { source, bytes } of question.ocspResponses) {
    const status = await verifyOcspResponse(bytes, certificate, source, {
      ...responseRules(question, materials, issuer),
      responderStatus: (responder) =>
        statusOfResponder(responder, issuer, question, materials, world),
    });
    const isUnknown = status.status === 'unknown';
    if (isUnknown) disownedAt = Math.max(disownedAt, status.disownedAt ?? -Infinity);
    attempts.push({
      method: 'ocsp',
      source,
      outcome: isUnknown ? status.why : status.status,
      ...(status.evidence && { evidence: status.evidence }),
      ...(isUnknown &&
        status.responseStatus !== undefined && { responseStatus: status.responseStatus }),
    });
    if (weight[status.status] >= weight[best.status]) best = status;
  }
  return { status: best, attempts, disownedAt };
}

/**
 * Lists may clear a delegate, responses at hand only accuse it: delegates that clear each other prove
 * nothing.
 */
async function statusOfResponder(
  responder: Certificate,
  issuer: Certificate,
  question: VerifyCase,
  materials: Materials,
  world: CrlWorld,
): Promise<RevocationStatus['status']> {
  const byLists = (asked: Certificate): RevocationStatus['status'] =>
    checkRevocationByCrls(asked, issuer, world).status.status;
  for (const { source, bytes } of question.ocspResponses) {
    const { status } = await verifyOcspResponse(bytes, responder, source, {
      ...responseRules(question, materials, issuer),
      responderStatus: (other) => Promise.resolve(byLists(other)),
    });
    if (status === 'revoked') return status;
  }
  return byLists(responder);
}

const responseRules = (question: VerifyCase, materials: Materials, issuer: Certificate) => ({
  issuer,
  knownResponders: materials.intermediates,
  algorithms: question.algorithms,
  now: question.time,
  acceptUncheckedResponder: !question.requireResponderStatus,
  nonce: question.nonce,
  acceptMissingNonce: false,
  clockSkewMs: question.clockSkewMs,
  maximumAgeMs: question.maximumAgeMs,
});

const weight = { unknown: 0, good: 1, revoked: 2 } as const;

function crlWorld(question: VerifyCase, materials: Materials, anchor: Certificate): CrlWorld {
  const { time, algorithms, clockSkewMs, maximumAgeMs, issuanceRules } = question;
  const { intermediates, lists } = materials;
  return {
    lists,
    certificates: [anchor, ...intermediates],
    pathTo: (signer) => {
      if (signer === anchor) return [anchor];
      const anchors = [{ certificate: anchor }];
      const found: PathResult = validatePath({
        leaf: signer,
        intermediates,
        anchors,
        time,
        algorithms,
      });
      return found.valid ? anchorFirst(found, anchor) : undefined;
    },
    policy: { now: time, clockSkewMs, maximumAgeMs, algorithms, issuanceRules },
  };
}

/** No list by a signer that a response at hand proves revoked, where responses are asked (RFC 5280 §6.3.3 (f)). */
async function withoutAccused(
  world: CrlWorld,
  question: VerifyCase,
  materials: Materials,
): Promise<CrlWorld> {
  if (question.method === 'crl' || question.ocspResponses.length === 0) return world;
  const accused: Certificate[] = [];
  for (const signer of materials.intermediates) {
    if (!materials.lists.some(({ crl }) => sameName(crl.issuer, signer.subject))) continue;
    const path = world.pathTo(signer);
    const issuer = path?.at(-2);
    if (!issuer) continue;
    const { status } = await askResponses(signer, issuer, question, materials, world);
    if (status.status === 'revoked') accused.push(signer);
  }
  const isAccused = ({ der }: Certificate): boolean =>
    accused.some((one) => sameBytes(one.der, der));
  return {
    ...world,
    pathTo: (signer) => {
      const path = world.pathTo(signer);
      return path?.some(isAccused) ? undefined : path;
    },
  };
}

/** Each certificate with the key that the path gives it: DSA parameters may come from its issuer. */
const anchorFirst = (result: ValidPath, anchor: Certificate): readonly Certificate[] => [
  anchor,
  ...result.path
    .map((certificate, index): Certificate => {
      const key = result.keys[index]!;
      if (key.spki === certificate.spki) return certificate;
      const { spki, keyAlgorithm, keyBits } = key;
      return { ...certificate, spki, keyAlgorithm, keyBits };
    })
    .toReversed(),
];
