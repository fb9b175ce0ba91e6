import {
  type ErrorCode,
  isCodedError,
  MyKeyError,
  QuotaExceeded,
  type QuotaName,
} from '../../errors.ts';

/** HTTP status and title of every code; docs/problems.md adds meaning and cure. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

const problem = (status: number, title: string): ProblemKind => ({ status, title });

export const problems: Readonly<Record<ErrorCode, ProblemKind>> = {
  'request-invalid': problem(400, 'The request does not fit its schema'),
  'request-too-large': problem(413, 'The request is too large'),
  'media-type-unsupported': problem(415, 'The media type of the body is not supported'),
  'headers-too-large': problem(431, 'The headers are too large'),
  'route-not-found': problem(404, 'No such route'),
  'method-not-allowed': problem(405, 'The route does not know this method'),
  'idempotency-key-reused': problem(422, 'This Idempotency-Key was used for another request'),
  'request-in-progress': problem(409, 'The first request with this Idempotency-Key still runs'),
  'too-many-requests': problem(429, 'Too many requests'),
  'quota-exceeded': problem(429, 'The quota of the day is used up'),
  'request-blocked': problem(403, 'The firewall blocked the request'),

  'client-authentication-failed': problem(401, 'The client assertion was not accepted'),
  'grant-type-unsupported': problem(400, 'Only client_credentials is supported'),
  'scope-unknown': problem(400, 'A requested scope is not granted to this client'),
  'token-missing': problem(401, 'No access token'),
  'token-invalid': problem(401, 'The access token is not valid'),
  'token-expired': problem(401, 'The access token has expired'),
  'token-audience-wrong': problem(401, 'The access token is for another platform'),
  'scope-insufficient': problem(403, 'The access token lacks the scope of this route'),

  'service-not-found': problem(404, 'No such service'),
  'service-not-active': problem(403, 'The service is not active'),
  'service-exists': problem(409, 'The organisation has a service of this name'),
  'service-transition-invalid': problem(409, 'The life cycle has no such step'),
  'service-pledge-missing': problem(409, 'Type 1 needs the confidentiality pledge'),
  'service-form-wrong': problem(409, 'The service is of another type'),
  'organisation-not-found': problem(404, 'No such organisation'),
  'organisation-exists': problem(409, 'Another organisation has this name'),
  'client-key-taken': problem(409, 'Another client has registered this key'),
  'client-keys-used-up': problem(409, 'The deployment has no API key left for another client'),
  'jwks-invalid': problem(422, 'The JWK Set is not acceptable'),

  'challenge-not-found': problem(404, 'No such challenge'),
  'challenge-expired': problem(410, 'The challenge has expired'),
  'challenge-used': problem(409, 'The challenge was presented before'),

  'certificate-malformed': problem(400, 'The certificate is not strict DER'),
  'certificate-expired': problem(422, 'The certificate has expired'),
  'certificate-not-yet-valid': problem(422, 'The certificate is not valid yet'),
  'certificate-issuer-untrusted': problem(422, 'No trusted authority issued the certificate'),
  'certificate-signature-invalid': problem(422, 'A signature in the path is wrong'),
  'certificate-path-invalid': problem(422, 'The certification path breaks a rule'),
  'certificate-path-too-complex': problem(422, 'The certification path exceeds the budget'),
  'certificate-policy-unacceptable': problem(422, 'The certificate policy is not acceptable'),
  'certificate-algorithm-unacceptable': problem(422, 'A signature algorithm is not acceptable'),
  'certificate-key-weak': problem(422, 'A key is too weak'),
  'certificate-kind-wrong': problem(422, 'The certificate is of the other kind'),
  'certificate-revoked': problem(422, 'The certificate is revoked'),
  'challenge-signature-invalid': problem(422, 'The signature over the challenge is wrong'),

  'revocation-unknown': problem(503, 'The revocation status could not be determined'),
  'revocation-method-not-permitted': problem(403, 'The service type may not use this method'),
  'crl-malformed': problem(422, 'The list is not strict DER'),
  'crl-signature-invalid': problem(422, 'The signature of the list is wrong'),
  'crl-issuer-untrusted': problem(422, 'No trusted authority issued the list'),
  'crl-not-yet-valid': problem(422, 'The list is from the future'),
  'crl-stale': problem(422, 'The list has expired or is too old'),
  'crl-number-backwards': problem(409, 'A newer list is loaded'),
  'crl-scope-wrong': problem(422, 'The list is for another scope'),
  'crl-extension-unsupported': problem(422, 'The list has an unknown critical extension'),
  'crl-too-large': problem(413, 'The list is too large'),
  'crl-download-failed': problem(502, 'The list could not be fetched'),
  'crl-base-missing': problem(409, 'The base list of this delta list is not loaded'),
  'ocsp-malformed': problem(502, 'The OCSP response is malformed'),

  'linkage-unavailable': problem(503, 'The linkage service does not answer'),
  'subject-suspended': problem(403, 'Use is suspended'),
  'ppid-not-found': problem(404, 'The service has issued no such PPID'),
  'link-not-found': problem(404, 'No person of the service has this link'),
  'user-number-taken': problem(409, 'Another person has this user number'),
  'person-already-linked': problem(409, 'The person has another user number'),
  'user-number-not-awaited': problem(409, 'The service has not handed this user number in'),
  'identity-act-impossible': problem(409, 'These records cannot be merged or split this way'),
  'consent-not-found': problem(404, 'The person has not consented to this text here'),
  'consents-full': problem(409, 'The record of consents is full'),
  'my-key-id-not-found': problem(404, 'No My Key ID is in force'),
  'my-key-id-taken': problem(409, 'This My Key ID was issued before'),
  'person-not-known': problem(404, 'No record of this person'),
  'rights-act-impossible': problem(409, 'The record is not in a state for this'),
  'rights-request-not-found': problem(404, 'No such request'),
  'second-operator-needed': problem(403, 'Another operator must approve'),

  'cursor-too-old': problem(410, 'Events after this cursor are no longer kept'),
  'webhook-not-found': problem(404, 'The service has registered no endpoint'),
  'webhook-url-refused': problem(422, 'The address of the endpoint is not acceptable'),
  'flag-not-found': problem(404, 'No such flag'),
  'handle-invalid': problem(422, 'The handle is not valid, or has expired'),
  'act-not-found': problem(404, 'No such act waits for approval'),

  'reading-session-not-found': problem(404, 'No such reading session'),
  'reading-session-expired': problem(410, 'The reading session is over'),
  'ticket-invalid': problem(401, 'The ticket is unknown or has expired'),
  'ticket-used': problem(409, 'The ticket was used before'),
  'agent-outdated': problem(403, 'The reader program is too old'),
  'assurance-insufficient': problem(403, 'The reading would prove less than the service requires'),
  'hold-not-permitted': problem(403, 'The service may not read cards without a PIN'),
  'encryption-key-missing': problem(409, 'The service has registered no encryption key'),
  'attributes-invalid': problem(422, 'The attributes are not encrypted for the session'),
  'terminal-not-paired': problem(403, 'The reader program is not paired with the service'),
  'terminal-not-found': problem(404, 'No such terminal'),
  'terminals-used-up': problem(409, 'The service has as many terminals as it may'),
  'pairing-code-invalid': problem(401, 'The pairing code is unknown, used or expired'),
  'handover-used': problem(409, 'The one-time code was used before'),
  'enrolment-required': problem(409, 'The holder has enrolled no card here'),
  'pinless-unsupported': problem(422, 'This medium cannot be used without a PIN'),
  'chip-unknown': problem(409, 'The holder has enrolled another card'),
  'chip-taken': problem(409, 'Another person has enrolled this chip'),
  'chip-proof-invalid': problem(422, 'The chip did not prove that it is the enrolled one'),
  'chip-record-invalid': problem(422, 'The record of the chip is not signed by its issuer'),
  'chip-certificate-invalid': problem(422, 'No root has signed the certificate of the chip'),
  'chip-root-unknown': problem(422, 'The root of the chip is not configured'),

  'job-not-found': problem(404, 'No such job'),
  'job-expired': problem(410, 'The job has expired'),
  'job-state-invalid': problem(409, 'The job is not in a state for this'),
  'job-quota-exceeded': problem(429, 'The service holds as many jobs as it may'),
  'issuer-unknown': problem(404, 'No such issuer'),
  'serial-malformed': problem(400, 'A serial is malformed'),
  'serial-rounded': problem(400, 'A spreadsheet or a JSON number has rounded a serial'),
  'serials-ambiguous': problem(400, 'The serials may be hex or decimal'),

  'internal-error': problem(500, 'Internal error'),
  'dependency-unavailable': problem(503, 'A dependency does not answer'),
};

/** Codes that routes can return in addition to those of their contract. */
export const everywhere = {
  body: ['request-invalid', 'request-too-large', 'media-type-unsupported'],
  protected: [
    'token-missing',
    'token-invalid',
    'token-expired',
    'token-audience-wrong',
    'scope-insufficient',
    'service-not-active',
    'quota-exceeded',
  ],
  always: ['too-many-requests', 'internal-error', 'dependency-unavailable'],
} as const satisfies Record<string, readonly ErrorCode[]>;

/**
 * RFC 9457 §3.1.1: the URL of this deployment's page about the code, generated from
 * docs/problems.md.
 */
export const problemType = (code: ErrorCode, publicBaseUrl: string): string =>
  `${publicBaseUrl}/problems/${code}`;

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly code: ErrorCode;
  readonly errors?: readonly FieldError[];
  /** For 429: the exhausted quota. */
  readonly quota?: QuotaName;
}

/** One invalid field. The value is never repeated. */
export interface FieldError {
  /** For a field of the body: JSON Pointer as a URI fragment (RFC 6901 §6). */
  readonly pointer?: string;
  /** For path and query: the parameter's name. */
  readonly parameter?: string;
  readonly detail: string;
}

/** An invalid request, with all invalid fields. */
export class FieldErrors extends MyKeyError {
  readonly errors: readonly FieldError[];

  constructor(message: string, errors: readonly FieldError[] = []) {
    super('request-invalid', message);
    this.name = 'FieldErrors';
    this.errors = errors;
  }
}

/**
 * The problem document for an error. Internal errors (5xx) and unknown errors contain the title
 * only. `publicBaseUrl` is this deployment's base URL without a trailing slash.
 */
export function problemDocument(
  error: unknown,
  requestId: string,
  publicBaseUrl: string,
): ProblemDocument {
  const code = isCodedError(error) ? error.code : 'internal-error';
  const { status, title } = problems[code];
  return {
    type: problemType(code, publicBaseUrl),
    title,
    status,
    ...(isCodedError(error) && status < 500 ? { detail: error.message } : {}),
    instance: `urn:mykey:request:${requestId}`,
    code,
    ...(error instanceof QuotaExceeded && { quota: error.quota }),
    ...(error instanceof FieldErrors && error.errors.length > 0 ? { errors: error.errors } : {}),
  };
}
