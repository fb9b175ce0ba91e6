import type { IncomingMessage } from 'node:http';
import { AccessDenied, NotAuthenticated } from './access-denied.ts';
import type { Iam } from './iam.ts';
import type { Principal } from './principals.ts';
import { sha256 } from './sigv4.ts';

/**
 * The signer of a request to one of the endpoints. `body` if it is read whole.
 * @throws NotAuthenticated
 */
export function signerOf(
  iam: Iam,
  service: string,
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body?: Buffer,
): Principal {
  const request = { method, target: url, headers };
  return iam.authenticate(
    service,
    body === undefined ? request : { ...request, bodyHash: sha256(body) },
  );
}

/** A refusal in the format of the JSON protocols: exception name and message. */
export function jsonRefusal(cause: unknown): { type: string; message: string } | undefined {
  if (cause instanceof AccessDenied)
    return { type: 'AccessDeniedException', message: cause.message };
  if (cause instanceof NotAuthenticated)
    return { type: exceptions[cause.reason], message: cause.message };
  return undefined;
}

const exceptions: Readonly<Record<NotAuthenticated['reason'], string>> = {
  missing: 'MissingAuthenticationTokenException',
  'unknown-key': 'UnrecognizedClientException',
  'wrong-signature': 'InvalidSignatureException',
  expired: 'InvalidSignatureException',
  malformed: 'IncompleteSignatureException',
};

/** The same in S3's format: status, code, message. */
export function s3Refusal(
  cause: unknown,
): { status: number; code: string; message: string } | undefined {
  if (cause instanceof AccessDenied)
    return { status: 403, code: 'AccessDenied', message: cause.message };
  if (!(cause instanceof NotAuthenticated)) return undefined;
  const [status, code, message = cause.message] = s3Answers[cause.reason];
  return { status, code, message };
}

const s3Answers: Readonly<
  Record<NotAuthenticated['reason'], readonly [status: number, code: string, message?: string]>
> = {
  missing: [403, 'AccessDenied', 'Access Denied'],
  'unknown-key': [
    403,
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
  ],
  'wrong-signature': [403, 'SignatureDoesNotMatch'],
  expired: [403, 'AccessDenied'],
  malformed: [400, 'AuthorizationHeaderMalformed'],
};
