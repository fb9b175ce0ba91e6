import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import { parseSubjectPublicKey, shapeOf } from '../../pki/x509/public-key.ts';
import { algorithmsOf, type ClientAlgorithm, type ClientKey } from './service.ts';
import { serviceLimits } from './limits.ts';

/** The result of parsing a JWK Set: accepted keys, and what is ignored. */
export interface ClientJwks {
  readonly keys: readonly ClientKey[];
  /** Position of each accepted key in the given set. */
  readonly places: readonly number[];
  /** Ignored keys and members by position and reason, without their content. */
  readonly ignored: readonly string[];
  /** JWTs of the member `proofs`, unverified. */
  readonly proofs: readonly string[];
}

/**
 * Accepts a JWK Set (RFC 7517) of public signature keys by value: EC P-256 or P-384, RSA ≥ 2048. An
 * absent `kid` becomes the RFC 7638 thumbprint; a key without `alg` may use every algorithm of its
 * type. Keys of another type or use are ignored and reported (RFC 7517 §5), and so are members that
 * nothing reads (§4). An invalid signature key, one with a validity period, or private key material
 * anywhere, refuses the whole set.
 * @throws MyKeyError `jwks-invalid`, whose message names the key by position and the cure
 */
export function readClientJwks(value: unknown): ClientJwks {
  const parsed = membersOf(value).map((key, index) => parseKey(key, `keys[${index}]`));
  const keys = parsed.filter((key) => typeof key !== 'string');
  const places = parsed.flatMap((key, index) => (typeof key === 'string' ? [] : [index]));
  const others = parsed.filter((key) => typeof key === 'string');
  if (keys.length === 0) refuse(others[0]!);
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length)
    refuse('two keys have the same kid');
  // Withdrawing one of the two would leave the key registered.
  if (new Set(keys.map(({ n, x }) => n ?? x)).size !== keys.length) {
    refuse(
      'one key stands there under two kids: send it once; an RSA key for two algs without alg',
    );
  }
  const ignored = [...others, ...unreadMembers(value, places)];
  return { keys, places, ignored, proofs: proofsOf(value) };
}

function proofsOf(value: unknown): readonly string[] {
  const { proofs = [] } = value as { readonly proofs?: unknown };
  if (!Array.isArray(proofs) || !proofs.every((proof) => typeof proof === 'string')) {
    refuse('send "proofs" as an array of JWTs, one for each key');
  }
  if (proofs.length > serviceLimits.keys) refuse(`more than ${serviceLimits.keys} proofs`);
  return proofs;
}

/** `ext` is what WebCrypto exports beside each key. */
const readOfAny = ['kty', 'use', 'key_ops', 'alg', 'kid', 'ext'];
const readMembers = { EC: [...readOfAny, 'crv', 'x', 'y'], RSA: [...readOfAny, 'n', 'e'] };

/** Members of the set and of accepted keys that nothing reads; names that are no ordinary ones are counted. */
function unreadMembers(value: unknown, places: readonly number[]): readonly string[] {
  const set = value as { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  return [
    ...unread('the set', set, ['keys', 'proofs']),
    ...places.flatMap((place) => {
      const key = set.keys[place]!;
      return unread(`keys[${place}]`, key, readMembers[key['kty'] as 'EC' | 'RSA']);
    }),
  ];
}

function unread(at: string, of: object, read: readonly string[]): readonly string[] {
  const names = Object.keys(of).filter((name) => !read.includes(name));
  const told = names.filter((name) => /^[A-Za-z][\w#]{0,30}$/.test(name)).slice(0, 8);
  if (names.length === 0) return [];
  const rest = names.length > told.length ? [`${names.length - told.length} more`] : [];
  const why = told.some((name) => name.startsWith('x5'))
    ? ': the key counts by itself, no certificate is looked at or fetched'
    : '';
  return [`${at} has members that are not used (${[...told, ...rest].join(', ')})${why}`];
}

/** @throws MyKeyError `jwks-invalid` */
export const parseClientJwks = (value: unknown): readonly ClientKey[] => readClientJwks(value).keys;

function membersOf(value: unknown): readonly unknown[] {
  if (!isObject(value)) refuse('send a JWK Set: { "keys": [ … ] }');
  if (!('keys' in value)) {
    if ('kty' in value) refuse('this is a single JWK: wrap it as { "keys": [ … ] }');
    if ('jwks_uri' in value) refuse(byValueOnly);
    refuse('the member "keys" is missing');
  }
  const { keys } = value;
  if (!Array.isArray(keys)) refuse('"keys" is not an array');
  if (keys.length === 0) refuse('"keys" is empty: one public key is needed');
  if (keys.length > serviceLimits.keys) refuse(`more than ${serviceLimits.keys} keys`);
  return keys;
}

/** Applies also to a `jwks_uri` next to the member for keys. */
export const byValueOnly =
  'keys are registered by value, as { "keys": [ … ] }; a jwks_uri is never fetched';

/** A key, or the reason why it cannot authenticate a client here. */
function parseKey(value: unknown, at: string): ClientKey | string {
  if (!isObject(value)) refuse(`${at} is not an object`);
  refusePrivateParts(value, at);
  if (value['use'] !== undefined && value['use'] !== 'sig') {
    return `${at}.use is not "sig": an encryption key cannot authenticate a client`;
  }
  const operations = value['key_ops'];
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return `${at}.key_ops does not include "verify"; leave key_ops out`;
  }
  for (const name of ['exp', 'nbf']) {
    if (name in value) {
      refuse(
        `leave ${at}.${name} out: keys do not expire here, withdraw them by registering a set without them`,
      );
    }
  }
  const { kty } = value;
  if (kty === 'EC') return ellipticKey(value, at);
  if (kty === 'RSA') return rsaKey(value, at);
  if (kty === 'OKP') return `${at} is an Edwards or Montgomery key; use EC P-256, P-384 or RSA`;
  if (typeof kty === 'string' && kty !== '') return `${at}.kty must be "EC" or "RSA"`;
  return refuse(`${at}.kty is missing: "EC" or "RSA"`);
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4: members of private and symmetric keys. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const pairNeeded = 'a key pair is needed, EC or RSA, of which only the public part is sent';

function refusePrivateParts(jwk: Readonly<Record<string, unknown>>, at: string): void {
  const found = privateMembers.find((name) => name in jwk);
  if (found === undefined) return;
  if (found === 'k')
    refuse(`${at} holds a shared secret ("k"). Treat it as compromised: ${pairNeeded}`);
  refuse(
    `${at} holds private key material ("${found}"). Treat this key as compromised: generate a new pair and send only its public part`,
  );
}

function ellipticKey(jwk: Readonly<Record<string, unknown>>, at: string): ClientKey | string {
  const { crv } = jwk;
  if (crv !== 'P-256' && crv !== 'P-384') return `${at}.crv must be "P-256" or "P-384"`;
  const bytes = crv === 'P-256' ? 32 : 48;
  const coordinates = { x: octets(jwk, 'x', at, bytes), y: octets(jwk, 'y', at, bytes) };
  const key = { kty: 'EC', use: 'sig', crv, ...coordinates } as const;
  importable({ kty: 'EC', crv, ...coordinates }, at, 'the point is not on the curve');
  return { ...key, ...namedBy(jwk, at, key) };
}

/** The engine's rules for certificate keys, in one place. */
function rsaKey(jwk: Readonly<Record<string, unknown>>, at: string): ClientKey {
  const [n, e] = [octets(jwk, 'n', at), octets(jwk, 'e', at)];
  for (const [name, value] of Object.entries({ n, e })) {
    // RFC 7518 §6.3.1.1 forbids leading zeros; the thumbprint would differ.
    if (Buffer.from(value, 'base64url')[0] === 0) refuse(`${at}.${name} has a leading zero octet`);
  }
  const key = { kty: 'RSA', use: 'sig', n, e } as const;
  const imported = importable({ kty: 'RSA', n, e }, at, 'n and e do not form an RSA key');
  const { modulusLength: bits = 0 } = imported.asymmetricKeyDetails ?? {};
  if (bits < 2048) refuse(`${at} is an RSA key of ${bits} bits; 2048 or more are needed`);
  const spki = imported.export({ type: 'spki', format: 'der' });
  if (shapeOf(parseSubjectPublicKey(spki))?.type !== 'rsa') refuse(whyNoRsaKey(key, bits, at));
  return { ...key, ...namedBy(jwk, at, key) };
}

function whyNoRsaKey({ n, e }: { n: string; e: string }, bits: number, at: string): string {
  const [modulus, exponent] = [Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url')];
  if (bits > 8192) return `${at} is an RSA key of ${bits} bits; at most 8192 are accepted`;
  if ((modulus.at(-1)! & 1) === 0) return `${at}.n is even, so it is not an RSA modulus`;
  if (exponent.length > 5) return `${at}.e has ${exponent.length} octets; at most 5 are accepted`;
  return `${at}.e is not a public exponent: use an odd number of at least 3, such as 65537 ("AQAB")`;
}

function namedBy(
  jwk: Readonly<Record<string, unknown>>,
  at: string,
  key: Omit<ClientKey, 'kid'>,
): { readonly kid: string; readonly alg?: ClientAlgorithm } {
  const kid = kidOf(jwk, at, keyThumbprint(key));
  const fitting = algorithmsOf(key);
  if (jwk['alg'] === undefined) return fitting.length === 1 ? { kid, alg: fitting[0]! } : { kid };
  const alg = fitting.find((name) => name === jwk['alg']);
  if (alg === undefined) {
    refuse(`${at}.alg does not fit this key: ${fitting.join(' or ')}, or leave it out`);
  }
  return { kid, alg };
}

function kidOf(jwk: Readonly<Record<string, unknown>>, at: string, thumbprint: string): string {
  const { kid } = jwk;
  if (kid === undefined) return thumbprint;
  if (typeof kid === 'string' && /^[\x21-\x7e]{1,128}$/.test(kid)) return kid;
  return refuse(
    `${at}.kid must be 1 to 128 visible ASCII characters; leave it out to get the thumbprint`,
  );
}

/**
 * Base64url without padding (RFC 7515 §2); `exactly`: length of a curve's coordinates (RFC 7518
 * §6.2.1.2).
 */
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
  const bytes = Buffer.from(value, 'base64url');
  const { length } = bytes;
  if (exactly !== undefined && length !== exactly) {
    refuse(
      `${at}.${name} has ${length} octets; this curve needs ${exactly}, leading zeros included`,
    );
  }
  // RFC 4648 §3.5: pad bits must be zero, so that each key has one encoding.
  if (bytes.toString('base64url') !== value) refuse(`${at}.${name} is not canonical base64url`);
  return value;
}

function importable(jwk: Readonly<Record<string, string>>, at: string, why: string): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return refuse(`${at}: ${why}`);
  }
}

/** RFC 7638 §3: the required members in lexicographic order. */
export function keyThumbprint({ kty, crv, x, y, n, e }: Omit<ClientKey, 'kid'>): string {
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuse(message: string): never {
  throw new MyKeyError('jwks-invalid', message);
}
