import { calculateJwkThumbprint, errors, exportJWK, jwtVerify } from 'jose';
import { randomUUID, type KeyObject } from 'node:crypto';
import type { TokenKey } from './token-key.ts';
import { isCodedError, MyKeyError } from '../../errors.ts';
import { tokenLimits } from './limits.ts';

/** The claims of an access token. */
export interface TokenClaims {
  readonly clientId: string;
  readonly serviceId: string;
  /**
   * RFC 7638 thumbprint of the client key that authenticated: the token is invalid once that key is
   * replaced.
   */
  readonly keyThumbprint: string;
  readonly scopes: readonly string[];
}

/** Seconds. */
export const tokenLifetime = tokenLimits.lifetimeSeconds;

/** A JWT access token (RFC 9068 §2) issued by and for this platform. */
export async function issueAccessToken(
  key: TokenKey,
  { clientId, serviceId, keyThumbprint, scopes }: TokenClaims,
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
    client_key: keyThumbprint,
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
  const publicKeys = await key.publicKeys();
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyNamed(kid, publicKeys), {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      audience: issuer,
      issuer,
      requiredClaims: ['exp', 'iat', 'jti', 'sub'],
      currentDate: new Date(now),
    });
    const {
      client_id: clientId,
      service_id: serviceId,
      client_key: keyThumbprint,
      scope,
    } = payload;
    if (
      typeof clientId !== 'string' ||
      typeof serviceId !== 'string' ||
      typeof keyThumbprint !== 'string' ||
      typeof scope !== 'string'
    ) {
      throw new MyKeyError('token-invalid', 'a claim is missing');
    }
    // Issued in the future by a clock that was wrong: the token would outlive its ten minutes.
    if (payload.iat! > now / 1000 + tokenLimits.functionClocksSeconds) {
      throw new MyKeyError('token-invalid', 'the token is from the future');
    }
    return { clientId, serviceId, keyThumbprint, scopes: scope.split(' ') };
  } catch (cause) {
    throw refusal(cause);
  }
}

function refusal(cause: unknown): MyKeyError {
  if (isCodedError(cause)) return cause;
  if (cause instanceof errors.JWTExpired) {
    return new MyKeyError('token-expired', 'request a new token', { cause });
  }
  if (cause instanceof errors.JWTClaimValidationFailed && cause.claim === 'aud') {
    return new MyKeyError(
      'token-audience-wrong',
      'request a token from this platform: this one has another audience',
      { cause },
    );
  }
  return new MyKeyError('token-invalid', 'the token is not valid', { cause });
}

/** Public keys of every accepted key generation, as the JWKS route publishes them. */
export const publicJwks = async (key: TokenKey) => Promise.all((await key.publicKeys()).map(jwkOf));

/** The current signing key's public half, as the JWKS route publishes it. */
const publicJwk = async (key: TokenKey) => jwkOf(await key.publicKey());

async function keyNamed(
  kid: string | undefined,
  publicKeys: readonly KeyObject[],
): Promise<KeyObject> {
  for (const publicKey of publicKeys) if ((await jwkOf(publicKey)).kid === kid) return publicKey;
  throw new MyKeyError('token-invalid', 'no key of this platform signed the token');
}

/** `kid` is the RFC 7638 thumbprint. */
async function jwkOf(publicKey: KeyObject) {
  const jwk = await exportJWK(publicKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
