import type { ErrorCode } from '../../errors.ts';
import type { ErrorShape } from '../../platform/http/answer.ts';
import type { FieldError } from '../../platform/http/problems.ts';

/** RFC 6749 §5.2 error codes for cases other than `invalid_request`. */
const names: Partial<Record<ErrorCode, string>> = {
  'client-authentication-failed': 'invalid_client',
  'grant-type-unsupported': 'unsupported_grant_type',
  'scope-unknown': 'invalid_scope',
  'service-not-active': 'unauthorized_client',
};

/**
 * RFC 6749 §5.2: `error`, `error_description` and `error_uri`, with our `code` and the request id
 * as additional members.
 */
export const oauthError: ErrorShape = ({
  type,
  code,
  status,
  title,
  detail,
  instance,
  errors = [],
}) => ({
  // RFC 6749 §5.2: 400, or 401 for failed client authentication; other errors keep their HTTP
  // status.
  status: code === 'service-not-active' ? 400 : status,
  body: {
    error: names[code] ?? (status >= 500 ? 'server_error' : 'invalid_request'),
    // RFC 6749 §5.2: characters outside %x20-21 / %x23-5B / %x5D-7E are not allowed.
    error_description: [detail ?? title, ...errors.map(fieldText)]
      .join('; ')
      .replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'"),
    error_uri: type,
    code,
    instance,
  },
  headers: { Pragma: 'no-cache', ...(status === 503 ? { 'Retry-After': '5' } : {}) },
});

const fieldText = ({ pointer = '#', detail }: FieldError): string =>
  `${pointer.replace(/^#\/?/, '') || 'body'}: ${detail}`;
