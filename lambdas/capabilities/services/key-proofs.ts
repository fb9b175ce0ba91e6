import { compactVerify, decodeProtectedHeader, importJWK, type JWTPayload } from 'jose';
import { MyKeyError } from '../../errors.ts';
import { keyThumbprint, type ClientJwks } from './client-jwks.ts';
import { serviceLimits } from './limits.ts';
import { algorithmsOf, type ClientKey } from './service.ts';

/**
 * RFC 8725 §3.11: explicit typing prevents a key proof from being used as an assertion, and vice
 * versa.
 */
export const keyProofType = 'mykey-key-proof+jwt';

/** The expected claims of a proof. */
export interface ProvedRegistration {
  /** This platform's issuer identifier (aud). */
  readonly issuer: string;
  /** The service's id; before registration, its name (sub). */
  readonly subject: string;
  /** Keys whose possession has been proved before need no new proof. */
  readonly known: readonly ClientKey[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Verifies possession of each key (docs/client-keys.md): a JWT signed by it, bound to platform,
 * service and the whole set. Prevents the registration of a key that belongs to another party.
 * @throws MyKeyError `jwks-invalid`, whose message names the key by position and the cure
 */
export async function requireProofs(
  { keys, places, proofs }: ClientJwks,
  registration: ProvedRegistration,
): Promise<void> {
  const known = new Set(registration.known.map(keyThumbprint));
  const set = keys.map(keyThumbprint).toSorted().join();
  const byKey = proofsByKey(proofs);
  for (const [index, key] of keys.entries()) {
    if (known.has(keyThumbprint(key))) continue;
    const at = `keys[${places[index]}]`;
    const proof = byKey.get(key.kid);
    if (proof === undefined) {
      refuse(
        `prove that you hold ${at}: add to "proofs" a JWT with its kid, signed by it ("npx mykey jwks" does it)`,
      );
    }
    const claims = await verified(proof, key, at);
    requireClaims(claims, at, set, registration);
  }
  if (byKey.size > keys.filter(({ kid }) => byKey.has(kid)).length) {
    refuse('remove from "proofs" JWTs that no key of the set signed');
  }
}

function proofsByKey(proofs: readonly string[]): ReadonlyMap<string, string> {
  const byKey = new Map<string, string>();
  for (const [index, proof] of proofs.entries()) {
    const { kid, typ } = headerOf(proof, index);
    if (typ !== keyProofType) refuse(`set typ of proofs[${index}] to "${keyProofType}"`);
    if (typeof kid !== 'string') refuse(`name the key of proofs[${index}] by kid in its header`);
    if (byKey.has(kid)) refuse(`send one proof for each key: proofs[${index}] is a second one`);
    byKey.set(kid, proof);
  }
  return byKey;
}

function headerOf(proof: string, index: number) {
  try {
    return decodeProtectedHeader(proof);
  } catch {
    return refuse(`send JWTs in "proofs": proofs[${index}] is none`);
  }
}

async function verified(proof: string, key: ClientKey, at: string): Promise<JWTPayload> {
  const { alg } = decodeProtectedHeader(proof);
  const allowed = algorithmsOf(key);
  const fitting = allowed.find((name) => name === alg);
  if (fitting === undefined) refuse(`sign the proof of ${at} by ${allowed.join(' or ')}`);
  let payload: Uint8Array;
  try {
    const imported = await importJWK({ ...key, alg: fitting });
    ({ payload } = await compactVerify(proof, imported, { algorithms: [fitting] }));
  } catch {
    return refuse(`sign the proof of ${at} by the private key of ${at}: another key signed it`);
  }
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (typeof claims === 'object' && claims !== null) return claims as JWTPayload;
  } catch {
    // Reported below.
  }
  return refuse(`the proof of ${at} is not a JSON object: generate it again`);
}

function requireClaims(
  claims: JWTPayload & { readonly jkts?: unknown },
  at: string,
  set: string,
  { issuer, subject, now }: ProvedRegistration,
): void {
  const { aud, sub, iat, exp, jkts } = claims;
  const seconds = now / 1000;
  const { proofSeconds, clockToleranceSeconds } = serviceLimits;
  const anew = `make the proof of ${at} anew`;
  if (aud !== issuer) refuse(`${anew}, with aud "${issuer}"`);
  if (sub?.trim().normalize('NFC') !== subject) {
    refuse(`${anew}, with sub the service's id or, before it has one, its name`);
  }
  if (typeof iat !== 'number' || typeof exp !== 'number' || exp - iat > proofSeconds) {
    refuse(`${anew}, with iat, and exp at most ${proofSeconds} seconds later`);
  }
  if (exp < seconds - clockToleranceSeconds) refuse(`${anew}: it is over`);
  if (iat > seconds + clockToleranceSeconds) refuse(`${anew}: its iat is in the future`);
  if (!Array.isArray(jkts) || jkts.map(String).toSorted().join() !== set) {
    refuse(`${anew}, with jkts the RFC 7638 thumbprints of all keys of the set`);
  }
}

function refuse(message: string): never {
  throw new MyKeyError('jwks-invalid', message);
}
