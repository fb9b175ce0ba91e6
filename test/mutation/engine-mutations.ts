import { guard, type GuardedRoom } from './guarded-room.ts';

const path = (name: string): string => `lambdas/pki/path/${name}.ts`;
const checks = (name: string): string => path(`checks/${name}`);
const revocation = (name: string): string => `lambdas/pki/revocation/${name}.ts`;

/** What one certificate of a path must keep, beside the rules that `mutations.ts` has. */
export const pathRules: GuardedRoom = {
  hasVectors: true,
  tests: [
    'test/pki/path/rules-one-by-one.test.ts',
    'test/pki/path/vectors.test.ts',
    'test/pki/path/pkits.test.ts',
  ],
  mutations: [
    guard(checks('extensions-well-formed'), 'decoders.get(id)?.(certificate);', ''),
    guard(checks('signature'), "return outcome === 'ok' ? undefined : outcome;", ''),
    guard(checks('working-key'), 'state.workingIssuerName = certificate.subject;', ''),
    guard(
      checks('working-key'),
      'state.workingKey = withInheritedParameters(certificate, state.workingKey);',
      '',
    ),
    guard(checks('subject-key'), 'if (lacksParameters(certificate)) return undefined;', ''),
    guard(checks('take-name-constraints'), 'if (constraints?.permitted) state', 'if (false) state'),
    guard(
      checks('policy-counters'),
      'state.explicitPolicy = Math.max(0, state.explicitPolicy - 1);',
      '',
    ),
    guard(
      checks('policy-counters'),
      'state.policyMapping = Math.max(0, state.policyMapping - 1);',
      '',
    ),
    guard(
      checks('policy-counters'),
      'state.inhibitAnyPolicy = Math.max(0, state.inhibitAnyPolicy - 1);',
      '',
    ),
    guard(checks('policy-counters'), 'constraints?.requireExplicitPolicy ?? Infinity', 'Infinity'),
    guard(checks('policy-counters'), 'constraints?.inhibitPolicyMapping ?? Infinity', 'Infinity'),
    guard(checks('policy-counters'), 'inhibitAnyPolicyOf(certificate) ?? Infinity', 'Infinity'),
    guard(checks('policy-mapping'), 'state.policyMapping > 0', 'true'),
    guard(checks('issuance-rules'), '!input.issuanceRules || ', ''),
    guard(
      checks('issuance-rules'),
      'critical ? neverCritical.includes(id) : alwaysCritical.includes(id)',
      '!critical && alwaysCritical.includes(id)',
    ),
    guard(
      checks('issuance-rules'),
      'critical ? neverCritical.includes(id) : alwaysCritical.includes(id)',
      'critical && neverCritical.includes(id)',
    ),
    guard(
      checks('issuance-rules'),
      'if (mapsAnyPolicy(policyMappingsOf(certificate) ?? [])) return false;',
      '',
    ),
    guard(
      checks('issuance-rules'),
      'findExtension(certificate, extensionId.basicConstraints)?.critical === true &&',
      '',
    ),
    guard(
      checks('issuance-rules'),
      'findExtension(certificate, extensionId.subjectKeyIdentifier) !== undefined &&',
      '',
    ),
    guard(
      checks('issuance-rules'),
      '(usage === undefined ? isSelfIssued : (usage >> keyUsageBit.keyCertSign) % 2 === 1) &&',
      '',
    ),
    guard(checks('issuance-rules'), '(isSelfIssued || namesIssuerKey(certificate))', 'true'),
    guard(checks('issuance-rules'), '!signsCertificates &&', ''),
    guard(checks('issuance-rules'), 'hasSubject &&', ''),
    guard(
      checks('issuance-rules'),
      'basicConstraintsOf(certificate)?.pathLength === undefined &&',
      '',
    ),
    guard(
      checks('issuance-rules'),
      'findExtension(certificate, extensionId.nameConstraints) === undefined &&',
      '',
    ),
    guard(checks('issuance-rules'), '&& namesIssuerKey(certificate) );', ');'),
    guard(checks('name-constraints'), 'subject.isEmpty ? [] : ', ''),
    guard(checks('name-constraints'), ', ...international, ...mailboxes]', ', ...mailboxes]'),
    guard(checks('name-constraints'), ', ...international, ...mailboxes]', ', ...international]'),
    guard(path('name-subtree'), "if (base.isBounded) return 'unsure';", ''),
    guard(
      path('name-subtree'),
      "mayBeWithinSubtree(name.name, base.name) ? 'unsure' : 'outside'",
      "'outside'",
    ),
    guard(
      path('name-subtree'),
      "if (!isWildcard || side === 'permitted') return 'outside';",
      "return 'outside';",
    ),
    guard(path('name-subtree'), "if (mailbox.host !== constraint.host) return 'outside';", ''),
    guard(path('name-subtree'), "if (name.from === 'SmtpUTF8Mailbox') return 'unsure';", ''),
    guard(
      path('name-subtree'),
      "name.from === 'subject' && side === 'excluded' && isAlike",
      'false',
    ),
    guard(
      path('name-subtree'),
      "name.from === 'subject' && side === 'excluded' && isAlike",
      'isAlike',
    ),
    guard(path('name-subtree'), 'at < 1 || local.length > 64 ||', 'at < 1 ||'),
    guard(path('name-subtree'), '|| !localPart.test(local)', ''),
    guard(path('name-subtree'), '!/^[!-~]*$/.test(domain) || ', ''),
    guard(path('name-subtree'), "&& found.includes('.')", ''),
    guard(path('name-subtree'), String.raw`&& !/(^|\.)[\d]+$/.test(found)`, ''),
    guard(
      path('name-subtree'),
      "if (!isPrefixMask(range.subarray(range.length / 2))) return 'unsure';",
      '',
    ),
    guard(path('name-subtree'), "if (range.length !== 2 * width) return 'outside';", ''),
    guard(
      path('trust-anchor'),
      'if (step.input.issuanceRules && !keepsRulesOfIssue(certificate)) {',
      'if (false) {',
    ),
    guard(path('trust-anchor'), "allowsKeyUsage(certificate, 'keyCertSign');", 'true;'),
    guard(path('trust-anchor'), '&& certificate.extensions.length === 0', ''),
    guard(path('trust-anchor'), '[criticalExtensions, extendedKeyUsage]', '[extendedKeyUsage]'),
    guard(path('trust-anchor'), '[criticalExtensions, extendedKeyUsage]', '[criticalExtensions]'),
    guard(path('trust-anchor'), 'if (names?.permitted) state', 'if (false) state'),
    guard(
      path('trust-anchor'),
      'state.maxPathLength = Math.min(state.maxPathLength, pathLength ?? Infinity);',
      '',
    ),
    guard(
      path('trust-anchor'),
      'if (constraints?.requireExplicitPolicy !== undefined) {',
      'if (false) {',
    ),
    guard(
      path('trust-anchor'),
      'if (constraints?.inhibitPolicyMapping !== undefined) {',
      'if (false) {',
    ),
    guard(path('trust-anchor'), 'inhibitAnyPolicyOf(certificate) ?? Infinity', 'Infinity'),
    guard(path('walk-path'), 'if (anchorFailure !== undefined) {', 'if (false) {'),
    guard(path('walk-path'), '!isFinal && sameName', 'sameName'),
    guard(path('walk-path'), "|| error.code === 'certificate-path-too-complex'", ''),
    guard(
      path('build-path'),
      'if (!this.isSignedBy(path, candidate.key, signature)) continue;',
      '',
    ),
    guard(path('build-path'), 'if (repeats(path, certificate)) {', 'if (false) {'),
    guard(path('build-path'), 'if (path.length > this.budgets.intermediates) {', 'if (false) {'),
    guard(path('build-path'), 'if (this.candidatePathsLeft-- <= 0) {', 'if (false) {'),
    guard(path('build-path'), 'if (this.stepsLeft-- <= 0) {', 'if (false) {'),
    guard(path('signature-memory'), 'if (this.checksLeft-- <= 0) {', 'if (false) {'),
    guard(path('work-left'), 'if (this.left < 0) {', 'if (false) {'),
    guard(
      path('validate-path'),
      'if (leaf.der.length + bytesOf(offered) > budgets.inputBytes) return tooComplex(input);',
      '',
    ),
    guard(
      path('validate-path'),
      'if (intermediates.length > budgets.certificates) return tooComplex(input);',
      '',
    ),
  ],
};

/** The order of sources and what each of them may prove. */
export const revocationRules: GuardedRoom = {
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
