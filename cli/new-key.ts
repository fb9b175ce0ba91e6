import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { algorithmOf, publicJwkOf, readClientKey } from './client-key.ts';
import type { SetMember } from './key-proofs.ts';
import { CommandFailure, exitCodes } from './run-command.ts';
import { textIfPresent } from './text-if-present.ts';

/** A client key with its public JWK. */
export type KeyWithJwk = Required<SetMember>;

/** Loads an existing private key. `alg`: algorithm of an RSA key whose file does not name one. */
export async function existingKey(path: string, alg: string | undefined): Promise<KeyWithJwk> {
  const { privateKey, keyId, algorithm } = await readClientKey(path, alg);
  const publicJwk = publicJwkOf(privateKey) as JWK;
  const kid = keyId ?? (await calculateJwkThumbprint(publicJwk));
  return { privateKey, jwk: { ...publicJwk, kid, alg: algorithm, use: 'sig' } };
}

/**
 * Generates a key pair and writes the private key as a JWK with mode 0600.
 * @throws CommandFailure if the file exists: it is never overwritten
 */
export async function writeNewKey(path: string, algorithm: string): Promise<KeyWithJwk> {
  const key = await generatedKey(path, algorithm);
  await createKeyFile(path, privateJwkOf(key));
  return key;
}

/** A request that registers the key of a file, kept in that file until its outcome is known. */
interface PendingRequest {
  /** What the command was asked for; a repeated command has an equal one. */
  readonly purpose: object;
  /** Sent again as it is, because the proofs in it cannot be made a second time. */
  readonly body?: object;
}

export interface PendingKey<Body> {
  readonly key: KeyWithJwk;
  readonly body: Body;
  /** False: the file is of an earlier command whose outcome is unknown. */
  readonly isNew: boolean;
}

/**
 * Generates a key pair for a request and writes both to a file with mode 0600, or returns what an
 * earlier command with the same purpose wrote. `registered` ends the pending state.
 * @throws CommandFailure if the file exists and has another purpose or none
 */
export async function pendingKey<Body extends object | undefined>(
  path: string,
  algorithm: string,
  purpose: object,
  bodyFor: (key: KeyWithJwk) => Promise<Body>,
): Promise<PendingKey<Body>> {
  const pending = await pendingRequest(path);
  if (pending !== undefined) {
    if (JSON.stringify(pending.purpose) !== JSON.stringify(purpose)) {
      throw new CommandFailure(
        `repeat the command that made ${path}: the platform may have registered its key for ${JSON.stringify(pending.purpose)}; or give another --out`,
      );
    }
    const { privateKey, jwk } = await existingKey(path, undefined);
    return { key: { privateKey, jwk }, body: pending.body as Body, isNew: false };
  }
  const key = await generatedKey(path, algorithm);
  const body = await bodyFor(key);
  const request: PendingRequest = { purpose, ...(body !== undefined && { body }) };
  await createKeyFile(path, { ...privateJwkOf(key), [pendingMember]: request });
  return { key, body, isNew: true };
}

/** The key is registered: adds the client id, where `npx mykey` looks for it. */
export async function nameClient(path: string, clientId: string): Promise<void> {
  const jwk = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  delete jwk[pendingMember];
  // Replaced in one step: a full disk must not cost the private key.
  const next = `${path}.${randomUUID()}`;
  try {
    await writeFile(next, jsonText({ ...jwk, client_id: clientId }), { mode: 0o600, flag: 'wx' });
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

/** Readers of a JWK ignore members that they do not know (RFC 7517 §4). */
const pendingMember = 'mykey_pending';

async function pendingRequest(path: string): Promise<PendingRequest | undefined> {
  const text = await textIfPresent(path);
  if (text === undefined) return undefined;
  try {
    const pending = (JSON.parse(text) as Record<string, unknown>)[pendingMember];
    if (typeof pending === 'object' && pending !== null && 'purpose' in pending) {
      return pending as PendingRequest;
    }
  } catch {
    // Not a key file: refused below.
  }
  throw overwritten(path);
}

async function generatedKey(path: string, algorithm: string): Promise<KeyWithJwk> {
  const privateKey = generateKey(algorithm);
  const publicJwk = publicJwkOf(privateKey) as JWK;
  const kid = await calculateJwkThumbprint(publicJwk);
  const alg = algorithmOf(privateKey, path, algorithm);
  return { privateKey, jwk: { ...publicJwk, kid, alg, use: 'sig' } };
}

const privateJwkOf = ({ privateKey, jwk: { kid, alg, use } }: KeyWithJwk): object => ({
  ...(privateKey as KeyObject).export({ format: 'jwk' }),
  kid,
  alg,
  use,
});

async function createKeyFile(path: string, content: object): Promise<void> {
  try {
    await writeFile(path, jsonText(content), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw overwritten(path, error);
  }
}

const overwritten = (path: string, cause?: unknown): CommandFailure =>
  new CommandFailure(`${path} exists and is not overwritten`, exitCodes.failed, { cause });

const jsonText = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** RSA-3072 has 128 bits of security strength like P-256 (NIST SP 800-57 part 1, table 2). */
function generateKey(algorithm: string): KeyObject {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    case 'PS256':
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey;
    default:
      throw new CommandFailure(`--alg ${algorithm} is not supported`, exitCodes.usage);
  }
}
