import { calculateJwkThumbprint, errors, exportJWK, jwtVerify } from 'jose';
import { randomUUID } from 'node:crypto';
import type { TokenKey } from './token-key.ts';
import { isCodedError, MyKeyError } from '../../errors.ts';

/** What a token says of its holder. */
export interface TokenClaims {
  readonly clientId: string;
  readonly serviceId: string;
  readonly scopes: readonly string[];
}

/** Seconds. Short, because a token outlives the removal of its client's key. */
export const tokenLifetime = 600;

/** A JWT access token (RFC 9068 §2): for this platform, by this platform. */
export async function issueAccessToken(
  key: TokenKey,
  { clientId, serviceId, scopes }: TokenClaims,
  issuer: string,
  now: number,
): Promise<string> {
  const iat = Math.floor(now / 1000);
  const { kid } = await publicJwk(key);
  const header = encode({ alg: 'ES256', typ: 'at+jwt', kid });
  const payload = encode({
    iss: issuer,
    sub: clientId,
    aud: issuer,
    client_id: clientId,
    service_id: serviceId,
    scope: scopes.join(' '),
    jti: randomUUID(),
    iat,
    exp: iat + tokenLifetime,
  });
  const signature = await key.sign(Buffer.from(`${header}.${payload}`, 'ascii'));
  return `${header}.${payload}.${Buffer.from(signature).toString('base64url')}`;
}

/** @throws MyKeyError `token-invalid`, `token-expired`, `token-audience-wrong` */
export async function verifyAccessToken(
  key: TokenKey,
  token: string,
  issuer: string,
  now: number,
): Promise<TokenClaims> {
  const publicKey = await key.publicKey();
  try {
    const { payload } = await jwtVerify(token, publicKey, {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      audience: issuer,
      issuer,
      requiredClaims: ['exp', 'iat', 'jti', 'sub'],
      currentDate: new Date(now),
    });
    const { client_id: clientId, service_id: serviceId, scope } = payload;
    if (
      typeof clientId !== 'string' ||
      typeof serviceId !== 'string' ||
      typeof scope !== 'string'
    ) {
      throw new MyKeyError('token-invalid', 'a claim is missing');
    }
    return { clientId, serviceId, scopes: scope.split(' ') };
  } catch (cause) {
    throw refusal(cause);
  }
}

function refusal(cause: unknown): MyKeyError {
  if (isCodedError(cause)) return cause;
  if (cause instanceof errors.JWTExpired) {
    return new MyKeyError('token-expired', 'get a new token', { cause });
  }
  if (cause instanceof errors.JWTClaimValidationFailed && cause.claim === 'aud') {
    return new MyKeyError('token-audience-wrong', 'the token is for another audience', { cause });
  }
  return new MyKeyError('token-invalid', 'the token is not valid', { cause });
}

/** The public key as the JWKS route publishes it; `kid` is its RFC 7638 thumbprint. */
export async function publicJwk(key: TokenKey) {
  const jwk = await exportJWK(await key.publicKey());
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
