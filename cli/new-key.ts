import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { algorithmOf, publicJwkOf, readClientKey } from './client-key.ts';
import type { SetMember } from './key-proofs.ts';
import { CommandFailure, exitCodes } from './run-command.ts';

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
  const privateKey = generateKey(algorithm);
  const publicJwk = publicJwkOf(privateKey) as JWK;
  const about = {
    kid: await calculateJwkThumbprint(publicJwk),
    alg: algorithmOf(privateKey, path, algorithm),
    use: 'sig',
  };
  const privateJwk = { ...privateKey.export({ format: 'jwk' }), ...about };
  try {
    await writeFile(path, jsonText(privateJwk), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new CommandFailure(`${path} exists and is not overwritten`, exitCodes.failed, {
      cause: error,
    });
  }
  return { privateKey, jwk: { ...publicJwk, ...about } };
}

/** Adds the client id to a generated key file, where `npx mykey` looks for it. */
export async function nameClient(path: string, clientId: string): Promise<void> {
  const jwk = JSON.parse(await readFile(path, 'utf8')) as JWK;
  await writeFile(path, jsonText({ ...jwk, client_id: clientId }));
}

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
