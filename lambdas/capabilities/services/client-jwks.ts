import { createHash, createPublicKey } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import type { ClientAlgorithm, ClientKey } from './service.ts';

/** Two keys for a rollover, for each of a few machines; more is a mistake. */
const maxKeys = 8;

/**
 * Accepts a JWK Set (RFC 7517) of public signature keys by value: EC P-256 or P-384, RSA ≥ 2048.
 * `kid` becomes the RFC 7638 thumbprint and `alg` follows from the key where absent; members that
 * say nothing about the key are dropped.
 * @throws MyKeyError `jwks-invalid`, whose message names the key by position and the cure
 */
export function parseClientJwks(value: unknown): readonly ClientKey[] {
  if (!isObject(value)) refuse('send a JWK Set: { "keys": [ … ] }');
  if (!('keys' in value)) {
    if ('kty' in value) refuse('this is a single JWK: wrap it as { "keys": [ … ] }');
    if ('jwks_uri' in value) refuse('keys are registered by value; a jwks_uri is never fetched');
    refuse('the member "keys" is missing');
  }
  const { keys } = value;
  if (!Array.isArray(keys)) refuse('"keys" is not an array');
  if (keys.length === 0) refuse('"keys" is empty: one public key is needed');
  if (keys.length > maxKeys) refuse(`more than ${maxKeys} keys`);
  const parsed = keys.map((key, index) => parseKey(key, `keys[${index}]`));
  const kids = new Set(parsed.map(({ kid }) => kid));
  if (kids.size !== parsed.length) refuse('two keys have the same kid');
  return parsed;
}

function parseKey(value: unknown, at: string): ClientKey {
  if (!isObject(value)) refuse(`${at} is not an object`);
  refusePrivateParts(value, at);
  if (value['use'] !== undefined && value['use'] !== 'sig') {
    refuse(`${at}.use is not "sig": an encryption key cannot authenticate a client`);
  }
  const operations = value['key_ops'];
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    refuse(`${at}.key_ops does not include "verify"; leave key_ops out`);
  }
  const { kty } = value;
  if (kty === 'EC') return ellipticKey(value, at);
  if (kty === 'RSA') return rsaKey(value, at);
  if (kty === 'oct')
    refuse(`${at} is a shared secret (kty "oct"); a key pair is needed: EC or RSA`);
  if (kty === 'OKP') refuse(`${at} is an Edwards or Montgomery key; use EC P-256, P-384 or RSA`);
  return refuse(`${at}.kty must be "EC" or "RSA"`);
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4: members that only a private or secret key has. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

function refusePrivateParts(jwk: Readonly<Record<string, unknown>>, at: string): void {
  const found = privateMembers.find((name) => name in jwk);
  if (found === undefined) return;
  refuse(
    `${at} holds private key material ("${found}"). Consider this key exposed: make a new pair and send only its public part`,
  );
}

function ellipticKey(jwk: Readonly<Record<string, unknown>>, at: string): ClientKey {
  const { crv } = jwk;
  if (crv !== 'P-256' && crv !== 'P-384') refuse(`${at}.crv must be "P-256" or "P-384"`);
  const bytes = crv === 'P-256' ? 32 : 48;
  const coordinates = { x: octets(jwk, 'x', at, bytes), y: octets(jwk, 'y', at, bytes) };
  importable({ kty: 'EC', crv, ...coordinates }, at, 'the point is not on the curve');
  const alg = algorithm(jwk, at, crv === 'P-256' ? ['ES256'] : ['ES384']);
  const thumbprint = thumbprintOf({ crv, kty: 'EC', ...coordinates });
  return { kty: 'EC', kid: kidOf(jwk, at, thumbprint), alg, use: 'sig', crv, ...coordinates };
}

function rsaKey(jwk: Readonly<Record<string, unknown>>, at: string): ClientKey {
  const n = octets(jwk, 'n', at);
  const e = octets(jwk, 'e', at);
  const key = importable({ kty: 'RSA', n, e }, at, 'n and e make no RSA key');
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < 2048) refuse(`${at} is an RSA key of ${bits} bits; 2048 or more are needed`);
  // Beyond this a verification costs more than the request it guards.
  if (bits > 8192) refuse(`${at} is an RSA key of ${bits} bits; at most 8192 are taken`);
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n;
  if (exponent < 3n || exponent % 2n === 0n) refuse(`${at}.e is not a safe public exponent`);
  const alg = algorithm(jwk, at, ['RS256', 'PS256']);
  return {
    kty: 'RSA',
    kid: kidOf(jwk, at, thumbprintOf({ e, kty: 'RSA', n })),
    alg,
    use: 'sig',
    n,
    e,
  };
}

function algorithm(
  jwk: Readonly<Record<string, unknown>>,
  at: string,
  fitting: readonly [ClientAlgorithm, ...ClientAlgorithm[]],
): ClientAlgorithm {
  if (jwk['alg'] === undefined) return fitting[0];
  const found = fitting.find((name) => name === jwk['alg']);
  return (
    found ?? refuse(`${at}.alg does not fit this key: ${fitting.join(' or ')}, or leave it out`)
  );
}

function kidOf(jwk: Readonly<Record<string, unknown>>, at: string, thumbprint: string): string {
  const { kid } = jwk;
  if (kid === undefined) return thumbprint;
  if (typeof kid === 'string' && /^[\x21-\x7e]{1,128}$/.test(kid)) return kid;
  return refuse(
    `${at}.kid must be 1 to 128 visible ASCII characters; leave it out to get the thumbprint`,
  );
}

/** Base64url without padding (RFC 7515 §2); `exactly` for the coordinates of a curve (RFC 7518 §6.2.1.2). */
function octets(
  jwk: Readonly<Record<string, unknown>>,
  name: string,
  at: string,
  exactly?: number,
): string {
  const value = jwk[name];
  if (typeof value !== 'string' || value === '') refuse(`${at}.${name} is missing`);
  if (/[+/=]/.test(value)) refuse(`${at}.${name} is base64; JWK uses base64url without padding`);
  if (!/^[\w-]+$/.test(value)) refuse(`${at}.${name} is not base64url`);
  const length = Buffer.from(value, 'base64url').length;
  if (exactly !== undefined && length !== exactly) {
    refuse(
      `${at}.${name} has ${length} octets; this curve needs ${exactly}, leading zeros included`,
    );
  }
  return value;
}

function importable(jwk: Readonly<Record<string, string>>, at: string, why: string) {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return refuse(`${at}: ${why}`);
  }
}

/** RFC 7638 §3: required members in lexicographic order; callers spell them so. */
const thumbprintOf = (members: Readonly<Record<string, string>>): string =>
  createHash('sha256').update(JSON.stringify(members)).digest('base64url');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuse(message: string): never {
  throw new MyKeyError('jwks-invalid', message);
}
