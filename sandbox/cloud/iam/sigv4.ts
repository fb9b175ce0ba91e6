import {
  createHash,
  createHmac,
  createSecretKey,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { NotAuthenticated } from './access-denied.ts';
import type { Credentials } from './principals.ts';

/** The signed parts of a request. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Hex SHA-256 of the body if known; otherwise the header `x-amz-content-sha256` is used. */
  readonly bodyHash?: string;
}

export interface SignatureRules {
  readonly region: string;
  /** Of the credential scope: `dynamodb`, `s3`, `kms`, `states`, `lambda`. */
  readonly service: string;
  /** Clocks that a signer may use: the machine's and the sandbox's own. */
  readonly clocks: readonly number[];
}

/** AWS allows a difference of 15 minutes between the signer's clock and its own. */
const maxSkewMs = 15 * 60_000;
/** A presigned URL is valid for a week at most. */
const maxExpirySeconds = 604_800;

/** Headers that sign a request with a body for one of the endpoints. */
export function signedHeaders(
  { method, url, body }: { readonly method: string; readonly url: URL; readonly body: string },
  credentials: Credentials,
  scope: Omit<SignatureRules, 'clocks'>,
  now: number,
): Record<string, string> {
  const date = new Date(now).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const headers = {
    host: url.host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': date,
    'x-amz-security-token': credentials.sessionToken,
  };
  const claim = {
    date,
    scope: `${date.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`,
    signedHeaders: Object.keys(headers),
  };
  const request = { method, target: url.pathname + url.search, headers, bodyHash: sha256(body) };
  const signature = signatureOf(request, url, claim, credentials, scope);
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${claim.scope}, SignedHeaders=${claim.signedHeaders.join(';')}, Signature=${signature}`,
  };
}

interface Signing {
  readonly date: string;
  readonly scope: string;
  readonly signedHeaders: readonly string[];
}

interface Claim extends Signing {
  readonly accessKeyId: string;
  readonly signature: string;
  readonly sessionToken: string | undefined;
  readonly expires: number | undefined;
}

/**
 * Checks a Signature Version 4 (IAM user guide, "Create a signed AWS API request"), in the header or,
 * for a presigned URL, in the query. Returns the access key that signed.
 *
 * @throws NotAuthenticated
 */
export function verifySignature(
  request: SignedRequest,
  find: (accessKeyId: string) => Credentials | undefined,
  rules: SignatureRules,
): string {
  const url = new URL(request.target, 'http://host');
  const presigned = url.searchParams.has('X-Amz-Signature');
  const claim = presigned ? claimOfQuery(url.searchParams) : claimOfHeader(request.headers);
  const credentials = find(claim.accessKeyId);
  if (credentials === undefined)
    throw new NotAuthenticated(
      'unknown-key',
      'The security token included in the request is invalid.',
    );
  if (!sameText(claim.sessionToken ?? '', credentials.sessionToken))
    throw new NotAuthenticated(
      'unknown-key',
      'The security token included in the request is invalid.',
    );
  const [day = '', region, service, end] = claim.scope.split('/');
  if (region !== rules.region || service !== rules.service || end !== 'aws4_request')
    throw new NotAuthenticated(
      'wrong-signature',
      `Credential should be scoped to a valid region and service: ${rules.region}/${rules.service}`,
    );
  if (!claim.signedHeaders.includes('host'))
    throw new NotAuthenticated(
      'malformed',
      "'Host' must be a 'SignedHeader' in the AWS Authorization.",
    );
  checkTime(claim, day, rules.clocks);
  const expected = signatureOf(request, url, claim, credentials, rules);
  if (!sameText(expected, claim.signature))
    throw new NotAuthenticated(
      'wrong-signature',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  return claim.accessKeyId;
}

function claimOfQuery(query: URLSearchParams): Claim {
  const value = (name: string): string => query.get(name) ?? '';
  if (value('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256')
    throw new NotAuthenticated('malformed', 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  const [accessKeyId = '', ...scope] = value('X-Amz-Credential').split('/');
  return {
    accessKeyId,
    date: value('X-Amz-Date'),
    scope: scope.join('/'),
    signedHeaders: value('X-Amz-SignedHeaders').split(';'),
    signature: value('X-Amz-Signature'),
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    expires: Number(value('X-Amz-Expires') || Number.NaN),
  };
}

function claimOfHeader(headers: IncomingHttpHeaders): Claim {
  const { authorization } = headers;
  if (authorization === undefined)
    throw new NotAuthenticated('missing', 'Request is missing Authentication Token');
  const [, credential = '', signed = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([\da-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (credential === '')
    throw new NotAuthenticated('malformed', 'Authorization header is not of Signature Version 4.');
  const [accessKeyId = '', ...scope] = credential.split('/');
  return {
    accessKeyId,
    date: headerText(headers, 'x-amz-date'),
    scope: scope.join('/'),
    signedHeaders: signed.split(';'),
    signature,
    sessionToken: headerText(headers, 'x-amz-security-token') || undefined,
    expires: undefined,
  };
}

function checkTime({ date, expires }: Claim, day: string, clocks: readonly number[]): void {
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (Number.isNaN(signedAt) || !date.startsWith(day))
    throw new NotAuthenticated('malformed', 'The date of the signature is not a date.');
  if (expires !== undefined) {
    if (!(expires >= 1 && expires <= maxExpirySeconds))
      throw new NotAuthenticated('malformed', 'X-Amz-Expires must be between 1 and 604800 seconds');
    const [now = 0] = clocks;
    if (now > signedAt + expires * 1000)
      throw new NotAuthenticated('expired', 'Request has expired');
    if (signedAt > now + maxSkewMs)
      throw new NotAuthenticated('expired', 'Request is not yet valid');
    return;
  }
  if (clocks.every((now) => Math.abs(now - signedAt) > maxSkewMs))
    throw new NotAuthenticated(
      'wrong-signature',
      'Signature expired or not yet current: the difference between the request time and the current time is too large.',
    );
}

function signatureOf(
  request: SignedRequest,
  url: URL,
  signing: Signing,
  { secretAccessKey }: Credentials,
  scope: Omit<SignatureRules, 'clocks'>,
): string {
  const canonical = canonicalRequest(request, url, signing, scope.service);
  const text = ['AWS4-HMAC-SHA256', signing.date, signing.scope, sha256(canonical)].join('\n');
  const key = signingKey(secretAccessKey, signing.date.slice(0, 8), scope);
  return createHmac('sha256', key).update(text).digest('hex');
}

function canonicalRequest(
  { method, headers, bodyHash }: SignedRequest,
  url: URL,
  { signedHeaders }: Signing,
  service: string,
): string {
  const presigned = url.searchParams.has('X-Amz-Signature');
  const query = [...rawParameters(url.search)]
    .filter(([name]) => !(presigned && name === 'X-Amz-Signature'))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join('&');
  const lines = signedHeaders.map((name) => `${name}:${headerText(headers, name)}\n`);
  const payload = presigned
    ? (url.searchParams.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD')
    : (bodyHash ?? headerText(headers, 'x-amz-content-sha256'));
  return [
    method,
    canonicalPath(url.pathname, service),
    query,
    lines.join(''),
    signedHeaders.join(';'),
    payload,
  ].join('\n');
}

/** S3 signs the path as sent; every other service encodes it again. */
function canonicalPath(path: string, service: string): string {
  const encoded = path.split('/').map((part) => encode(decoded(part)));
  return service === 's3' ? encoded.join('/') : encoded.map(encode).join('/');
}

function* rawParameters(search: string): Generator<[string, string]> {
  for (const part of search.replace(/^\?/, '').split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? '' : part.slice(equals + 1);
    yield [encode(decoded(name)), encode(decoded(value))];
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new NotAuthenticated('malformed', 'The request is not percent-encoded as UTF-8.');
  }
}

/** RFC 3986 §2.3: percent-encodes all but unreserved characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const headerText = (headers: IncomingHttpHeaders, name: string): string =>
  [headers[name] ?? []].flat().join(',').trim().replaceAll(/\s+/g, ' ');

const mac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** As key objects: given octets, `createHmac` first fails to read them as one, which takes longer. */
const keys = new Map<string, KeyObject>();

function signingKey(
  secret: string,
  day: string,
  { region, service }: Omit<SignatureRules, 'clocks'>,
): KeyObject {
  const name = [secret, day, region, service].join('\n');
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = createSecretKey(
    mac(mac(mac(mac(`AWS4${secret}`, day), region), service), 'aws4_request'),
  );
  if (keys.size > 500) keys.clear();
  keys.set(name, key);
  return key;
}

export const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
