import { guard, type GuardedRoom } from './guarded-room.ts';

const crl = (name: string): string => `lambdas/pki/crl/${name}.ts`;
const ocsp = (name: string): string => `lambdas/pki/ocsp/${name}.ts`;
const revocation = (name: string): string => `lambdas/pki/revocation/${name}.ts`;

const lists: GuardedRoom = {
  hasVectors: true,
  tests: ['test/pki/crl', 'test/pki/validation/same-answer.test.ts'],
  mutations: [
    guard(
      crl('crl-scope'),
      'if (!place.listIssuers.some((name) => sameName(name, list.issuer))) return false;',
      '',
    ),
    guard(crl('crl-scope'), 'if (place.indirect && !point?.indirectCrl) return false;', ''),
    guard(crl('crl-scope'), 'if (point.onlyUserCertificates && isCa) return false;', ''),
    guard(crl('crl-scope'), 'if (point.onlyCaCertificates && !isCa) return false;', ''),
    guard(crl('crl-scope'), 'return !point.onlyAttributeCertificates;', 'return true;'),
    guard(crl('crl-scope'), '&& certificate.version < 3', '&& certificate.version < 2'),
    guard(
      crl('crl-scope'),
      'listIssuers.length === 1 ? listIssuers[0] : undefined',
      'listIssuers[0]',
    ),
    guard(
      crl('crl-signer'),
      "if (thisUpdate > now + policy.clockSkewMs) return 'crl-not-yet-valid';",
      '',
    ),
    guard(
      crl('crl-signer'),
      'nextUpdate === undefined || now > nextUpdate',
      'nextUpdate === undefined',
    ),
    guard(crl('crl-signer'), ' || nextUpdate < thisUpdate) return', ') return'),
    guard(
      crl('crl-signer'),
      "now - thisUpdate > policy.maximumAgeMs ? 'crl-stale' : undefined",
      'undefined',
    ),
    guard(
      crl('crl-signer'),
      'unknownCritical.length + list.unknownCriticalInEntries.length > 0',
      'list.unknownCriticalInEntries.length > 0',
    ),
    guard(
      crl('crl-signer'),
      'unknownCritical.length + list.unknownCriticalInEntries.length > 0',
      'unknownCritical.length > 0',
    ),
    guard(
      crl('crl-signer'),
      'list.namesCertificateIssuers && !issuingDistributionPoint?.indirectCrl',
      'false',
    ),
    guard(crl('crl-signer'), '.filter((candidate) => maySignLists(candidate, issuer))', ''),
    guard(
      crl('crl-signer'),
      'return candidate === issuer || basicConstraintsOf(candidate)?.isCa === true;',
      'return true;',
    ),
    guard(
      crl('crl-entry-for'),
      'if (!issuers.some((name) => sameName(name, certificate.issuer))) continue;',
      '',
    ),
    guard(
      crl('crl-entry-for'),
      "if (entry.reason !== 'removeFromCRL') return entry;",
      'return entry;',
    ),
    guard(
      crl('search-lists'),
      'if (depth < engineLimits.crlSignerDepth && this.signersLeft-- > 0)',
      'if (true)',
    ),
    guard(crl('search-lists'), ' && !this.context.isCutShort', ''),
    guard(crl('search-lists'), "if (changed?.reason === 'removeFromCRL') return undefined;", ''),
    guard(
      crl('search-lists'),
      'if (asked >= 0) return asked >= excludedBelow;',
      'if (asked >= 0) return true;',
    ),
    guard(crl('search-lists'), 'crl.extensions.deltaBase <= number &&', ''),
    guard(crl('search-lists'), 'crl.extensions.crlNumber > number &&', ''),
    guard(crl('search-lists'), 'crl.thisUpdate >= complete.thisUpdate &&', ''),
    guard(crl('search-lists'), 'sameScope(crl, complete) &&', ''),
    guard(crl('search-lists'), '&& crlRefusal(crl, whenIssued(crl)) === undefined', ''),
    guard(crl('search-lists'), 'now: Math.min(policy.now, crl.thisUpdate)', 'now: policy.now'),
    guard(
      crl('search-lists'),
      "if (this.isOvertaken(crl)) return this.refuse(named, 'crl-stale', evidence);",
      '',
    ),
    guard(crl('search-lists'), 'newer.extensions.crlNumber! > number && ', ''),
    guard(crl('search-lists'), ' && sameScope(newer, crl)', ''),
    guard(crl('search-lists'), "this.context.signatureOutcome(one.crl, signer) === 'ok'", 'true'),
    guard(
      crl('search-lists'),
      'const refusal = freshnessRefusal(delta?.crl ?? crl, this.given.policy);',
      'const refusal = undefined;',
    ),
    guard(
      crl('search-lists'),
      'const refusal = freshnessRefusal(delta?.crl ?? crl, this.given.policy);',
      'const refusal = delta ? undefined : freshnessRefusal(crl, this.given.policy);',
    ),
    guard(
      crl('search-lists'),
      'this.latestUpdate(b) - this.latestUpdate(a) || laterFirst(a, b)',
      'laterFirst(a, b)',
    ),
    guard(
      crl('search-lists'),
      'const nextUpdate = Math.min(complete.crl.nextUpdate!, delta.crl.nextUpdate!);',
      'const nextUpdate = delta.crl.nextUpdate!;',
    ),
    guard(
      crl('search-lists'),
      'crl.extensions.deltaBase === undefined && listCovers',
      'listCovers',
    ),
    guard(crl('search-lists'), "finding === undefined || finding.status.status === 'good'", 'true'),
  ],
};

const responses: GuardedRoom = {
  hasVectors: true,
  tests: ['test/pki/ocsp', 'test/pki/revocation', 'test/pki/validation/same-answer.test.ts'],
  mutations: [
    guard(
      ocsp('verify-ocsp'),
      "if (basic.unknownCritical.length > 0) return 'ocsp-unsupported-critical-extension';",
      '',
    ),
    guard(
      ocsp('verify-ocsp'),
      "if (!isNonceAccepted(basic.nonce, rules)) return 'ocsp-nonce-mismatch';",
      '',
    ),
    guard(
      ocsp('verify-ocsp'),
      "if (found === 'unreadable') return false;",
      "if (found === 'unreadable') return true;",
    ),
    guard(
      ocsp('verify-ocsp'),
      "if (basic.producedAt > rules.now + rules.clockSkewMs) return 'ocsp-not-yet-valid';",
      '',
    ),
    guard(
      ocsp('verify-ocsp'),
      "rules.now - basic.producedAt > rules.maximumAgeMs ? 'ocsp-stale' : undefined",
      'undefined',
    ),
    guard(
      ocsp('verify-ocsp'),
      '!refusal && isOwnCertificate(responder, certificate, rules)',
      'false',
    ),
    guard(
      ocsp('verify-ocsp'),
      "if (single.unknownCritical.length > 0) return 'ocsp-unsupported-critical-extension';",
      '',
    ),
    guard(
      ocsp('verify-ocsp'),
      "if (thisUpdate > now + rules.clockSkewMs) return 'ocsp-not-yet-valid';",
      '',
    ),
    guard(
      ocsp('verify-ocsp'),
      'if (now > nextUpdate || nextUpdate < thisUpdate)',
      'if (nextUpdate < thisUpdate)',
    ),
    guard(
      ocsp('verify-ocsp'),
      "return now - thisUpdate > rules.maximumAgeMs ? 'ocsp-stale' : undefined;",
      'return undefined;',
    ),
    guard(
      ocsp('ocsp-responder'),
      'if (!extendedKeyUsageOf(signer)?.includes(ocspSigning)) return false;',
      '',
    ),
    guard(
      ocsp('ocsp-responder'),
      "signers.length === 0) return 'ocsp-signature-invalid'",
      'signers.length === 0) signers.push(...candidates)',
    ),
    guard(
      ocsp('ocsp-responder'),
      'return validatePath({ leaf: signer',
      'return true || validatePath({ leaf: signer',
    ),
    guard(
      ocsp('ocsp-responder'),
      "status === 'good' || (status === 'unknown' && rules.acceptUncheckedResponder)",
      "status === 'good' || status === 'unknown'",
    ),
    guard(ocsp('ocsp-responder'), '(await isUnrevoked(signer, rules))', 'true'),
    guard(ocsp('ocsp-responder'), 'sameBytes(responderId.keyHash, keyHash)', 'true'),
    guard(revocation('decide'), "if (status.status === 'revoked') return status;", ''),
    guard(
      revocation('decide'),
      'return this.crlMayOnlyRevoke || isOlder ? responders : lists;',
      'return isOlder ? responders : lists;',
    ),
    guard(
      revocation('decide'),
      'return this.crlMayOnlyRevoke || isOlder ? responders : lists;',
      'return this.crlMayOnlyRevoke ? responders : lists;',
    ),
    guard(revocation('decide'), "if (next === 'indeterminate') return status;", ''),
    guard(revocation('decide'), "if (status.status !== 'unknown') return false;", ''),
    guard(
      revocation('decide'),
      "return lists.why === 'no-applicable-crl' ? responders : lists;",
      'return lists;',
    ),
    guard(
      revocation('decide'),
      'if (startedAt !== undefined && startedAt >= totalMs)',
      'if (false)',
    ),
    guard(revocation('decide'), "this.question.method === 'auto' ? listsMs : 0", '0'),
    guard(revocation('live-ocsp'), 'anchorId === anchor.id', 'true'),
    guard(
      revocation('stored-lists-source'),
      'if (!entry && isExcludedBy(generation))',
      'if (false)',
    ),
    guard(revocation('stored-lists-source'), 'if (stale) {', 'if (false) {'),
    guard(
      revocation('stored-lists-source'),
      'name && reasons === undefined && !crlIssuer',
      'name && !crlIssuer',
    ),
    guard(
      revocation('given-lists'),
      'return path?.some((one) => isAmong(revoked, one)) ? undefined : path;',
      'return path;',
    ),
  ],
};

const decisions: GuardedRoom = {
  hasVectors: true,
  tests: ['test/pki/revocation', 'test/pki/validation/same-answer.test.ts'],
  mutations: [
    guard(revocation('decide'), "if (method !== 'ocsp' && (", 'if (('),
    guard(revocation('decide'), 'if (!isGiven) return status;', 'return status;'),
    guard(revocation('decide'), 'this.crlMayOnlyRevoke = unknownToResponder !== undefined;', ''),
    guard(revocation('decide'), 'status.negativeThisUpdate ?? -Infinity', '-Infinity'),
    guard(revocation('decide'), 'if (timeoutMs <= 0) {', 'if (false) {'),
    guard(
      revocation('decide'),
      'Math.min(totalMs - kept - startedAt, responderMs)',
      'totalMs - kept - startedAt',
    ),
    guard(
      revocation('decide'),
      'if (await this.isRevokedByGivenOcsp({ ...question, certificate: delegate }, byLists)) {',
      'if (false) {',
    ),
    guard(revocation('decide'), 'if (!source.isGiven) continue;', ''),
    guard(
      revocation('decide'),
      "if (status.status === 'unknown' && this.hasSkipped) {",
      'if (false) {',
    ),
    guard(revocation('given-responses'), "terms.policy.uncheckedResponder === 'accept'", 'true'),
    guard(revocation('given-responses'), 'acceptMissingNonce = false', 'acceptMissingNonce = true'),
    guard(revocation('stored-lists-source'), 'onlyUserCertificates = true', 'onlyUserCertificates'),
    guard(revocation('stored-lists-source'), '(certificate.version < 3 || (', '(('),
    guard(revocation('stored-lists-source'), '.sort((a, b) => b.thisUpdate - a.thisUpdate)', ''),
    guard(revocation('stored-lists-source'), "scopes.push('full');", ''),
    guard(
      revocation('stored-lists-source'),
      'else if (isUnavailable(error)) refuse',
      'else if (false) refuse',
    ),
  ],
};

export const revocationRooms: readonly GuardedRoom[] = [lists, responses, decisions];
