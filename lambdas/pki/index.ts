/**
 * The public entry of the engine. Times are milliseconds since 1970, binary values are `Uint8Array`,
 * certificates and CRLs are DER. Results are values: only the parsers throw, and `decide` when a source
 * itself fails. See README.md.
 */

// The two questions
export {
  type PathRules,
  validateCertificate,
  type ValidationAnchor,
  type ValidationPolicy,
  type ValidationRequest,
} from './validation/validate-certificate.ts';
export { decide } from './revocation/decide.ts';

// Sources of revocation
export { givenLists } from './revocation/given-lists.ts';
export {
  type GivenResponse,
  givenResponses,
  type GivenResponseTerms,
} from './revocation/given-responses.ts';
export { liveOcsp } from './revocation/live-ocsp.ts';
export { storedListSource } from './revocation/stored-lists-source.ts';
export type {
  ListSource,
  ListTerms,
  OcspAnswerer,
  OcspSource,
  OcspTerms,
  RevocationFinding,
  RevocationQuestion,
  RevocationSources,
} from './revocation/revocation-source.ts';
export type {
  Generation,
  ListScope,
  RevokedEntry,
  StoredLists,
} from './revocation/stored-lists.ts';
export type { OcspClient, OcspExchange, OcspQuestion } from './ocsp/ocsp-client.ts';
export type { OcspResponder } from './ocsp/responder.ts';
export type { NamedCrl } from './crl/search-lists.ts';

// Policies and answers
export type { AlgorithmPolicy } from './algorithm-policy.ts';
export type { RevocationBudget, RevocationPolicy } from './revocation/revocation-policy.ts';
export type {
  RevocationAttempt,
  RevocationEvidence,
  RevocationMethod,
  RevocationReason,
  RevocationStatus,
  UnknownReason,
} from './revocation/revocation-status.ts';
export { decisionTable, type DecisionRow, type NextStep } from './revocation/decision-table.ts';
export {
  type CertificateAttempt,
  type ValidationCheck,
  type ValidationReport,
  validationReportJson,
  type ValidationReportJson,
} from './validation/validation-report.ts';
export type {
  CertificateKind,
  CertificateKindRules,
  WantedKind,
} from './validation/certificate-kind.ts';

// Certification paths alone
export {
  type PathAnchor,
  type PathBudgets,
  type PathInput,
  type PathResult,
  type RefusedPath,
  validatePath,
  type ValidPath,
} from './path/validate-path.ts';

// Parsers
export { type Certificate, parseCertificate } from './x509/certificate.ts';
export { type Crl, type CrlEntry, entriesOf, parseCrl } from './x509/crl.ts';
export {
  type CrlEntrySink,
  type CrlScanTargets,
  scanCrl,
  type ScannedCrl,
  type ScannedHeader,
} from './x509/crl-stream.ts';
export { type OcspResponse, parseOcspResponse } from './x509/ocsp.ts';
export { encodeOcspRequest, type OcspRequestSigner } from './x509/ocsp-request.ts';
export { issuerKeyIdOf } from './x509/issuer-key-id.ts';
export type { DistinguishedName } from './x509/name.ts';

// Signatures
export { verifyChallengeSignature } from './x509/challenge-signature.ts';
export { parseAlgorithmIdentifier } from './x509/algorithm-identifier.ts';
export { parseSubjectPublicKey, type SubjectPublicKey } from './x509/public-key.ts';
export { type SignatureOutcome, verifySignature } from './x509/verify-signature.ts';

// Errors and limits
export { PkiError, type PkiErrorCode, pkiErrorCodes } from './pki-error.ts';
export * from './limits.ts';
