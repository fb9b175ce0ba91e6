import { guard, type GuardedRoom } from './guarded-room.ts';

const checks = (name: string): string => `lambdas/pki/path/checks/${name}.ts`;
const validation = (name: string): string => `lambdas/pki/validation/${name}.ts`;
const x509 = (name: string): string => `lambdas/pki/x509/${name}.ts`;
const policyGraph = 'lambdas/pki/path/policy-graph.ts';
const path = (name: string): string => `lambdas/pki/path/${name}.ts`;

const paths: GuardedRoom = {
  hasVectors: true,
  tests: [
    'test/pki/path/rules-one-by-one.test.ts',
    'test/pki/path/vectors.test.ts',
    'test/pki/path/pkits.test.ts',
  ],
  mutations: [
    guard(
      checks('basic-constraints'),
      "?.isCa ? undefined : 'certificate-path-invalid'",
      '?.isCa ? undefined : undefined',
    ),
    guard(
      checks('key-usage'),
      "? undefined : 'certificate-path-invalid'",
      '? undefined : undefined',
    ),
    guard(
      checks('name-chaining'),
      "? undefined : 'certificate-path-invalid'",
      '? undefined : undefined',
    ),
    guard(
      checks('path-length'),
      "if (state.maxPathLength <= 0) return 'certificate-path-invalid';",
      '',
    ),
    guard(checks('path-length'), 'if (!isSelfIssued) {', '{'),
    guard(checks('path-length'), 'state.maxPathLength = Math.min(state.maxPathLength, limit);', ''),
    guard(
      checks('validity'),
      "if (!(second >= certificate.notBefore)) return 'certificate-not-yet-valid';",
      '',
    ),
    guard(
      checks('validity'),
      "second <= certificate.notAfter ? undefined : 'certificate-expired'",
      'undefined',
    ),
    guard(
      checks('version'),
      "if (number < 3 && extensions.length > 0) return 'certificate-malformed';",
      '',
    ),
    guard(
      checks('version'),
      "number < 2 && hasUniqueIdentifier ? 'certificate-malformed' : undefined",
      'undefined',
    ),
    guard(
      checks('critical-extensions'),
      "if (!processed.has(id)) return 'certificate-path-invalid';",
      '',
    ),
    guard(checks('critical-extensions'), 'if (!critical) continue;', ''),
    guard(
      checks('critical-extensions'),
      'id === extensionId.certificatePolicies && hasUnknown',
      'false && hasUnknown',
    ),
    guard(
      checks('unique-extensions'),
      "=== extensions[k]!.id) return 'certificate-malformed'",
      "=== '') return 'certificate-malformed'",
    ),
    guard(checks('extended-key-usage'), 'named.includes(requiredEku) || ', 'true || '),
    guard(checks('extended-key-usage'), ' || named.includes(anyExtendedKeyUsage)', ''),
    guard(
      checks('signature-algorithm'),
      "? undefined : 'certificate-malformed'",
      '? undefined : undefined',
    ),
    guard(checks('subject-key'), 'if (refusal !== undefined || shape', 'if (shape'),
    guard(
      checks('subject-key'),
      'return isOnCurve(certificate.keyBits, shape.curve)',
      'return true',
    ),
    guard(checks('serial-number'), 'isZero || octets > 20', 'octets > 20'),
    guard(checks('serial-number'), 'isZero || octets > 20', 'isZero'),
    guard(checks('serial-number'), ' || (isNegative && input.issuanceRules)', ''),
    guard(checks('names-present'), "if (issuer.isEmpty) return 'certificate-path-invalid';", ''),
    guard(checks('names-present'), 'const isNamed = isFinal &&', 'const isNamed ='),
    guard(
      checks('policies'),
      'state.explicitPolicy > 0 || state.policyGraph !== undefined',
      'true',
    ),
    guard(checks('policies'), 'state.inhibitAnyPolicy > 0 || isSelfIssued', 'true'),
    guard(checks('policy-counters'), 'if (!isSelfIssued) {', '{'),
    guard(
      checks('policy-mapping'),
      "if (mapsAnyPolicy(mappings)) return 'certificate-path-invalid';",
      '',
    ),
    guard(
      checks('explicit-policy'),
      '|| policyConstraintsOf(certificate)?.requireExplicitPolicy === 0',
      '',
    ),
    guard(checks('name-constraints'), 'if (isSelfIssued) return undefined;', ''),
    guard(
      checks('name-constraints'),
      "'excluded') !== 'outside') return 'certificate-path-invalid';",
      "'excluded') !== 'outside') return undefined;",
    ),
    guard(
      checks('name-constraints'),
      "if (constrained && !within) return 'certificate-path-invalid';",
      '',
    ),
    guard(checks('take-name-constraints'), 'if (constraints?.excluded) state', 'if (false) state'),
    guard(
      checks('issuance-rules'),
      'if (!(subjectAltNamesOf(certificate) ?? []).every(hasPreferredSyntax)) return false;',
      '',
    ),
    guard(checks('issuance-rules'), 'name.text.length <= 253 && ', ''),
    guard(
      'lambdas/pki/path/trust-anchor.ts',
      "if (!isAuthority(certificate)) return failure('certificate-path-invalid');",
      '',
    ),
    guard(
      'lambdas/pki/path/trust-anchor.ts',
      'if (refusal !== undefined) return failure(refusal);',
      '',
    ),
    guard('lambdas/pki/path/trust-anchor.ts', 'if (names?.excluded) state', 'if (false) state'),
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

const recentPaths: GuardedRoom = {
  tests: ['test/pki/validation/recent-paths.test.ts'],
  mutations: [
    guard(validation('recent-paths'), 'validityRefusal(leaf, time) === undefined &&', ''),
    guard(
      validation('recent-paths'),
      'validityRefusal(path.anchor.certificate, time) === undefined;',
      'true;',
    ),
    guard(validation('recent-paths'), 'if (!recent.singleAnchors.has(path.anchor)) return;', ''),
    guard(validation('recent-paths'), 'engineLimits.recentPaths', '1e9'),
    guard(validation('recent-paths'), 'a.anchor === b.anchor &&', ''),
    guard(
      validation('recent-paths'),
      'a.userConstrainedPolicySet.length === b.userConstrainedPolicySet.length &&',
      '',
    ),
    guard(validation('recent-paths'), 'id === b.userConstrainedPolicySet[index]', 'true'),
    guard(
      validation('validate-certificate'),
      'const isAlone = intermediates.length === 0;',
      'const isAlone = true;',
    ),
  ],
};

const sharedValues: GuardedRoom = {
  tests: ['test/pki/x509/shared-values.test.ts', 'test/pki/x509/challenge-signature.test.ts'],
  mutations: [
    guard(x509('der'), 'if (bytes[offset + i] !== known[i]) return false;', ''),
    guard(x509('repeated-extensions'), '!common.has(id) ||', ''),
    guard(
      x509('repeated-extensions'),
      'new Uint8Array(bytes.subarray(start, end))',
      'bytes.subarray(start, end)',
    ),
    guard(x509('name'), 'new DistinguishedName(new Uint8Array(der))', 'new DistinguishedName(der)'),
    guard(x509('public-key'), '&& sameBytes(known.spki, key.spki)', ''),
    guard(policyGraph, 'last?.policies === policies &&', 'last &&'),
    guard(policyGraph, '&& last.acceptsAny === acceptsAny', ''),
    guard(policyGraph, 'this.lastConstrained?.userInitial === userInitial', 'this.lastConstrained'),
  ],
};

export const pathRooms: readonly GuardedRoom[] = [paths, recentPaths, sharedValues];
