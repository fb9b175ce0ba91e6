import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  importJWK,
  jwtVerify,
  type CryptoKey,
  type JWTPayload,
} from 'jose';
import type { AssertionStore } from './assertion-store.ts';
import { isCodedError, MyKeyError } from '../../errors.ts';
import { algorithmsOf, type Client, type ClientKey } from '../services/service.ts';
import { tokenLimits } from './limits.ts';

export interface AssertionRules {
  /** The issuer identifier or the token endpoint URL; both are accepted as audience. */
  readonly audience: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** RFC 7518 §3.1; also published in the metadata (RFC 8414 §2). */
export const assertionAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256'] as const;
type AssertionAlgorithm = (typeof assertionAlgorithms)[number];

/**
 * The same message for an unknown client, a wrong kid, another algorithm and a wrong key: before
 * the signature is verified, responses must not reveal which clients exist.
 */
const notVerified =
  'no registered key of this client verifies the assertion: compare client id, key, kid and alg with what was registered';

/** An authenticated client and the key that it used. */
export interface AuthenticatedClient {
  readonly client: Client;
  readonly key: ClientKey;
}

/**
 * Authenticates a client by its signed JWT (RFC 7523 §3, private_key_jwt): iss = sub = client id,
 * audience, exp at most 5 minutes ahead, signed by a registered key, `jti` not used before.
 * @throws MyKeyError `client-authentication-failed`, whose message states the correction
 */
export async function authenticateClient(
  assertion: string,
  findClient: (clientId: string) => Promise<Client | undefined>,
  used: AssertionStore,
  rules: AssertionRules,
): Promise<AuthenticatedClient> {
  const { clientId, kid, alg } = readClaimed(assertion);
  const client =
    clientId.length > tokenLimits.clientIdCharacters ? undefined : await findClient(clientId);
  const keys = (client?.keys ?? []).filter((key) => kid === undefined || key.kid === kid);
  const key = await verifyingKey(assertion, keys, alg);
  if (client === undefined || key === undefined) refuse(notVerified);
  if (!algorithmsOf(key).includes(alg)) {
    refuse(`this key is registered for ${key.alg}: sign with that, or register it without alg`);
  }
  const payload = await verifyClaims(assertion, key, alg, clientId, rules);
  const { exp, iat, jti } = payload;
  const now = Math.floor(rules.now / 1000);
  if (exp! > now + tokenLimits.assertionSeconds + tokenLimits.clockToleranceSeconds) {
    refuse(`exp is more than ${tokenLimits.assertionSeconds} seconds ahead`);
  }
  if (iat !== undefined && iat > now + tokenLimits.clockToleranceSeconds) {
    refuse(`iat is in the future; the time here is ${new Date(rules.now).toISOString()}`);
  }
  if (typeof jti !== 'string' || jti.length < 8 || jti.length > 256) {
    refuse('jti must be a string of 8 to 256 characters');
  }
  // A fractional exp is rounded up, because verification uses whole seconds.
  const validUntil = (Math.ceil(exp!) + tokenLimits.clockToleranceSeconds) * 1000;
  if (!(await used.firstUse(clientId, jti, validUntil, rules.now))) {
    refuse('create a new assertion for every request: this jti was used before');
  }
  return { client, key };
}

/** Checks of the assertion's own claims that do not depend on registrations. */
function readClaimed(assertion: string) {
  try {
    const { iss, sub } = decodeJwt(assertion);
    const { kid, alg } = decodeProtectedHeader(assertion);
    if (typeof iss !== 'string' || iss !== sub) refuse('iss and sub must both be the client id');
    const supported = assertionAlgorithms.find((name) => name === alg);
    if (supported === undefined) refuse(`alg must be one of ${assertionAlgorithms.join(', ')}`);
    return { clientId: iss, kid, alg: supported };
  } catch (cause) {
    if (isCodedError(cause)) throw cause;
    return refuse('client_assertion is not a JWT', cause);
  }
}

/**
 * The key that verifies the signature, under any algorithm registered for it. If no key is left, an
 * equivalent verification runs with a dummy key, so that timing reveals no more than the message.
 */
async function verifyingKey(
  assertion: string,
  keys: readonly ClientKey[],
  alg: AssertionAlgorithm,
): Promise<ClientKey | undefined> {
  const fitting = keys.filter(({ kty, crv }) =>
    algorithmsOf({ kty, ...(crv && { crv }) }).includes(alg),
  );
  if (fitting.length === 0) await isSignedBy(assertion, nobodysKey(alg), alg);
  for (const key of fitting) {
    if (await isSignedBy(assertion, await importJWK({ ...key, alg }), alg)) return key;
  }
  return undefined;
}

async function isSignedBy(
  assertion: string,
  key: CryptoKey | KeyObject | Uint8Array,
  alg: AssertionAlgorithm,
): Promise<boolean> {
  try {
    // Claims are checked later: RFC 7515 §5.2 alone.
    await compactVerify(assertion, key, { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}

const nobodysKeys = new Map<AssertionAlgorithm, KeyObject>();

function nobodysKey(alg: AssertionAlgorithm): KeyObject {
  const known = nobodysKeys.get(alg);
  if (known !== undefined) return known;
  const made =
    alg === 'ES256' || alg === 'ES384'
      ? generateKeyPairSync('ec', { namedCurve: alg === 'ES256' ? 'P-256' : 'P-384' }).publicKey
      : createPublicKey({ key: { kty: 'RSA', n: nobodysModulus, e: 'AQAB' }, format: 'jwk' });
  nobodysKeys.set(alg, made);
  return made;
}

/**
 * 2^2048 - 1: an odd number used as dummy modulus. Generating a key pair would take a tenth of a
 * second.
 */
const nobodysModulus = Buffer.alloc(256, 0xff).toString('base64url');

async function verifyClaims(
  assertion: string,
  key: ClientKey,
  alg: AssertionAlgorithm,
  clientId: string,
  { audience, now }: AssertionRules,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(assertion, await importJWK({ ...key, alg }), {
      algorithms: [alg],
      issuer: clientId,
      subject: clientId,
      audience: [...audience],
      requiredClaims: ['exp', 'jti'],
      clockTolerance: tokenLimits.clockToleranceSeconds,
      currentDate: new Date(now),
    });
    return payload;
  } catch (cause) {
    return refuse(claimTrouble(cause, audience), cause);
  }
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
