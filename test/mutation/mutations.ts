import { guard, type GuardedRoom } from './guarded-room.ts';
import { httpRooms } from './http-mutations.ts';
import { peopleRooms } from './people-mutations.ts';
import { pathRules, revocationRules } from './engine-mutations.ts';

export type { GuardedRoom, Mutation } from './guarded-room.ts';

const checks = (name: string): string => `lambdas/pki/path/checks/${name}.ts`;
const crl = (name: string): string => `lambdas/pki/crl/${name}.ts`;
const ocsp = (name: string): string => `lambdas/pki/ocsp/${name}.ts`;
const revocation = (name: string): string => `lambdas/pki/revocation/${name}.ts`;
const ingest = (name: string): string => `lambdas/crl-store/ingest/${name}.ts`;

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
  ],
};

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

const ingestion: GuardedRoom = {
  hasVectors: true,
  tests: [
    'test/crl-store/ingest-crl.test.ts',
    'test/pki/x509/crl-stream.test.ts',
    'test/pki/x509/crl-chunks.test.ts',
  ],
  mutations: [
    guard(ingest('accept-crl'), 'if (extensions.unknownCritical.length > 0)', 'if (false)'),
    guard(ingest('accept-crl'), 'if (point.indirectCrl)', 'if (false)'),
    guard(ingest('accept-crl'), 'point.onlyCaCertificates || point', 'point'),
    guard(ingest('accept-crl'), 'if (point.onlySomeReasons !== undefined)', 'if (false)'),
    guard(
      ingest('accept-crl'),
      "if (!allowsKeyUsage(anchor.certificate, 'cRLSign'))",
      'if (false)',
    ),
    guard(ingest('accept-crl'), "if (outcome === 'ok') return issuerKeyId;", 'return issuerKeyId;'),
    guard(
      ingest('accept-crl'),
      'if (list.removals > 0 && extensions.deltaBase === undefined)',
      'if (false)',
    ),
    guard(ingest('accept-crl'), 'if (extensions.crlNumber === undefined)', 'if (false)'),
    // The order of CRL numbers and times is held twice: here and by the conditional write of the switch.
    guard(ingest('ingest-crl'), ' || BigInt(serving.crlNumber) < needed', ''),
    guard(ingest('ingest-crl'), ' || !isOfScope(accepted, serving)', ''),
    guard(
      'lambdas/pki/x509/crl-stream.ts',
      "if (this.pending.length > 0) throw malformed('the last entry is truncated');",
      '',
    ),
    guard(
      'lambdas/pki/x509/crl-stream.ts',
      "if (header.length > engineLimits.streamedEntryOctets) throw malformed('an entry is too long');",
      '',
    ),
    guard('lambdas/pki/x509/crl-stream.ts', 'serialLength - 1 < 20 &&', ''),
    guard(
      'lambdas/pki/x509/crl-entry.ts',
      "if (!fitsSerial(serial)) throw malformed('a serial is longer than 20 octets');",
      '',
    ),
  ],
};

const authorizer = 'lambdas/capabilities/authorizer/handler.ts';
const tokens = (name: string): string => `lambdas/capabilities/tokens/${name}.ts`;
const services = (name: string): string => `lambdas/capabilities/services/${name}.ts`;
const http = (name: string): string => `lambdas/platform/http/${name}.ts`;
const people = (name: string): string => `lambdas/people/${name}.ts`;

const tellOfRevocations = 'lambdas/capabilities/events/tell-of-revocations.ts';

const accessTokens: GuardedRoom = {
  tests: ['test/capabilities/authorizer', 'test/capabilities/tokens/handler.test.ts'],
  mutations: [
    guard(
      authorizer,
      'client === undefined || client.serviceId !== serviceId',
      'client === undefined',
    ),
    guard(
      authorizer,
      'if (!client.keys.some((key) => keyThumbprint(key) === proved)) {',
      'if (false) {',
    ),
    guard(
      authorizer,
      'isOperator ? operatorService : dependencies.service(serviceId)',
      'operatorService',
    ),
    guard(authorizer, "|| error.code === 'dependency-unavailable'", ''),
    guard(
      tokens('access-token'),
      'if (payload.iat! > now / 1000 + tokenLimits.functionClocksSeconds) {',
      'if (false) {',
    ),
    guard(tokens('claimed-client'), '&& /^[\\w-]{1,64}$/.test(claimed)', ''),
  ],
};

const clientAuthentication: GuardedRoom = {
  tests: [
    'test/capabilities/tokens/client-assertion.test.ts',
    'test/capabilities/tokens/handler.test.ts',
  ],
  mutations: [
    guard(tokens('operation'), ' || request.client_assertion_type !== assertionType', ''),
    guard(tokens('operation'), '&& request.client_id !== proved.client.clientId', '&& false'),
    guard(tokens('operation'), '|| !mayGetTokens(service.status, ports.production)', ''),
    guard(tokens('operation'), 'wanted.length === 0 || ', ''),
    guard(tokens('operation'), '!wanted.every((scope) => client.scopes.includes(scope))', 'false'),
    guard(tokens('client-assertion'), ' || iss !== sub', ''),
    guard(tokens('client-assertion'), 'kid === undefined || key.kid === kid', 'true'),
    guard(tokens('client-assertion'), 'if (!algorithmsOf(key).includes(alg)) {', 'if (false) {'),
    guard(
      tokens('client-assertion'),
      'if (exp! > now + tokenLimits.assertionSeconds + tokenLimits.clockToleranceSeconds) {',
      'if (false) {',
    ),
    guard(
      tokens('client-assertion'),
      'if (iat !== undefined && iat > now + tokenLimits.clockToleranceSeconds) {',
      'if (false) {',
    ),
    guard(tokens('client-assertion'), ' || jti.length < 8 || jti.length > 256', ''),
    guard(
      tokens('client-assertion'),
      'if (!(await used.firstUse(clientId, jti, validUntil, rules.now))) {',
      'if (false) {',
    ),
    guard(tokens('client-assertion'), 'audience: [...audience],', ''),
    guard(
      services('service-rights'),
      "production ? status === 'active' : mayCall(status)",
      'mayCall(status)',
    ),
  ],
};

const registration: GuardedRoom = {
  tests: ['test/capabilities/services', 'test/capabilities/certificates'],
  mutations: [
    guard(services('service-rights'), 'if (permitted.includes(method)) return;', 'return;'),
    guard(services('life-cycle'), '&& !steps[service.status].includes(step.status)', '&& false'),
    guard(services('life-cycle'), "type === 'type1' && bound && pledges === undefined", 'false'),
    guard(services('operation'), "if (service.status === 'retired') {", 'if (false) {'),
    guard(
      services('operation'),
      "caller.serviceType === 'operator' || caller.serviceId === serviceId",
      'true',
    ),
    guard(services('operation'), "caller.serviceType === 'operator' ? await", 'true ? await'),
    guard(services('client-jwks'), 'refusePrivateParts(value, at);', ''),
    guard(services('client-jwks'), "['exp', 'nbf']", '[]'),
    guard(services('client-jwks'), '...unreadMembers(value, places)', ''),
    guard(services('client-jwks'), 'if (bits < 2048)', 'if (false)'),
    guard(services('client-jwks'), 'if (keys.length > serviceLimits.keys)', 'if (false)'),
    guard(
      services('client-jwks'),
      'if (new Set(keys.map(({ kid }) => kid)).size !== keys.length)',
      'if (false)',
    ),
    guard(
      services('client-jwks'),
      'if (new Set(keys.map(({ n, x }) => n ?? x)).size !== keys.length) {',
      'if (false) {',
    ),
    guard(services('client-jwks'), 'keys.map(({ n, x }) => n ?? x)', 'keys.map(({ x }) => x)'),
    guard(services('client-jwks'), 'keys.map(({ n, x }) => n ?? x)', 'keys.map(({ n }) => n)'),
    guard(
      services('client-jwks'),
      "if (Buffer.from(value, 'base64url')[0] === 0) refuse(`${at}.${name} has a leading zero octet`);",
      '',
    ),
  ],
};

const requests: GuardedRoom = {
  tests: [
    'test/platform/http/operation-handler.test.ts',
    'test/platform/http/read-request.test.ts',
    'test/platform/http/problems.test.ts',
    'test/capabilities/tokens/handler.test.ts',
  ],
  mutations: [
    guard(http('read-request'), 'if (bytes > contract.maxBodyBytes) {', 'if (false) {'),
    guard(http('read-request'), 'if (fields.has(name)) {', 'if (false) {'),
    guard(http('read-request'), 'keys.filter(looksLikeName).slice(0, 5)', 'keys.slice(0, 5)'),
    guard(http('read-request'), 'if (count < 2) continue;', 'continue;'),
    guard(
      http('read-request'),
      "refuseRepeated('query parameter', event.multiValueQueryStringParameters);",
      '',
    ),
    guard(
      http('read-request'),
      "refuseRepeated('header', event.multiValueHeaders, singleHeaders);",
      '',
    ),
    guard(http('read-request'), 'only === undefined ? given : given.toLowerCase()', 'given'),
    guard(http('read-request'), "only !== undefined || looksLikeName(name) ? name : 'one'", 'name'),
    guard(http('read-request'), "contract.scope !== 'public' && unknown.length > 0", 'false'),
    guard(
      http('read-request'),
      "contract.scope !== 'public' && unknown.length > 0",
      'unknown.length > 0',
    ),
    guard(http('read-request'), 'refuseUnreadBody(exchange);', ''),
    guard(http('read-request'), "contract.scope === 'public' || /^", '/^'),
    guard(http('read-request'), 'if (given !== expected) {', 'if (false) {'),
    guard(
      http('read-request'),
      'if (!charsets.every((charset) => /^(?:utf-?8|us-ascii)$/i.test(charset))) {',
      'if (false) {',
    ),
    guard(
      http('read-request'),
      "refuseOtherEncodings(headerOf(event.headers, 'content-encoding'), text);",
      '',
    ),
    guard(http('read-request'), 'if (isGzip)', 'if (false)'),
    guard(http('read-request'), "if (coding !== '' && coding !== 'identity') {", 'if (false) {'),
    guard(
      http('read-request'),
      String.raw`if (/^\ufffd\ufffd|^.?\0/.test(text)) {`,
      'if (false) {',
    ),
    guard(http('read-request'), String.raw`if (text.startsWith('\ufeff')) {`, 'if (false) {'),
    guard(http('read-request'), "looksLikeName(member) ? member : 'a member'", 'member'),
    guard(
      http('read-request'),
      "const which = looksLikeName(name) ? name : 'one'",
      'const which = name',
    ),
    guard(http('read-request'), "[...fields].filter(([, value]) => value !== '')", '[...fields]'),
    guard(http('read-request'), 'parsed.error.issues.slice(0, 20)', 'parsed.error.issues'),
    guard(http('read-request'), 'String(step).slice(0, 64)', 'String(step)'),
    guard(tokens('contract'), 'grant_type: visible(128)', 'grant_type: z.string().max(128)'),
    guard(
      tokens('contract'),
      'client_assertion_type: visible(128)',
      'client_assertion_type: z.string().max(128)',
    ),
    guard(
      tokens('contract'),
      'client_assertion: visible(8192)',
      'client_assertion: z.string().max(8192)',
    ),
    guard(tokens('contract'), 'client_id: visible(64)', 'client_id: z.string().max(64)'),
    guard(
      tokens('contract'),
      String.raw`.regex(/^[ !#-[\]-~]*$/, { error: 'send scope names separated by blanks' })`,
      '',
    ),
    guard(http('require-scope'), 'if (!mayCall(caller.serviceState)) {', 'if (false) {'),
    guard(http('require-scope'), 'if (!holdsScope(caller.scopes, scope)) {', 'if (false) {'),
    guard(
      http('require-scope'),
      "if (typeof value !== 'string') throw new MyKeyError('token-missing', 'no access token');",
      '',
    ),
    // An SDK's or a parser's sentence may hold the serial that it was given.
    guard(
      http('request-log'),
      '`${at.name}${isCodedError(at)',
      '`${at.name} ${at.message}${isCodedError(at)',
    ),
  ],
};

const persons: GuardedRoom = {
  tests: [
    'test/people/lifetime.test.ts',
    'test/people/suspended.test.ts',
    'test/people/identifiers.test.ts',
    'test/people/operator-acts.test.ts',
    'test/people/links.test.ts',
    'test/people/seal.test.ts',
  ],
  mutations: [
    // A known login asks for the subject's standing here, a new one below: the rule stands twice.
    guard(people('identify-person'), 'if (standing.value.suspended)', 'if (false)'),
    guard(people('identify-person'), 'if (person?.value.suspended)', 'if (false)'),
    guard(people('identify-person'), 'if (subjects[0] === subjects[1]) return true;', ''),
    guard(
      people('identify-person'),
      'seenAt: ports.now, }); return false;',
      'seenAt: ports.now, }); return true;',
    ),
    guard(
      people('renewal-line'),
      'while (links.length <= peopleLimits.renewals) {',
      'while (links.length <= 99) {',
    ),
    guard(
      people('ppid'),
      "'my-key-platform/ppid', sectorId, subjectId",
      "'my-key-platform/ppid', subjectId",
    ),
    guard(people('seal'), 'pk, sk, part, header', 'pk, sk, header'),
    guard(people('seal'), 'pk, sk, part, header', 'part, header'),
    guard(
      people('operator-acts'),
      'suspensionOf(kept.value, absorbed.value)',
      'suspensionOf(kept.value)',
    ),
    guard(
      people('operator-acts'),
      'if (subjectId === former) impossible(',
      'if (false) impossible(',
    ),
    guard(people('links'), 'if (isTaken) throw taken();', ''),
    guard(
      people('links'),
      "if (former !== undefined) { throw new MyKeyError( 'person-already-linked'",
      "if (false) { throw new MyKeyError( 'person-already-linked'",
    ),
    guard(people('links'), 'if (found?.value.link !== undefined) throw taken();', ''),
    guard(
      people('links'),
      "if (found === undefined || isOver(found, ports.now)) { throw new MyKeyError( 'user-number-not-awaited'",
      "if (false) { throw new MyKeyError( 'user-number-not-awaited'",
    ),
    guard(
      people('links'),
      "if (found === undefined || isOver(found, ports.now)) { throw new MyKeyError( 'user-number-not-awaited'",
      "if (found === undefined) { throw new MyKeyError( 'user-number-not-awaited'",
    ),
  ],
};

const corrections: GuardedRoom = {
  tests: ['test/people/corrections.test.ts', 'test/people/my-key-id-records.test.ts'],
  mutations: [
    guard(
      people('corrections'),
      'if (proposal.operator === approvedBy)',
      'if (proposal.operator === undefined)',
    ),
    guard(
      people('corrections'),
      'if (named !== undefined && (await entryOfPerson(ports, named, standing)) === undefined)',
      'if (named === "")',
    ),
    guard(people('corrections'), 'length >= peopleLimits.openCorrections)', 'length < 0)'),
    guard(
      people('corrections'),
      "if (isOfService) impossible('pass it",
      "if (false) impossible('pass it",
    ),
    guard(
      people('corrections'),
      "if (outcome === 'passed-to-service' && !isOfService)",
      'if (false)',
    ),
    guard(people('corrections'), "kind === 'split' && at >= requestedAt", 'at >= 0 || kind'),
    guard(
      people('corrections'),
      "if (proposal.outcome === 'passed-to-service') await",
      'if (false) await',
    ),
    guard(people('sweep-expired'), 'endOf(value, retention) <= now', 'endOf(value, retention) < 0'),
    guard(people('sweep-expired'), 'place.value)) === undefined', 'place.value)) !== undefined'),
    guard(people('sweep-expired'), '!timeIsUp() && ', ''),
    guard(people('retention'), 'Math.ceil((now + keptMs) / dayMs) * dayMs', '(now + keptMs)'),
    guard(people('disclosure'), '...(proposal && decided && {', '...(proposal && {'),
    guard(
      people('my-key-id-records'),
      'if (inForce !== undefined) return inForce;',
      'if (false) return inForce!;',
    ),
  ],
};

const jobRows: GuardedRoom = {
  tests: ['test/capabilities/jobs/split-lines.test.ts', 'test/capabilities/jobs/whole-job.test.ts'],
  mutations: [
    guard(
      'lambdas/capabilities/jobs/split-lines.ts',
      "if (lineEnd - this.#lineStart > lineBytes) throw new JobRejected('upload-line-too-long');",
      '',
    ),
    guard(
      'lambdas/capabilities/jobs/split-lines.ts',
      "if (this.#line > this.#limits.lines) throw new JobRejected('upload-too-large');",
      '',
    ),
    guard(
      'lambdas/capabilities/jobs/plan-job.ts',
      'if (head.length > jobLimits.lineBytes)',
      'if (false)',
    ),
    guard(
      'lambdas/capabilities/jobs/plan-job.ts',
      'if (await quota.take(owner, day, rows, identifiersPerDay, jobId)) return;',
      'return;',
    ),
    guard('lambdas/capabilities/jobs/check-chunk.ts', 'if (closeSerials > 0) {', 'if (false) {'),
    guard(
      'lambdas/capabilities/jobs/plan-job.ts',
      'asked.identifiersPerDay ?? deployed.identifiersPerDay',
      'deployed.identifiersPerDay',
    ),
  ],
};

const registerAttributes: GuardedRoom = {
  tests: ['test/capabilities/jobs/attributes-by-method.test.ts'],
  mutations: [
    guard(
      'lambdas/capabilities/jobs/plan-job.ts',
      'if (asksResponders(job) && rows > jobLimits.ocspLines) {',
      'if (false) {',
    ),
    guard(
      'lambdas/capabilities/jobs/answer-attributes.ts',
      'atOnce: jobLimits.ocspAtOnce }',
      'atOnce: 3 }',
    ),
    guard(
      'lambdas/capabilities/jobs/answer-attributes.ts',
      'Math.min(totalMs - kept, leftMs)',
      'totalMs - kept',
    ),
    guard(
      'lambdas/capabilities/jobs/answer-attributes.ts',
      'await pause(jobLimits.ocspPauseMs);',
      '',
    ),
    guard(
      'lambdas/capabilities/jobs/pinned-lists.ts',
      'reject(new ListsUnread(cause))',
      'reject(cause)',
    ),
  ],
};

const validation = (name: string): string => `lambdas/pki/validation/${name}.ts`;

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

const x509 = (name: string): string => `lambdas/pki/x509/${name}.ts`;
const policyGraph = 'lambdas/pki/path/policy-graph.ts';

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

/** What AWS refuses, drops or lets pass, and no laptop shows. */
const deployment: GuardedRoom = {
  tests: [
    'test/lib/api.test.ts',
    'test/lib/deliveries.test.ts',
    'test/lib/ingestion-and-jobs.test.ts',
    'test/lib/network-and-address.test.ts',
    'test/lib/protection.test.ts',
  ],
  mutations: [
    // A TOKEN authorizer, whose event lacks the request.
    guard(
      'lib/constructs/capability-api.ts',
      'RequestAuthorizer,',
      'TokenAuthorizer as RequestAuthorizer,',
    ),
    guard(
      'lib/constructs/capability-api.ts',
      'this.deploymentStage.node.addDependency(executionLog);',
      '',
    ),
    // The topic's policy then only denies, and replaces the default one.
    guard(
      'lib/constructs/alarm-topic.ts',
      'topic.addToResourcePolicy(',
      '((_: unknown): void => {})(',
    ),
    guard(
      'lib/constructs/alarm-topic.ts',
      'key.addToResourcePolicy(',
      '((_: unknown): void => {})(',
    ),
    guard(
      'lib/constructs/bulk-job-machine.ts',
      "payload: TaskInput.fromJsonPathAt('$'), outputPath: JsonPath.DISCARD,",
      "payload: TaskInput.fromJsonPathAt('$'),",
    ),
    guard('lib/constructs/api-address.ts', 'disableExecuteApiEndpoint: domain !== undefined,', ''),
    guard(
      'lib/constructs/api-address.ts',
      "StringNotEquals: { 'aws:SourceVpce': privateEndpointIds },",
      "StringEquals: { 'aws:SourceVpce': privateEndpointIds },",
    ),
    guard(
      'lib/constructs/platform-network.ts',
      'if (!reachesJlis && !this.#placeAll) return undefined;',
      '',
    ),
    guard(
      'lib/constructs/problem-responses.ts',
      "[ResponseType.WAF_FILTERED, 'request-blocked'],",
      '',
    ),
    guard('lib/constructs/platform-table.ts', 'props.itemsExpire && {', '{'),
    guard(
      'lib/constructs/logged-state-machine.ts',
      "'xray:GetSamplingRules', 'xray:GetSamplingTargets',",
      '',
    ),
  ],
};

const rightsAndMerges: GuardedRoom = {
  tests: [
    'test/people/rights.test.ts',
    'test/people/announcements.test.ts',
    'test/capabilities/events/tell-of-revocations.test.ts',
  ],
  mutations: [
    guard(
      people('rights'),
      'isByOperator(deletion?.before ?? standing)) return',
      'standing.suspended) return',
    ),
    guard(people('rights'), 'isByOperator(deletion?.before ?? standing)', 'isByOperator(standing)'),
    guard(
      people('rights'),
      "if (by === 'person' && isByOperator(standing))",
      "if (by === 'person' && !standing.suspended)",
    ),
    guard(people('announcements'), 'formerly.slice(0, formerly.indexOf(absorbed))', 'formerly'),
    guard(
      tellOfRevocations,
      'held?.superseded === false && (held.certificate',
      'held !== undefined && (held.certificate',
    ),
    guard(tellOfRevocations, ' && (held.certificate.validUntil ?? 0) > ports.now;', ';'),
  ],
};

export const guardedRooms: readonly GuardedRoom[] = [
  paths,
  pathRules,
  sharedValues,
  recentPaths,
  lists,
  responses,
  revocationRules,
  ingestion,
  accessTokens,
  clientAuthentication,
  registration,
  requests,
  persons,
  corrections,
  rightsAndMerges,
  jobRows,
  registerAttributes,
  deployment,
  ...httpRooms,
  ...peopleRooms,
];
