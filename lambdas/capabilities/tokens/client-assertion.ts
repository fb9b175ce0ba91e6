import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  importJWK,
  jwtVerify,
  type JWTPayload,
} from 'jose';
import type { AssertionStore } from './assertion-store.ts';
import { isCodedError, MyKeyError } from '../../errors.ts';
import type { Client, ClientKey } from '../services/service.ts';

export interface AssertionRules {
  /** The issuer or the token endpoint; either may be the audience. */
  readonly audience: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Seconds. RFC 7523 §3 wants exp; what lives longer is a password. */
const maxLifetime = 300;
/** Seconds that an integrator's clock may differ. */
const clockTolerance = 30;
/** No client id is longer; the store of clients would refuse one of 2 KB as a key. */
const maxClientId = 64;
/** One message for an unknown client and a wrong key: it tells nobody which clients exist. */
const notVerified = 'no registered key of this client verifies the assertion';

/**
 * Authenticates a client by its signed JWT (RFC 7523 §3, private_key_jwt): iss = sub = client id,
 * audience, exp at most 5 minutes ahead, signed by a registered key, jti never seen before.
 * @throws MyKeyError `client-authentication-failed`, whose message says what to mend
 */
export async function authenticateClient(
  assertion: string,
  findClient: (clientId: string) => Promise<Client | undefined>,
  used: AssertionStore,
  rules: AssertionRules,
): Promise<Client> {
  const { clientId, kid, alg } = readClaimed(assertion);
  const client = clientId.length > maxClientId ? undefined : await findClient(clientId);
  if (client === undefined) refuse(notVerified);
  const payload = await verifyByAnyKey(
    assertion,
    candidates(client.keys, kid, alg),
    clientId,
    rules,
  );
  const { exp, jti } = payload;
  const now = Math.floor(rules.now / 1000);
  if (exp! > now + maxLifetime + clockTolerance) {
    refuse(`exp is more than ${maxLifetime} seconds ahead`);
  }
  if (typeof jti !== 'string' || jti.length < 8 || jti.length > 256) {
    refuse('jti must be a string of 8 to 256 characters');
  }
  // A fraction of a second in exp counts to its end: verification goes by whole seconds.
  const validUntil = (Math.ceil(exp!) + clockTolerance) * 1000;
  if (!(await used.firstUse(clientId, jti, validUntil, rules.now))) {
    refuse('this jti was used before: make a new assertion for every request');
  }
  return client;
}

function readClaimed(assertion: string) {
  try {
    const { iss, sub } = decodeJwt(assertion);
    const { kid, alg } = decodeProtectedHeader(assertion);
    if (typeof iss !== 'string' || iss !== sub) refuse('iss and sub must both be the client id');
    return { clientId: iss, kid, alg };
  } catch (cause) {
    if (isCodedError(cause)) throw cause;
    return refuse('client_assertion is not a JWT', cause);
  }
}

function candidates(
  keys: readonly ClientKey[],
  kid: string | undefined,
  alg: string | undefined,
): readonly ClientKey[] {
  if (kid !== undefined) {
    const named = keys.filter((key) => key.kid === kid);
    if (named.length > 0 && named[0]!.alg !== alg) {
      refuse(`the header's alg is not ${named[0]!.alg}, which this kid is registered for`);
    }
    return named;
  }
  return keys.filter((key) => key.alg === alg);
}

async function verifyByAnyKey(
  assertion: string,
  keys: readonly ClientKey[],
  clientId: string,
  { audience, now }: AssertionRules,
): Promise<JWTPayload> {
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(assertion, await importJWK({ ...key }), {
        algorithms: [key.alg],
        issuer: clientId,
        subject: clientId,
        audience: [...audience],
        requiredClaims: ['exp', 'jti'],
        clockTolerance,
        currentDate: new Date(now),
      });
      return payload;
    } catch (cause) {
      // Another key may fit; a claim that does not will not do better under it.
      if (cause instanceof errors.JWSSignatureVerificationFailed) continue;
      refuse(claimTrouble(cause, audience), cause);
    }
  }
  return refuse(notVerified);
}

function claimTrouble(cause: unknown, audience: readonly string[]): string {
  if (cause instanceof errors.JWTExpired) return 'the assertion has expired';
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'aud') return `aud must be ${audience.join(' or ')}`;
    return `the claim ${cause.claim} is missing or does not fit`;
  }
  return notVerified;
}

function refuse(message: string, cause?: unknown): never {
  throw new MyKeyError('client-authentication-failed', message, { cause });
}
